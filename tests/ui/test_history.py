"""Kept conversations: each its owner's alone, whole after any crash, and never more than is said."""

import json
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.ui.conftest import ROOT
from ui.history import MAX_ANSWERS, MAX_TITLE_CHARS, History
from ui.history_file import NAME, HistoryError
from ui.owner import owner_of

ANN, BOB = "user ann", "browser b0b"
ANSWER = {"answer": {"question": "Who?"}}


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path)


def test_an_answer_begins_a_conversation_that_the_next_one_goes_on(history: History) -> None:
    first, number = history.add(ANN, None, ANSWER, ["Who  sold\nit?", "Grenna"])
    again, next_number = history.add(ANN, first, ANSWER, ["Why?"])

    (entry,) = history.entries(ANN)
    assert (first, number, next_number) == (again, 1, 2)
    assert (entry.id, entry.title, entry.answers) == (first, "Who sold it?", 2)
    assert [kept.answer for kept in history.answers(ANN, first)] == [ANSWER, ANSWER]


def test_nobody_else_sees_or_changes_a_conversation(history: History) -> None:
    id_, _ = history.add(ANN, None, ANSWER, ["Who?"])

    assert history.entries(BOB) == [] and history.entry(BOB, id_) is None
    assert history.answers(BOB, id_) == []
    assert not history.rename(BOB, id_, "mine") and not history.delete(BOB, id_)
    assert not history.judge(BOB, id_, 1, "down")
    theirs, number = history.add(BOB, id_, ANSWER, ["Who?"])
    assert theirs != id_ and number == 1
    assert history.entry(ANN, id_) == history.entries(ANN)[0]


def test_all_words_are_found_in_title_questions_and_answers_whatever_their_case(history: History) -> None:
    id_, _ = history.add(ANN, None, ANSWER, ["Who sold Grenna?", "Ottilie Brandt", "It cost 100% of ÉMILE's_money."])
    history.add(ANN, None, ANSWER, ["Something else"])
    history.rename(ANN, id_, "Straße")

    for wanted in ("GRENNA brandt", "émile", "100%", "strasse ottilie", "s_m"):
        assert [entry.id for entry in history.entries(ANN, wanted)] == [id_], wanted
    assert history.entries(ANN, "grenna else") == [] and history.entries(ANN, "1%0") == []


def test_the_latest_changed_comes_first(history: History, tmp_path: Path) -> None:
    first, _ = history.add(ANN, None, ANSWER, ["First"])
    second, _ = history.add(ANN, None, ANSWER, ["Second"])
    assert [entry.id for entry in history.entries(ANN, limit=1)] in ([second], [first])  # in one millisecond, perhaps

    with sqlite3.connect(tmp_path / NAME) as db:
        db.execute("UPDATE conversations SET changed = '2999-01-01T00:00:00+00:00' WHERE id = ?", [first])
    assert [entry.title for entry in history.entries(ANN)] == ["First", "Second"]


def test_a_deleted_conversation_is_erased_from_the_disk(history: History, tmp_path: Path) -> None:
    id_, _ = history.add(ANN, None, {"answer": "quicksilver"}, ["quicksilver"])

    assert history.delete(ANN, id_)

    assert not any(b"quicksilver" in file.read_bytes() for file in tmp_path.iterdir())


def test_a_verdict_is_put_changed_and_taken_away(history: History) -> None:
    id_, number = history.add(ANN, None, ANSWER, ["Who?"])

    assert history.judge(ANN, id_, number, "up", " good ")
    (kept,) = history.answers(ANN, id_)
    assert (kept.verdict, kept.note) == ("up", "good")
    assert history.judge(ANN, id_, number, None, "left over")
    (kept,) = history.answers(ANN, id_)
    assert (kept.verdict, kept.note) == (None, "")
    assert not history.judge(ANN, id_, number, "sideways") and not history.judge(ANN, id_, 7, "up")


