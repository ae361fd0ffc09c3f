"""Articles on their way into a ledger that several indexers share: each takes some, and nobody does what another did.

What an indexer takes is its own for a while (a lease), which it prolongs as long as it lives; what a killed one had is
taken by the next who asks. Storing an article and crossing it off is one transaction, open only to whose it still is.
"""

import itertools
import json
import logging
import os
import secrets
import socket
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from types import TracebackType
from typing import Any, Self

from index.article import Article
from index.errors import ArticleQAError, IndexUnusable
from index.postgres.database import Connection, Database
from index.protocols import Embedded
from index.spool import Spool

logger = logging.getLogger(__name__)

_LEASE = 15.0
_TAKEN_AT_ONCE = 8
_PUT_AT_ONCE = 50
_PAUSE = 0.3
_MODEL = "SELECT value FROM meta WHERE name = 'fingerprint'"


class SharedWork:
    """What waits to be embedded, whoever put it there. `put_in` puts embedded articles into the ledger."""

    def __init__(self, database: Database, put_in: Callable[[Connection, Sequence[Embedded]], None]) -> None:
        self._database = database
        self._put_in = put_in
        self._me = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._new = Spool(lambda _: None)
        self._model: list[Any] = []
        self._last = 0
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Self:
        self._model = self._database.rows(_MODEL)
        self._new.__enter__()
        self._keeper.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._new.__exit__(kind, error, at)
        self._ended.set()
        self._keeper.join()
        if kind is not None:  # others need not wait for the lease to end; where that fails they do
            self._release()

    def put(self, article: Article, note: Any) -> None:
        """Add an article and its note. Others are told when all is there, so that half a backup is none."""
        self._new.put(article, note)

    def _hand_over(self, new: Sequence[tuple[Article, Any]]) -> None:
        """To all, but for what is stored by now, or waits already; another text takes the place of the one before."""
        rows = [
            {"id": article.id, "hash": article.content_hash, "line": _packed(article, note)} for article, note in new
        ]

        def change(db: Connection) -> int:
            db.cursor().executemany(
                "INSERT INTO work (article_id, content_hash, article) SELECT %(id)s, %(hash)s, %(line)s"
                " WHERE NOT EXISTS (SELECT FROM articles WHERE id = %(id)s AND content_hash = %(hash)s)"
                " ON CONFLICT (article_id) DO UPDATE SET content_hash = excluded.content_hash,"
                " article = excluded.article, indexer = NULL, until = '-infinity'"
                " WHERE work.content_hash != excluded.content_hash",
                rows,
            )
            ((last,),) = db.execute("SELECT coalesce(max(put), 0) FROM work").fetchall()
            return int(last)

        self._last = self._database.write(change)

    def shares(self) -> Iterator[Iterator[tuple[Article, Any]]]:
        """What is to be embedded here, until nothing is left of what was put here, or before it by others."""
        new = iter(self._new)
        while group := list(itertools.islice(new, _PUT_AT_ONCE)):
            self._hand_over(group)
        while True:
            yield self._share()
            ((left,),) = self._database.rows("SELECT count(*) FROM work WHERE put <= %s", (self._last,))
            if not left:
                return
            logger.debug("waiting for other indexers, who have %d articles", left)
            self._ended.wait(_PAUSE)

    def _share(self) -> Iterator[tuple[Article, Any]]:
        while lines := self._database.again(self._take):
            yield from map(_unpacked, lines)

    def _take(self, db: Connection) -> list[bytes]:
        rows = db.execute(
            "UPDATE work SET indexer = %s, until = now() + make_interval(secs => %s) WHERE article_id IN"
            " (SELECT article_id FROM work WHERE until < now() AND indexer IS DISTINCT FROM %s"  # whose it is still
            " ORDER BY put LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING put, article",
            (self._me, _LEASE, self._me, _TAKEN_AT_ONCE),
        )
        return [article for _, article in sorted(rows)]

    def store(self, batch: Sequence[Embedded]) -> list[str]:
        """Put embedded articles into the ledger, but for those that others have taken over or removed; the ids.

        Raises IndexUnusable when the index has been rebuilt with another model since.
        """

        def change(db: Connection) -> list[str]:
            if db.execute(_MODEL).fetchall() != self._model:
                raise IndexUnusable(
                    "the index was rebuilt with another embedding model meanwhile. Run the same command again"
                )
            taken = db.execute(
                "DELETE FROM work USING unnest(%s::text[], %s::text[]) AS done (id, hash) WHERE indexer = %s"
                " AND article_id = done.id AND content_hash = done.hash RETURNING article_id, content_hash",
                ([article.id for article, _ in batch], [article.content_hash for article, _ in batch], self._me),
            )
            mine = set(taken.fetchall())
            kept = [(article, chunks) for article, chunks in batch if (article.id, article.content_hash) in mine]
            if kept:
                self._put_in(db, kept)
            return [article.id for article, _ in kept]

        return self._database.write(change)

    def _keep(self) -> None:
        """Prolong the lease of all that was taken. While PostgreSQL is away nobody else can take it, either."""
        prolong = (  # but for what is just being stored, which would have to be waited for
            "UPDATE work SET until = now() + make_interval(secs => %s) WHERE article_id IN"
            " (SELECT article_id FROM work WHERE indexer = %s FOR UPDATE SKIP LOCKED)"
        )
        while not self._ended.wait(_LEASE / 3):
            try:
                self._database.again(lambda db: db.execute(prolong, (_LEASE, self._me)))
            except ArticleQAError as error:
                logger.warning("%s", error)

    def _release(self) -> None:
        try:
            given_back = "UPDATE work SET indexer = NULL, until = '-infinity' WHERE indexer = %s"
            self._database.again(lambda db: db.execute(given_back, (self._me,)))
        except ArticleQAError as error:
            logger.info("%s", error)


def _packed(article: Article, note: Any) -> bytes:
    return zlib.compress(json.dumps([asdict(article), note], default=date.isoformat).encode())


def _unpacked(line: bytes) -> tuple[Article, Any]:
    fields, note = json.loads(zlib.decompress(line))
    day = fields.pop("date")
    return Article(**fields, date=date.fromisoformat(day) if day else None), note
