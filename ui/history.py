"""The conversations that are kept: one SQLite file in the index folder, each conversation its owner's alone."""

import json
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ui.history_file import HistoryError, HistoryFile

MAX_CONVERSATIONS = 2_000
MAX_ANSWERS = 500
MAX_ANSWER_CHARS = 1_000_000
MAX_TITLE_CHARS = 120
MAX_NOTE_CHARS = 2_000
VERDICTS = ("up", "down")

_ENTRY = (
    "SELECT id, title, created, changed, (SELECT count(*) FROM answers WHERE conversation = id) FROM conversations"
    " WHERE owner = ?"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A conversation as it is listed: times are UTC, `answers` their number."""

    id: str
    title: str
    created: datetime
    changed: datetime
    answers: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer of a conversation as it is kept: `answer` is what was given to `History.add`."""

    number: int
    asked: datetime
    answer: dict[str, Any]
    verdict: str | None
    note: str


class History:
    """The kept conversations of one index. Threads may share it, and other processes have the file open, too.

    All but `judged` take the owner, and see nobody else's conversations. Each raises HistoryError when the file cannot
    be used.
    """

    def __init__(self, folder: Path) -> None:
        self._file = HistoryFile(folder)

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    # Reading ---------------------------------------------------------------------------------------------

    def entries(self, owner: str, wanted: str = "", *, limit: int = MAX_CONVERSATIONS) -> list[Entry]:
        """The latest conversations in whose title, questions and answers all words of `wanted` stand."""
        words = wanted.casefold().split()
        stands = (
            " AND (instr(folded(title), ?) OR EXISTS"
            " (SELECT 1 FROM answers WHERE conversation = id AND instr(words, ?)))"
        )
        values = [owner, *(word for word in words for _ in range(2)), limit]
        return self._entries(f"{_ENTRY}{stands * len(words)} ORDER BY changed DESC, id LIMIT ?", values)

    def entry(self, owner: str, conversation: str) -> Entry | None:
        """The conversation with this id, or None where the owner has none such."""
        return next(iter(self._entries(f"{_ENTRY} AND id = ?", [owner, conversation])), None)

    def answers(self, owner: str, conversation: str) -> list[Kept]:
        """The answers of a conversation, the first one first."""
        rows = self._file.rows(
            "SELECT number, asked, kept, verdict, note FROM answers JOIN conversations ON id = conversation"
            " WHERE owner = ? AND id = ? ORDER BY number",
            [owner, conversation],
        )
        return [_kept(*row) for row in rows]

    def judged(self) -> Iterator[tuple[str, Kept]]:
        """All answers that have a verdict, whosever they are, each with the id of its conversation."""
        rows = self._file.rows(
            "SELECT conversation, number, asked, kept, verdict, note FROM answers WHERE verdict IS NOT NULL"
            " ORDER BY asked, conversation, number"
        )
        return ((conversation, _kept(*row)) for conversation, *row in rows)

    # Writing ---------------------------------------------------------------------------------------------

    def add(
        self, owner: str, conversation: str | None, answer: dict[str, Any], words: Sequence[str]
    ) -> tuple[str, int]:
        """Keep an answer; the conversation it went to and its number there, from 1, are returned.

        Where the owner has no such conversation, not any more or not yet, one is begun, with the first of the `words`
        as its title. By all of them it can be found.
        """
        kept = json.dumps(answer)
        if len(kept) > MAX_ANSWER_CHARS:
            raise HistoryError(f"it takes {len(kept):,} characters; {MAX_ANSWER_CHARS:,} are kept. Ask for less")
        now = _now()
        with self._file.write() as db:
            if conversation is None or not _owns(db, owner, conversation):
                conversation = _begin(db, owner, shortened(words[0]), now)
            (last,) = db.execute("SELECT max(number) FROM answers WHERE conversation = ?", [conversation]).fetchone()
            number = (last or 0) + 1
            if number > MAX_ANSWERS:
                raise HistoryError(f"a conversation keeps {MAX_ANSWERS} answers. Begin a new one")
            db.execute(
                "INSERT INTO answers (conversation, number, asked, kept, words) VALUES (?, ?, ?, ?, ?)",
                [conversation, number, now, kept, _whole("\n".join(words)).casefold()],
            )
            db.execute("UPDATE conversations SET changed = ? WHERE id = ?", [now, conversation])
        return conversation, number

    def rename(self, owner: str, conversation: str, title: str) -> bool:
        """Give a conversation another title; whether there was one to give it to, and words to give."""
        title = shortened(title)
        return bool(title) and self._file.change(
            "UPDATE conversations SET title = ? WHERE owner = ? AND id = ?", [title, owner, conversation]
        )

    def delete(self, owner: str, conversation: str) -> bool:
        """Erase a conversation with its verdicts; whether there was one."""
        done = self._file.change("DELETE FROM conversations WHERE owner = ? AND id = ?", [owner, conversation])
        self._file.checkpoint()  # what is erased shall not stay in SQLite's log either
        return done

    def judge(self, owner: str, conversation: str, number: int, verdict: str | None, note: str = "") -> bool:
        """Put a verdict on an answer, or take it away with None; whether there was such an answer."""
        if verdict not in (None, *VERDICTS):
            return False
        return self._file.change(
            "UPDATE answers SET verdict = ?, note = ? WHERE conversation ="
            " (SELECT id FROM conversations WHERE owner = ? AND id = ?) AND number = ?",
            [verdict, note.strip()[:MAX_NOTE_CHARS] if verdict else "", owner, conversation, number],
        )

    def _entries(self, statement: str, values: list[Any]) -> list[Entry]:
        return [
            Entry(id_, title, datetime.fromisoformat(created), datetime.fromisoformat(changed), answers)
            for id_, title, created, changed, answers in self._file.rows(statement, values)
        ]


def shortened(title: str) -> str:
    """A title in one line, no longer than what is kept."""
    line = " ".join(_whole(title).split())
    return line if len(line) <= MAX_TITLE_CHARS else line[: MAX_TITLE_CHARS - 2].rpartition(" ")[0] + " …"


def _whole(text: str) -> str:
    """The text without halves of characters, which no file can hold."""
    return text.encode(errors="ignore").decode()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _kept(number: int, asked: str, answer: str, verdict: str | None, note: str) -> Kept:
    return Kept(number, datetime.fromisoformat(asked), json.loads(answer), verdict, note)


def _owns(db: sqlite3.Connection, owner: str, conversation: str) -> bool:
    found = db.execute("SELECT 1 FROM conversations WHERE owner = ? AND id = ?", [owner, conversation])
    return found.fetchone() is not None


def _begin(db: sqlite3.Connection, owner: str, title: str, now: str) -> str:
    (many,) = db.execute("SELECT count(*) FROM conversations WHERE owner = ?", [owner]).fetchone()
    if many >= MAX_CONVERSATIONS:
        raise HistoryError(f"{MAX_CONVERSATIONS:,} conversations are kept. Delete some that you need no more")
    id_ = secrets.token_urlsafe(12)
    db.execute("INSERT INTO conversations VALUES (?, ?, ?, ?, ?)", [id_, owner, title, now, now])
    return id_
