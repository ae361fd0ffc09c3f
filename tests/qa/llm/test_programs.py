"""The command line with a language model."""

import json
from pathlib import Path

import pytest

from qa.cli import main
from tests.qa.llm.conftest import Serve
from tests.qa.llm.servers import KEY, Script, Scripted, Status, says, sentences

QUESTION = "Who did Lukashenko ask for help?"
TRUE = "Lukashenko turned to Vladimir Putin for help."
FALSE = "Lukashenko turned to Emmanuel Macron for help."


@pytest.fixture
def flags(serve: Serve, seed_index: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def start(script: Script) -> list[str]:
        server: Scripted = serve(script)
        return ["--index", str(seed_index), "--llm", server.llm, "--llm-base-url", server.url, "--llm-timeout", "60"]

    return start


def test_ask_shows_sentences_with_their_numbers_and_marks_the_others(flags, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", QUESTION, *flags(says(sentences((TRUE, [1]), (FALSE, [1]))))]) == 0
    shown = capsys.readouterr().out
    assert f"{TRUE} [1]\n" in shown
    assert f"{FALSE} (unverified)\n" in shown
    assert "[1] Lukashenko has turned to" in shown
    assert "Confidence" not in shown


def test_ask_says_why_the_answer_is_extracted(flags, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", QUESTION, *flags(lambda request: Status(401, KEY))]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("Vladimir Putin\n")
    assert "refused the key" in " ".join(shown.out.split())
    assert KEY not in shown.out + shown.err


def test_ask_json_holds_the_statements(flags, capsys: pytest.CaptureFixture[str]) -> None:
    main(["ask", QUESTION, "--json", *flags(says(sentences((TRUE, [1]))))])
    answer = json.loads(capsys.readouterr().out)
    (statement,) = answer["statements"]
    assert (statement["text"], statement["verified"], statement["cited"]) == (TRUE, True, [1])
    assert (answer["answer"], answer["reader"], answer["confidence"]) == (TRUE, "openai:scripted", None)
    assert answer["usage"] == {"input_tokens": 120, "output_tokens": 30}


def test_a_model_that_cannot_be_opened_is_an_error(seed_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", QUESTION, "--index", str(seed_index), "--llm", "anthropic:claude"]) == 1
    assert "pip install 'article-qa[anthropic]'" in capsys.readouterr().err


def test_eval_adds_how_far_the_citations_hold(flags, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"question": QUESTION, "answers": ["Vladimir Putin"]}) + "\n")
    # A sentence that passages 1 and 9 are cited for, of which one alone bears it out; and a wrong one.
    told = sentences((TRUE, [1, 9]), (FALSE, [1]))
    assert main(["eval", str(questions), "--json", *flags(says(told))]) == 0
    written = json.loads(capsys.readouterr().out)["generation"]
    assert (written["sentences"], written["verified"]) == (2, 0.5)
    assert written["citation_recall"] == 0.5
    assert written["citation_precision"] == pytest.approx(1 / 3, abs=1e-3)
    assert (written["gold_in_answer"], written["fallbacks"]) == (1.0, 0)
    assert (written["input_tokens"], written["output_tokens"]) == (120, 30)
    assert main(["eval", str(questions), *flags(says(told))]) == 0
    assert "borne out by the passages they name (recall)" in capsys.readouterr().out


def test_eval_without_a_model_says_nothing_of_it(
    seed_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"question": QUESTION, "answers": ["Vladimir Putin"]}) + "\n")
    assert main(["eval", str(questions), "--json", "--index", str(seed_index)]) == 0
    assert json.loads(capsys.readouterr().out)["generation"] is None
