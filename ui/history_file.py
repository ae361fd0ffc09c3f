"""The SQLite file of kept conversations: one connection, short transactions, readable to its owner only."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qa import ArticleQAError

NAME = "conversations.sqlite3"

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


class HistoryError(ArticleQAError):
    """Kept conversations cannot be read, or no more can be kept."""


class HistoryFile:
    """The file, which is made with the first write. Threads may share it; other processes have it open, too.

    Every method raises HistoryError when the file cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            if self._opened:
                self._opened.close()
            self._opened = None

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        """What a query gives; nothing where there is no file yet."""
        if self._opened is None and not self._path.exists():
            return []
        with self._using() as db:
            return db.execute(statement, values).fetchall()

    def change(self, statement: str, values: Sequence[object]) -> bool:
        """Whether a statement changed anything."""
        with self.write() as db:
            return db.execute(statement, values).rowcount > 0

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
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

    def checkpoint(self) -> None:
        """Bring what was written into the file, over what was there, and empty SQLite's log."""
        with self._using() as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

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
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in _SCHEMA:
                db.execute(statement)
        db.execute("COMMIT")
        if version not in (0, _VERSION):
            raise HistoryError(
                f"{self._path} was written by another version of article-qa (schema {version}, this one reads"
                f" {_VERSION}). Use that version, or move the file away to begin a new one"
            )
