"""The conversations that are kept: one SQLite file in the index folder, each conversation its owner's alone."""

import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qa import ArticleQAError

NAME = "conversations.sqlite3"
MAX_CONVERSATIONS = 2_000
MAX_ANSWERS = 500
MAX_ANSWER_CHARS = 1_000_000
MAX_TITLE_CHARS = 120
MAX_NOTE_CHARS = 2_000
VERDICTS = ("up", "down")

_VERSION = 1
_SCHEMA = (
    "CREATE TABLE conversations (id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL,"
    " created TEXT NOT NULL, changed TEXT NOT NULL)",
    "CREATE INDEX conversations_of_owner ON conversations (owner, changed)",
    "CREATE TABLE answers (conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,"
    " number INTEGER NOT NULL, asked TEXT NOT NULL, kept TEXT NOT NULL, words TEXT NOT NULL,"
    " verdict TEXT CHECK (verdict IN ('up', 'down')), note TEXT NOT NULL DEFAULT '',"
    " PRIMARY KEY (conversation, number))",
    f"PRAGMA user_version = {_VERSION}",
)
_ENTRY = (
    "SELECT id, title, created, changed, (SELECT count(*) FROM answers WHERE conversation = id) FROM conversations"
    " WHERE owner = ?"
)


class HistoryError(ArticleQAError):
    """Kept conversations cannot be read, or no more can be kept."""


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

    Every method takes the owner, and sees nobody else's conversations. Each raises HistoryError when the file cannot
    be used.
    """

    def __init__(self, folder: Path) -> None:
        """The file is made when the first answer is kept."""
        self._path = folder / NAME
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            if self._opened:
                self._opened.close()
            self._opened = None

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
        rows = self._rows(
            "SELECT number, asked, kept, verdict, note FROM answers JOIN conversations ON id = conversation"
            " WHERE owner = ? AND id = ? ORDER BY number",
            [owner, conversation],
        )
        return [_kept(*row) for row in rows]

    def verdicts(self, owner: str, conversation: str) -> dict[int, tuple[str, str]]:
        """The verdicts on answers of a conversation, by their number, each with its note."""
        rows = self._rows(
            "SELECT number, verdict, note FROM answers JOIN conversations ON id = conversation"
            " WHERE owner = ? AND id = ? AND verdict IS NOT NULL",
            [owner, conversation],
        )
        return {number: (verdict, note) for number, verdict, note in rows}

    def judged(self) -> Iterator[tuple[str, Kept]]:
        """All answers that have a verdict, whosever they are, each with the id of its conversation."""
        rows = self._rows(
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
        with self._write() as db:
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
        return bool(title) and self._change(
            "UPDATE conversations SET title = ? WHERE owner = ? AND id = ?", [title, owner, conversation]
        )

    def delete(self, owner: str, conversation: str) -> bool:
        """Erase a conversation with its verdicts; whether there was one."""
        done = self._change("DELETE FROM conversations WHERE owner = ? AND id = ?", [owner, conversation])
        with self._using() as db:  # what is erased shall not stay in SQLite's log either
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return done

    def judge(self, owner: str, conversation: str, number: int, verdict: str | None, note: str = "") -> bool:
        """Put a verdict on an answer, or take it away with None; whether there was such an answer."""
        if verdict not in (None, *VERDICTS):
            return False
        return self._change(
            "UPDATE answers SET verdict = ?, note = ? WHERE conversation ="
            " (SELECT id FROM conversations WHERE owner = ? AND id = ?) AND number = ?",
            [verdict, note.strip()[:MAX_NOTE_CHARS] if verdict else "", owner, conversation, number],
        )

    # The file --------------------------------------------------------------------------------------------

    def _entries(self, statement: str, values: list[Any]) -> list[Entry]:
        return [
            Entry(id_, title, datetime.fromisoformat(created), datetime.fromisoformat(changed), answers)
            for id_, title, created, changed, answers in self._rows(statement, values)
        ]

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        if self._opened is None and not self._path.exists():
            return []
        with self._using() as db:
            return db.execute(statement, values).fetchall()

    def _change(self, statement: str, values: Sequence[object]) -> bool:
        with self._write() as db:
            return db.execute(statement, values).rowcount > 0

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        with self._using() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:  # a full disk may have rolled it back already
                    db.execute("ROLLBACK")
                raise

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._opened = self._opened or self._open()
                yield self._opened
            except (sqlite3.Error, OSError) as error:
                raise HistoryError(
                    f"{self._path} cannot be used: {error}. Make room for it, or put a whole copy in its place"
                ) from error

    def _open(self) -> sqlite3.Connection:
        # Made beforehand, so that it is at no time readable to others; SQLite's log gets the same rights.
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        db = sqlite3.connect(self._path, timeout=10, isolation_level=None, check_same_thread=False)
        try:
            db.create_function("folded", 1, str.casefold, deterministic=True)
            for pragma in ("journal_mode = WAL", "foreign_keys = ON", "secure_delete = ON"):
                db.execute(f"PRAGMA {pragma}")
            self._check_schema(db)
        except BaseException:
            db.close()
            raise
        return db

    def _check_schema(self, db: sqlite3.Connection) -> None:
        db.execute("BEGIN IMMEDIATE")
        with closing(db.execute("PRAGMA user_version")) as found:
            (version,) = found.fetchone()
        if version == 0:
            for statement in _SCHEMA:
                db.execute(statement)
        db.execute("COMMIT")
        if version not in (0, _VERSION):
            raise HistoryError(
                f"{self._path} was written by another version of article-qa (schema {version}, this one reads"
                f" {_VERSION}). Use that version, or move the file away to begin a new one"
            )


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
