"""The command line: what it prints where, and its exit status."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qa.cli import main

QUESTION = "How many people were aboard the Lady Isolde?"


def run(*arguments: object, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "qa", *map(str, arguments)]
    return subprocess.run(command, input=given, capture_output=True, text=True, env=os.environ)


def printed_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    main([*map(str, arguments), "--json"])
    return json.loads(capsys.readouterr().out)


def test_ask_prints_the_answer_and_its_citation(seed_index: Path) -> None:
    done = run("ask", QUESTION, "--index", seed_index)
    assert done.returncode == 0
    assert done.stdout.startswith("96")
    assert ", 2020-11-21" in done.stdout
    assert done.stderr == ""


def test_ask_json_is_one_object_whose_quotes_stand_in_the_articles(
    seed_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = printed_json(capsys, "ask", QUESTION, "--index", seed_index)
    assert answer["answer"].startswith("96")
    for citation in answer["citations"]:
        article = printed_json(capsys, "articles", "show", citation["article_id"], "--index", seed_index)
        assert citation["quote"] == article["text"][citation["start"] : citation["end"]]


def test_an_honest_do_not_know_is_no_error(seed_index: Path) -> None:
    done = run("ask", "Who won the 1998 World Cup?", "--index", seed_index)
    assert done.returncode == 0
    assert done.stdout.startswith("The articles do not say.")
    assert "Nearest passages:" in done.stdout


def test_chat_answers_line_by_line(seed_index: Path) -> None:
    done = run("chat", "--json", "--index", seed_index, given=f"{QUESTION}\n\nnever read\n")
    assert [json.loads(line)["question"] for line in done.stdout.splitlines()] == [QUESTION]
    assert done.returncode == 0


def test_index_reports_what_it_did_and_the_second_time_embeds_nothing(
    tmp_path: Path, seeds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, index = tmp_path / "articles", tmp_path / "articles.index"
    shutil.copytree(seeds, folder)
    first = printed_json(capsys, "index", folder, "--index", index)
    again = printed_json(capsys, "index", folder, "--index", index)
    assert first["added"] == again["unchanged"] >= 20
    assert (again["chunks_embedded"], again["added"], again["failed"]) == (0, 0, [])


def test_a_bad_file_is_named_and_the_rest_is_indexed(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("date 2021-04-01 The lighthouse of Grenna was sold on Monday.")
    (tmp_path / "empty.txt").write_text("")
    done = run("index", tmp_path, "--index", tmp_path / "new.index")
    assert done.returncode == 1
    assert "1 added" in done.stderr
    assert f"not indexed: {tmp_path / 'empty.txt'}: the file is empty" in done.stderr
    assert done.stdout == ""


def test_articles_are_listed_shown_and_removed(
    seed_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = tmp_path / "articles.index"
    shutil.copytree(seed_index, index)
    main(["articles", "list", "--json", "--index", str(index)])
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    dates = [article["date"] for article in listed]
    assert dates[:-1] == sorted(dates[:-1], reverse=True) and dates[-1] is None
    gone = listed[0]["id"]
    assert printed_json(capsys, "articles", "remove", gone, "--index", index) == {"removed": 1}
    assert main(["articles", "show", gone, "--index", str(index)]) == 1
    assert f"no article {gone}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask", ""], "the question is empty"),
        (["ask", "x" * 10_000], "10,000 characters"),
        (["ask", "Who?", "--since", "soon"], "'soon' is not a date"),
        (["ask", "Who?", "-k", "0"], "QA_PASSAGES"),
        (["ask", "Who?", "--embedding-model", "another-model"], "was built with the embedding model all-MiniLM-L6-v2"),
        (["articles", "remove", "nonesuch"], "no article nonesuch"),
    ],
)
def test_bad_input_gets_one_line_with_cause_and_remedy(
    seed_index: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main([*arguments, "--index", str(seed_index)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: ") and message in shown.err
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["ask"], ["nonesuch"], ["articles"]])
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    assert exit.value.code == 2


def test_an_unforeseen_error_shows_no_traceback(
    seed_index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("qa.session.QA.ask", lambda *_, **__: 1 / 0)
    assert main(["ask", "Who?", "--index", str(seed_index)]) == 1
    assert capsys.readouterr().err == (
        "error: unexpected ZeroDivisionError: division by zero. Run with --verbose for the details\n"
    )
