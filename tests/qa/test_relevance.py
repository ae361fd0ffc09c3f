"""Articles that do not say are told from articles about something else."""

import json
from pathlib import Path

import pytest

import qa
from qa.relevance import is_about

LINES = Path(__file__).with_name("span_questions.jsonl").read_text().splitlines()
SILENT = [question for question in map(json.loads, LINES) if question["kind"] == "silent"]
MISLEADING, OFF_TOPIC = SILENT[:10], SILENT[10:]


def test_most_questions_about_an_article_are_known_as_such_and_most_others_too(session: qa.QA) -> None:
    about, other = (
        [is_about(item["question"], session.index.search(item["question"])) for item in questions]
        for questions in (MISLEADING, OFF_TOPIC)
    )
    assert sum(about) >= 9
    assert sum(other) <= 1


@pytest.mark.parametrize("question", ["", "???"])
def test_nothing_is_about_nothing(session: qa.QA, question: str) -> None:
    assert not is_about(question, session.index.search("ferry"))
    assert not is_about("Who asked for help?", [])


def test_words_of_earlier_turns_are_not_asked_for(session: qa.QA) -> None:
    """In a conversation on the president, a painting is still nothing that the articles are about."""
    passages = session.index.search("Who painted the Mona Lisa? (Lukashenko Putin president Belarus election)")
    assert not is_about("Who painted the Mona Lisa? (Lukashenko Putin president Belarus election)", passages)
    assert is_about("Who won the election? (Mona Lisa)", session.index.search("Who won the election?"))


def test_an_answer_says_which(session: qa.QA) -> None:
    silent = [session.ask(question) for question in ("Who painted the Mona Lisa?", "Who wrote Hamlet?")]
    assert [(answer.text, answer.related) for answer in silent] == [(None, False)] * 2
    assert session.ask("Who did Lukashenko ask for help?").related
