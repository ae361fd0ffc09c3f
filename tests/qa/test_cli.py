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


@pytest.fixture
def own_index(seed_index: Path, tmp_path: Path) -> Path:
    """An index of the seeds that is the test's own."""
    return Path(shutil.copytree(seed_index, tmp_path / "articles.index"))


def test_doctor_finds_a_sound_index_sound(own_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--index", str(own_index)]) == 0
    assert capsys.readouterr().out == "The index is sound.\n"


def test_doctor_names_damage_and_mends_it_when_asked_to(own_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for edition in own_index.glob("vectors-*"):
        shutil.rmtree(edition)
    assert main(["doctor", "--index", str(own_index)]) == 1
    assert capsys.readouterr().out.startswith("edition: ")
    assert main(["doctor", "--repair", "--index", str(own_index)]) == 0
    assert capsys.readouterr().out.endswith("All is mended.\n")
    assert printed_json(capsys, "doctor", "--index", own_index) == {"findings": [], "repaired": False, "lost": []}


def test_exported_index_is_imported_elsewhere(
    own_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup, other = str(tmp_path / "backup.jsonl.gz"), str(tmp_path / "other.index")
    assert main(["index", "--export", backup, "--index", str(own_index)]) == 0
    assert main(["index", "--import", backup, "--index", other]) == 0
    capsys.readouterr()
    listed = []
    for index in (str(own_index), other):
        main(["articles", "list", "--index", index])
        listed.append(capsys.readouterr().out)
    assert listed[0] == listed[1] != ""


def test_rebuilt_index_keeps_its_articles_and_the_other_model(
    own_index: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = printed_json(capsys, "index", "--rebuild", "--embedding-model", tiny_model, "--index", own_index)
    assert report["changed"] == 32
    answer = printed_json(capsys, "ask", QUESTION, "--index", own_index)
    assert answer["passages"]


def test_article_shows_its_earlier_versions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index, story = str(tmp_path / "articles.index"), tmp_path / "toll.txt"
    for toll in (12, 17):
        story.write_text(f"The toll stands at {toll}.")
        assert main(["index", str(story), "--index", index]) == 0
    capsys.readouterr()
    main(["articles", "list", "--index", index])
    id_ = capsys.readouterr().out.split()[0]
    (version,) = printed_json(capsys, "articles", "show", id_, "--index", index)["versions"]
    assert version["text"] == "The toll stands at 12."
    main(["articles", "show", id_, "--index", index])
    assert "earlier version: " in capsys.readouterr().out


def test_answer_names_who_else_carries_the_story(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = " ".join(f"The lighthouse of Vell was lit by Ada Grenna in the year {year}." for year in range(1871, 1880))
    records = [
        {"url": f"https://{name}.example/1", "title": "Lit", "source": name, "date": f"2021-01-0{day}", "text": story}
        for day, name in enumerate(("first", "second", "third"), start=1)
    ]
    (tmp_path / "wire.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    index = str(tmp_path / "articles.index")
    main(["index", str(tmp_path / "wire.jsonl"), "--index", index])
    capsys.readouterr()
    answer = printed_json(capsys, "ask", "Who lit the lighthouse of Vell?", "--index", index)
    (citation, *_) = answer["citations"]
    assert citation["source"] == "first"
    assert [reprint["source"] for reprint in citation["reprints"]] == ["second", "third"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["ask"],
        ["nonesuch"],
        ["articles"],
        ["index"],
        ["index", "seeds", "--rebuild"],
        ["index", "--export", "a.jsonl", "--import", "b.jsonl"],
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    assert exit.value.code == 2


def test_an_unforeseen_error_shows_no_traceback(
    seed_index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("qa.session.QA.stream", lambda *_, **__: 1 / 0)
    assert main(["ask", "Who?", "--index", str(seed_index)]) == 1
    assert capsys.readouterr().err == (
        "error: unexpected ZeroDivisionError: division by zero. Run with --verbose for the details\n"
    )
