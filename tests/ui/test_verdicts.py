"""Thumbs: what readers thought of answers, ready for `qa eval`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import ArticleQAError
from qa import QA
from qa.evaluation.questions import read_questions
from tests.ui.conftest import ROOT
from ui import recheck, verdicts
from ui.history import History

STORY = "The lighthouse of Grenna was sold to Ottilie Brandt for 300 crowns on Monday.\n"


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """The folder of an index with three judged answers and one that is not."""
    (tmp_path / "grenna.txt").write_text(STORY)
    with QA.open(tmp_path / "articles.index", create=True) as session:
        session.add(tmp_path / "grenna.txt")
        history = History(tmp_path / "articles.index")
        chat, id_ = session.conversation(), None
        asked = ("Who bought the lighthouse of Grenna?", "For how much was it sold?", "Who wrote Hamlet?", "Why?")
        for question, verdict in zip(asked, ("up", "down", "up", None), strict=True):
            answer = chat.ask(question)
            id_, number = history.add("user ann", id_, recheck.keep(answer), recheck.words_of(answer))
            history.judge("user ann", id_, number, verdict, f"a note on {question}")
        history.close()
    return tmp_path / "articles.index"


def test_judged_answers_are_written_as_questions_that_qa_eval_reads(judged: Path, tmp_path: Path) -> None:
    file = tmp_path / "judged.jsonl"

    command = [sys.executable, "-m", "ui", "--index", str(judged), "--feedback", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0 and f"3 judged answers are in {file}" in done.stderr
    good, bad, silent = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert good["answers"] == [good["given"]] and "Ottilie Brandt" in good["given"] and good["answer_in_articles"]
    assert good["note"] == "a note on Who bought the lighthouse of Grenna?"
    assert bad["verdict"] == "down" and bad["answers"] == [] and bad["answer_in_articles"] is None
    assert "Grenna" in bad["question"]  # a follow-up as it can be asked by itself
    assert silent["answers"] == [] and silent["answer_in_articles"] is False

    questions = read_questions(file, max_chars=2000)
    assert [question.answerable for question in questions] == [True, False]  # nobody knows what the bad one should be
    with QA.open(judged) as session:
        assert questions[0].article_ids == tuple(article.id for article in session.articles())


def test_a_bad_answer_counts_once_the_right_one_is_filled_in(tmp_path: Path) -> None:
    line = {"id": "x", "question": "Who?", "answers": [], "verdict": "down"}
    file = tmp_path / "judged.jsonl"
    file.write_text(json.dumps(line))
    with pytest.raises(ArticleQAError, match="Fill in the right answers"):
        read_questions(file, max_chars=2000)

    file.write_text(json.dumps(line | {"answers": ["Brandt"]}))
    assert [question.golds for question in read_questions(file, max_chars=2000)] == [("Brandt",)]


def test_a_note_is_no_markup() -> None:
    html = verdicts.thumbs(1, "up", '"><img src=x onerror=alert(1)>')

    assert "<img" not in html and 'value="&quot;&gt;&lt;img' in html
    assert html.count('aria-pressed="true"') == 1
    assert "<form" not in verdicts.thumbs(1)


def test_a_file_that_cannot_be_written_is_named(judged: Path, tmp_path: Path) -> None:
    with QA.open(judged) as session, pytest.raises(ArticleQAError, match="cannot be written"):
        verdicts.export(History(judged), session, tmp_path / "nowhere" / "x.jsonl")
