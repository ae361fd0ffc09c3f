"""An SQLite file that any thread may read and one at a time may write."""

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from index.errors import IndexUnusable

logger = logging.getLogger(__name__)


class _ReadOnly(sqlite3.Connection):
    """A connection where the disk has no room for more."""


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
        with self.elsewhere() as db:
            self._local.db = db
            try:
                yield db
            finally:
                self._local.db = None

    @contextmanager
    def elsewhere(self) -> Iterator[sqlite3.Connection]:
        """An idle or a new connection, which shows what there is now, though this thread be in the midst of another."""
        try:
            db = self._idle.pop()
        except IndexError:
            db = self._connect()
        try:
            yield db
        finally:
            if isinstance(db, _ReadOnly):
                db.close()  # there may be room by the next time
            else:
                self._idle.append(db)

    def _connect(self) -> sqlite3.Connection:
        try:
            return self._set_up(sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL):
                raise
            return self._connect_to_full_disk()

    @staticmethod
    def _set_up(db: sqlite3.Connection) -> sqlite3.Connection:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA secure_delete = ON")
        except BaseException:
            db.close()
            raise
        return db

    def _connect_to_full_disk(self) -> sqlite3.Connection:
        """Where there is no room for the file that tells connections of each other, it can still be read."""
        with suppress(OSError):  # SQLite says what is wrong
            self._path.with_name(f"{self._path.name}-shm").touch()
        uri = f"{self._path.absolute().as_uri()}?mode=ro&readonly_shm=1"
        return sqlite3.connect(
            uri, uri=True, timeout=30, isolation_level=None, check_same_thread=False, factory=_ReadOnly
        )

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing. Raises IndexUnusable when it cannot be stored."""
        try:
            with self.connection() as db:
                if isinstance(db, _ReadOnly):
                    raise sqlite3.OperationalError("the disk is full")
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                    db.execute("COMMIT")
                except BaseException:
                    if db.in_transaction:  # a full disk may have rolled it back already
                        db.execute("ROLLBACK")
                    raise
        except sqlite3.Error as error:
            raise IndexUnusable(
                f"{self._path} could not be written: {error}. What was reported as indexed before is kept"
            ) from error

    def checkpoint(self) -> None:
        """Bring what was written from SQLite's log into the file, over what was there, and empty the log."""
        try:
            with self.connection() as db:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            logger.warning("%s: what was erased stays in it until there is room on the disk: %s", self._path, error)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that this thread reads inside comes from one state, whatever is written meanwhile."""
        with self.connection() as db:
            db.execute("BEGIN")
            try:
                yield
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        """What a query gives."""
        with self.connection() as db:
            return db.execute(statement, values).fetchall()

    def close(self) -> None:
        """Close the connections, which nobody may be using any more."""
        while self._idle:
            self._idle.pop().close()