def test_what_is_too_much_is_refused_in_words(history: History, tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="1,000,000 are kept"):
        history.add(ANN, None, {"answer": "x" * 1_000_000}, ["Who?"])
    id_, _ = history.add(ANN, None, ANSWER, ["long " * 100])
    assert len(history.entries(ANN)[0].title) <= MAX_TITLE_CHARS
    with sqlite3.connect(tmp_path / NAME) as db:
        db.execute("UPDATE answers SET number = ?", [MAX_ANSWERS])
    with pytest.raises(HistoryError, match="Begin a new one"):
        history.add(ANN, id_, ANSWER, ["Who?"])


def test_only_the_owner_of_the_index_can_read_the_file(history: History, tmp_path: Path) -> None:
    history.add(ANN, None, ANSWER, ["Who?"])

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes[NAME] == 0o600 and set(modes.values()) == {0o600}


def test_nothing_is_made_before_there_is_something_to_keep(history: History, tmp_path: Path) -> None:
    assert history.entries(ANN) == [] and list(history.judged()) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", [b"not a database at all" * 100, None])
def test_a_file_that_cannot_be_used_says_why(history: History, tmp_path: Path, damage: bytes | None) -> None:
    if damage:
        (tmp_path / NAME).write_bytes(damage)
    else:
        with sqlite3.connect(tmp_path / NAME) as db:
            db.execute("PRAGMA user_version = 2")

    with pytest.raises(HistoryError, match=NAME):
        history.entries(ANN)


def test_threads_and_processes_keep_answers_of_one_conversation_at_once(history: History, tmp_path: Path) -> None:
    id_, _ = history.add(ANN, None, ANSWER, ["Who?"])
    script = (
        "import sys; from pathlib import Path; from ui.history import History; h = History(Path(sys.argv[1]))\n"
        f"for _ in range(20): h.add({ANN!r}, sys.argv[2], {ANSWER!r}, ['Who?'])"
    )

    def work() -> None:
        for _ in range(20):
            history.add(ANN, id_, ANSWER, ["Who?"])

    other = subprocess.Popen([sys.executable, "-c", script, str(tmp_path), id_], cwd=ROOT)
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert other.wait(timeout=60) == 0
    assert [kept.number for kept in history.answers(ANN, id_)] == list(range(1, 82))


def test_what_is_stored_of_a_browsers_secret_does_not_tell_it() -> None:
    secret = "0123456789abcdef" * 3

    owner = owner_of(secret)
    assert owner and secret not in owner and owner == owner_of(secret)
    assert owner_of("f" + secret[1:]) != owner
    assert [owner_of(other) for other in (None, "", "short", 7, f"{secret}'", {"user": "ann"})] == [None] * 6


@pytest.mark.parametrize("given", ["event", "server function"])
def test_who_signed_in_owns_conversations_whatever_the_secret(given: str) -> None:
    from gradio import Request
    from gradio.context import LocalContext
    from starlette.requests import Request as Plain

    plain = Plain({"type": "http", "article_qa.user": "ann"})
    token = LocalContext.request.set(Request(username="ann") if given == "event" else plain)  # type: ignore[arg-type]
    try:
        assert owner_of("0" * 32) == owner_of(None) == "user ann"
    finally:
        LocalContext.request.reset(token)


def test_half_a_character_is_no_obstacle(history: History) -> None:
    id_, _ = history.add(ANN, None, {"answer": "x\ud800"}, ["Who \ud800 sold it?"])

    assert history.entries(ANN, "sold")[0].title == "Who sold it?"
    assert history.answers(ANN, id_)[0].answer == {"answer": "x\ud800"}


def test_kept_answers_are_plain_json(history: History, tmp_path: Path) -> None:
    history.add(ANN, None, {"answer": "é"}, ["Who?"])

    with sqlite3.connect(tmp_path / NAME) as db:
        ((kept,),) = db.execute("SELECT kept FROM answers")
    assert json.loads(kept) == {"answer": "é"}
