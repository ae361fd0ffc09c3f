"""A conversation while it is being kept."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa import QA
from tests.ui.steps import LUKASHENKO
from ui.history import History
from ui.history_file import NAME
from ui.record import Record
from ui.talk import Talk

ANN = "user ann"


@pytest.fixture(scope="module")
def session(seed_index: Path) -> Iterator[QA]:
    with QA.open(seed_index) as session:
        yield session


def ask(talk: Talk, question: str) -> bool:
    *_, accepted = talk.ask(question)
    return accepted


def test_a_conversation_is_shown_again_as_it_was_and_goes_on(session: QA, tmp_path: Path) -> None:
    history = History(tmp_path)
    talk = Talk(session, Record(session, history, ANN))
    assert ask(talk, LUKASHENKO) and "Putin" in talk.html
    (entry,) = history.entries(ANN)

    again = Talk(session, Record(session, history, ANN, entry.id))

    assert again.html == talk.html and f'data-conversation="{entry.id}"' in again.html
    assert ask(again, "Why did he do so?") and "Searched for" in again.html
    assert [kept.number for kept in history.answers(ANN, entry.id)] == [1, 2]


def test_a_refused_question_is_not_kept(session: QA, tmp_path: Path) -> None:
    history = History(tmp_path)
    talk = Talk(session, Record(session, history, ANN))

    assert not ask(talk, "Why? " * 1000)

    assert "are allowed" in talk.html and "data-turn" not in talk.html
    assert history.entries(ANN) == []


def test_an_answer_that_cannot_be_kept_is_shown_and_says_so(session: QA, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / NAME) as db:
        db.execute("PRAGMA user_version = 99")
    talk = Talk(session, Record(session, History(tmp_path), ANN))

    assert ask(talk, LUKASHENKO)

    assert "Putin" in talk.html and "This answer is not kept" in talk.html
    assert "another version of article-qa" in talk.html and "data-turn" not in talk.html


def test_where_a_conversation_was_deleted_meanwhile_the_next_answer_begins_another(session: QA, tmp_path: Path) -> None:
    history = History(tmp_path)
    talk = Talk(session, Record(session, history, ANN))
    ask(talk, LUKASHENKO)
    history.delete(ANN, history.entries(ANN)[0].id)

    ask(talk, "Why did the Lady Maren sink?")

    (entry,) = history.entries(ANN)
    assert entry.title == "Why did the Lady Maren sink?"
    assert talk.html.count('data-turn="1"') == 1 and "Putin" in talk.html


def test_without_a_record_nothing_is_kept(session: QA) -> None:
    talk = Talk(session)

    assert ask(talk, LUKASHENKO)
    assert "Putin" in talk.html and "data-conversation" not in talk.anew().html
