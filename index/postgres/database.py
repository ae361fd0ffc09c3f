"""Connections to PostgreSQL, which may go away and come back: what was not changed is asked again."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from index.errors import IndexUnusable, SettingsError
from index.protocols import Outdated

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict
except ImportError as error:
    raise SettingsError(
        f"an index in PostgreSQL needs what is not installed ({error}): pip install 'article-qa[server]'"
    ) from error

logger = logging.getLogger(__name__)

T = TypeVar("T")
Connection = psycopg.Connection[tuple[Any, ...]]

_PATIENCE = 20.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_LOCK_PAUSE = 0.1
_ATTEMPTS = 5
_LONGEST_CAUSE = 300
_READ_SECONDS = 30
# Where the network swallows packets, these tell; psycopg itself would wait for ever.
_KEEPING_ALIVE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
_KEEPING_ALIVE |= {"tcp_user_timeout": 20_000}
# A writer that was suspended must not keep all others waiting.
_SET_UP = "SET idle_in_transaction_session_timeout = '120s'; SET lock_timeout = '60s'"
_BEGIN_WRITING = "BEGIN; LOCK TABLE writing IN EXCLUSIVE MODE"
# Connections that fail, a server that shuts down or starts, and one that has waited for us for too long.
_LOST = ("08", "57P", "25P03")


class Interrupted(IndexUnusable, Outdated):
    """The connection was lost in the midst of reading a state, which cannot be gone on with."""


class Database:
    """Connections to one database: kept for reuse, each in the hands of one thread at a time."""

    def __init__(self, url: str) -> None:
        """Raises SettingsError for what is no address, IndexUnusable when nobody answers there."""
        try:
            parts = conninfo_to_dict(url)
        except psycopg.Error:  # which would show the password
            raise SettingsError(
                "setting database_url (environment variable QA_DATABASE_URL) is no address of a PostgreSQL database;"
                " give one like postgresql://NAME:PASSWORD@HOST:5432/DATABASE"
            ) from None
        self.name = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"
        self._url = url
        self._local = threading.local()
        self._idle: deque[Connection] = deque()

    # Connections -----------------------------------------------------------------------------------------

    @contextmanager
    def elsewhere(self) -> Iterator[Connection]:
        """A connection that nobody is in the midst of using."""
        try:
            db = self._idle.pop()
        except IndexError:
            db = self._connect()
        try:
            yield db
        finally:
            if db.closed or db.broken or db.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                db.close()
            else:
                self._idle.append(db)

    def _connect(self) -> Connection:
        """A new connection. Raises IndexUnusable when there is none to be had for a while."""
        pause, until = _FIRST_PAUSE, time.monotonic() + _PATIENCE
        while True:
            try:
                db = psycopg.connect(self._url, autocommit=True, **_KEEPING_ALIVE)
                db.execute(_SET_UP)
                return db
            except psycopg.OperationalError as error:
                if _is_refusal(error) or time.monotonic() + pause > until:
                    raise IndexUnusable(
                        f"PostgreSQL at {self.name} cannot be used: {_cause(error)}. See that it runs and that"
                        " --database-url (QA_DATABASE_URL) names it, and try again; nothing stored is lost"
                    ) from error
                logger.info("waiting for PostgreSQL at %s: %s", self.name, _cause(error))
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def close(self) -> None:
        """Close the connections, which nobody may be using any more."""
        while self._idle:
            self._idle.pop().close()

    @property
    def _current(self) -> Connection | None:
        return getattr(self._local, "db", None)

    @contextmanager
    def _as_current(self, db: Connection) -> Iterator[None]:
        self._local.db = db
        try:
            yield
        finally:
            self._local.db = None

    # Reading ---------------------------------------------------------------------------------------------

    def rows(self, statement: str, values: Sequence[object] | dict[str, object] = ()) -> list[Any]:
        """What a query gives, of the state that this thread is reading, or else of the latest."""
        if (db := self._current) is not None:
            return db.execute(statement, values).fetchall()
        return self.again(lambda db: db.execute(statement, values).fetchall())

    def again(self, call: Callable[[Connection], T]) -> T:
        """What a call gives, made again when the connection was lost: it may change nothing but by a transaction."""
        for attempt in range(_ATTEMPTS):
            try:
                with self.elsewhere() as db:
                    return call(db)
            except psycopg.Error as error:
                if not _is_lost(error):
                    raise IndexUnusable(self._failed(error)) from error
                self.close()  # the others are lost as well, most likely
                lost = error
                logger.info("PostgreSQL at %s: %s; asking again", self.name, _cause(error))
                time.sleep(_FIRST_PAUSE * 2**attempt)
        raise IndexUnusable(self._cut(lost)) from lost

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that this thread reads inside comes from one state. Raises Interrupted when the connection is lost."""
        if self._current is not None:
            yield
            return
        begin = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '{_READ_SECONDS}s'"
        try:
            with self._transaction(begin):
                yield
        except psycopg.Error as error:
            raise IndexUnusable(self._failed(error)) from error

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        """Make one of a connection, this thread's own until it ends."""
        if self._idle:
            self.again(lambda db: db.execute("SELECT"))  # one that was lost since is noticed now
        with self.elsewhere() as db, self._as_current(db):
            try:
                db.execute(begin)
                yield db
                db.execute("COMMIT")
            except psycopg.Error as error:
                if not _is_lost(error):
                    raise
                raise Interrupted(self._cut(error)) from error
            finally:
                with suppress(psycopg.Error):
                    if db.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                        db.execute("ROLLBACK")

    # Writing ---------------------------------------------------------------------------------------------

    def write(self, change: Callable[[Connection], T], *, begin: str = _BEGIN_WRITING) -> T:
        """Change the ledger in one transaction, while nobody else does: all of it or nothing.

        It is made again when the connection was lost, perhaps after it was stored, which must do no harm. Raises
        IndexUnusable when it cannot be stored.
        """
        if (db := self._current) is not None:  # as part of a transaction
            return change(db)
        try:
            for attempt in range(_ATTEMPTS):
                try:
                    with self._transaction(begin) as db:
                        return change(db)
                except Interrupted as error:
                    interrupted = error
                    time.sleep(_FIRST_PAUSE * 2**attempt)
            raise interrupted
        except psycopg.Error as error:
            raise IndexUnusable(
                f"the index in PostgreSQL at {self.name} could not be written: {_cause(error)}. What was reported as"
                " indexed before is kept"
            ) from error

    @contextmanager
    def alone(self, table: str, *, wait: bool) -> Iterator[bool]:
        """One state, read and written while nobody else has locked the table; False when one has and is not waited
        for.
        """
        # Taken before the first statement, the lock comes before the state that is read.
        lock = f"LOCK TABLE {table} IN EXCLUSIVE MODE{'' if wait else ' NOWAIT'}"
        try:
            with self._transaction(f"BEGIN ISOLATION LEVEL REPEATABLE READ; {lock}"):
                yield True
        except psycopg.Error as error:
            if wait or not isinstance(error, psycopg.errors.LockNotAvailable):
                raise IndexUnusable(self._failed(error)) from error
            yield False

    @contextmanager
    def holding(self, key: str, *, shared: bool, wait: float) -> Iterator[bool]:
        """Hold the advisory lock with this key (SQL), for as long as the connection lasts, alone or with others.

        False after `wait` seconds in vain.
        """
        lock = f"SELECT pg_try_advisory_lock{'_shared' if shared else ''}({key})"
        until = time.monotonic() + wait
        self.rows("SELECT")  # a connection that was lost since is noticed now
        with self.elsewhere() as db:
            try:
                while not (held := next(db.execute(lock))[0]) and time.monotonic() < until:
                    time.sleep(_LOCK_PAUSE)
            except psycopg.Error as error:
                raise IndexUnusable(self._failed(error)) from error
            try:
                yield held
            finally:
                db.close()  # and with it the lock

    # Words -----------------------------------------------------------------------------------------------

    def _cut(self, error: BaseException) -> str:
        return (
            f"the connection to PostgreSQL at {self.name} was lost: {_cause(error)}. Try again; what was reported as"
            " indexed is kept"
        )

    def _failed(self, error: BaseException) -> str:
        return (
            f"PostgreSQL at {self.name} did not answer as it should: {_cause(error)}. See what else it does, and try"
            " again; what was reported as indexed is kept"
        )


def _is_lost(error: psycopg.Error) -> bool:
    """Whether it is the connection that failed, and not what was asked."""
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(_LOST)


def _is_refusal(error: psycopg.OperationalError) -> bool:
    """Whether the server answered, and will not answer otherwise soon: a wrong password, or an unknown database."""
    said = str(error)
    return "FATAL:" in said and not any(
        word in said for word in ("starting up", "shutting down", "recovery", "too many", "remaining connection")
    )


def _cause(error: BaseException) -> str:
    said = isinstance(error, psycopg.Error) and error.diag.message_primary  # the rest may quote articles at length
    return " ".join(str(said or error).split())[:_LONGEST_CAUSE] or type(error).__name__
