"""An SQLite file that any thread may read and one at a time may write."""

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.errors import IndexUnusable


class Database:
    """Connections to one SQLite file: kept for reuse, each in the hands of one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._idle: deque[sqlite3.Connection] = deque()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """The connection this thread is in the midst of using, or else an idle or a new one.

        SQLite lets each see a whole state, the one before or the one after a write.
        """
        if (current := getattr(self._local, "db", None)) is not None:
            yield current
            return
        try:
            db = self._idle.pop()
        except IndexError:
            db = self._connect()
        self._local.db = db
        try:
            yield db
        finally:
            self._local.db = None
            self._idle.append(db)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")
        return db

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing. Raises IndexUnusable when it cannot be stored."""
        with self.connection() as db:
            try:
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
            except BaseException as error:
                if db.in_transaction:  # a full disk may have rolled it back already
                    db.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise IndexUnusable(
                        f"{self._path} could not be written: {error}. What was reported as indexed before is kept"
                    ) from error
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that this thread reads inside comes from one state, whatever is written meanwhile."""
        with self.connection() as db:
            db.execute("BEGIN")
            try:
                yield
            finally:
                db.execute("ROLLBACK")

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        """What a query gives."""
        with self.connection() as db:
            return db.execute(statement, values).fetchall()

    def close(self) -> None:
        """Close the connections, which nobody may be using any more."""
        while self._idle:
            self._idle.pop().close()
