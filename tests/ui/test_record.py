"""A conversation while it is being kept."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa import QA
from tests.ui.steps import LUKASHENKO
from ui import render
from ui.history import History
from ui.history_file import NAME
from ui.record import Record
from ui.talk import Reply, Talk

ANN = "user ann"


@pytest.fixture(scope="module")
def session(seed_index: Path) -> Iterator[QA]:
    with QA.open(seed_index) as session:
        yield session


def ask(talk: Talk, question: str) -> Reply:
    *_, reply = talk.ask(question)
    return reply


def test_a_conversation_is_shown_again_as_it_was_and_goes_on(session: QA, tmp_path: Path) -> None:
    history = History(tmp_path)
    talk = Talk(session, record=Record(session, history, ANN))
    first = ask(talk, LUKASHENKO)
    assert first.accepted and "Putin" in first.html
    (entry,) = history.entries(ANN)
    assert talk.conversation == entry.id

    record = Record(session, history, ANN, entry.id)
    turns, said = record.before()

    assert said == render.turn(LUKASHENKO, first.html)
    again = ask(Talk(session, turns, record), "Why did he do so?")
    assert again.accepted and "Searched for" in again.html
    assert [kept.number for kept in history.answers(ANN, entry.id)] == [1, 2]


def test_a_refused_question_is_not_kept(session: QA, tmp_path: Path) -> None:
    history = History(tmp_path)

    reply = ask(Talk(session, record=Record(session, history, ANN)), "Why? " * 1000)

    assert not reply.accepted and reply.done
    assert "are allowed" in reply.html and "data-turn" not in reply.html
    assert history.entries(ANN) == []


def test_an_answer_that_cannot_be_kept_is_shown_and_says_so(session: QA, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / NAME) as db:
        db.execute("PRAGMA user_version = 99")

    reply = ask(Talk(session, record=Record(session, History(tmp_path), ANN)), LUKASHENKO)

    assert reply.accepted
    assert "Putin" in reply.html and "This answer is not kept" in reply.html
    assert "another version of article-qa" in reply.html and "data-turn" not in reply.html


def test_where_a_conversation_was_deleted_meanwhile_the_next_answer_begins_another(session: QA, tmp_path: Path) -> None:
    history = History(tmp_path)
    talk = Talk(session, record=Record(session, history, ANN))
    ask(talk, LUKASHENKO)
    history.delete(ANN, history.entries(ANN)[0].id)

    reply = ask(talk, "Why did the Lady Maren sink?")

    (entry,) = history.entries(ANN)
    assert entry.title == "Why did the Lady Maren sink?"
    assert talk.conversation == entry.id and 'data-turn="1"' in reply.html


def test_without_a_record_nothing_is_kept(session: QA) -> None:
    talk = Talk(session)
    reply = ask(talk, LUKASHENKO)
    assert "Putin" in reply.html and "data-turn" not in reply.html
    assert talk.conversation is None
