"""The ledger: articles, chunks, vectors and the word index, in one SQLite file. What it says is the truth.

Chroma follows the ledger through the outbox: each transaction that changes chunks also notes which, and the notes
go once Chroma has added or deleted them. Whatever a crash leaves undone is done next time.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.article import Article, Chunk
from index.database import Database
from index.errors import IndexUnusable
from index.scope import Scope

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, date TEXT, source TEXT, url TEXT, path TEXT,
    text TEXT NOT NULL, content_hash TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX articles_by_date ON articles (date);
CREATE TABLE chunks (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, article_id TEXT NOT NULL REFERENCES articles (id),
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX chunks_by_article ON chunks (article_id);
CREATE VIRTUAL TABLE words USING fts5 (title, text, content='', tokenize='porter unicode61 remove_diacritics 2');
CREATE TABLE outbox (number INTEGER PRIMARY KEY, chunk_id TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What Chroma still has to do, up to the note `number`."""

    number: int
    added: "list[tuple[str, NDArray[np.float32]]]"
    deleted: list[str]


class Ledger:
    """The SQLite file of an index. Reading is open to any thread; writing needs the index's write lock."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._path = path
        self._database = Database(path)
        if create:
            self._create()
        self._check()

    def _create(self) -> None:
        with self._database.write() as db:
            for statement in _SCHEMA.split(";\n"):
                db.execute(statement)
            self._set(db, schema_version=SCHEMA_VERSION, generation=0)

    def _check(self) -> None:
        try:
            version = self.meta("schema_version")
        except sqlite3.DatabaseError as error:
            raise IndexUnusable(
                f"{self._path} is not an index or is damaged: {error}. Move the folder away and index again"
            ) from error
        if version != str(SCHEMA_VERSION):
            raise IndexUnusable(
                f"{self._path} was written by another version of article-qa (schema {version}, this one reads"
                f" {SCHEMA_VERSION}). Update article-qa, or index again into a new folder"
            )

    def snapshot(self) -> AbstractContextManager[None]:
        """All that this thread reads inside comes from one state, whatever is written meanwhile."""
        return self._database.snapshot()

    def close(self) -> None:
        """Close the connections, which nobody may be using any more."""
        self._database.close()

    # Meta ------------------------------------------------------------------------------------------------

    def meta(self, name: str) -> str | None:
        """A fact about the index: `schema_version`, `fingerprint`, `generation`."""
        rows = self._database.rows("SELECT value FROM meta WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    def set_fingerprint(self, fingerprint: str) -> None:
        """Note which embedding model the vectors are made with."""
        with self._database.write() as db:
            self._set(db, fingerprint=fingerprint)

    @property
    def generation(self) -> int:
        """Grows with each change that Chroma has followed."""
        return int(self.meta("generation") or 0)

    @staticmethod
    def _set(db: sqlite3.Connection, **facts: object) -> None:
        db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", [(k, str(v)) for k, v in facts.items()])

    # Articles --------------------------------------------------------------------------------------------

    def article(self, article_id: str) -> Article | None:
        """An article with its text."""
        columns = "id, text, title, date, source, url, path"
        for id_, text, title, day, source, url, path in self._database.rows(
            f"SELECT {columns} FROM articles WHERE id = ?", (article_id,)
        ):
            return Article(id_, text, title, date.fromisoformat(day) if day else None, source, url, path)
        return None

    def articles(self) -> Iterator[Article]:
        """All articles, the latest first, those without a date last."""
        for (article_id,) in self._database.rows("SELECT id FROM articles ORDER BY date DESC NULLS LAST, title"):
            if article := self.article(article_id):
                yield article

    def hashes(self) -> dict[str, tuple[str, str | None]]:
        """Content hash and path of every article, by id."""
        rows = self._database.rows("SELECT id, content_hash, path FROM articles")
        return {row[0]: (row[1], row[2]) for row in rows}

    def counts(self) -> tuple[int, int]:
        """How many articles and chunks there are."""
        ((articles, chunks),) = self._database.rows(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM chunks)"
        )
        return articles, chunks

    def sources(self) -> list[str]:
        """The sources that articles name, in order."""
        rows = self._database.rows("SELECT DISTINCT source FROM articles WHERE source IS NOT NULL ORDER BY source")
        return [row[0] for row in rows]

    # Writing ---------------------------------------------------------------------------------------------

    def replace(self, batch: "Iterable[tuple[Article, Sequence[tuple[Chunk, NDArray[np.float32]]]]]") -> None:
        """Put articles with their chunks and vectors in the place of what was there under their ids."""
        with self._database.write() as db:
            for article, chunks in batch:
                self._delete(db, article.id)
                day = article.date.isoformat() if article.date else None
                db.execute(
                    "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (article.id, article.title, day, article.source, article.url, article.path, article.text)
                    + (article.content_hash,),
                )
                for chunk, vector in chunks:
                    added = db.execute(
                        "INSERT INTO chunks VALUES (NULL, ?, ?, ?, ?, ?)",
                        (chunk.id, chunk.article_id, chunk.start, chunk.end, vector.astype("<f2").tobytes()),
                    )
                    text = article.text[chunk.start : chunk.end]
                    words = (added.lastrowid, article.title, text)
                    db.execute("INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)", words)
                    db.execute("INSERT INTO outbox VALUES (NULL, ?)", (chunk.id,))

    def move(self, article_id: str, path: str) -> None:
        """Note that an unchanged article is now read from another file."""
        with self._database.write() as db:
            db.execute("UPDATE articles SET path = ? WHERE id = ?", (path, article_id))

    def remove(self, article_ids: Iterable[str]) -> None:
        """Erase articles with all that was made of them."""
        with self._database.write() as db:
            for article_id in article_ids:
                self._delete(db, article_id)
            # Deleted words stay readable in the word index until its parts are merged.
            db.execute("INSERT INTO words (words) VALUES ('optimize')")
        with self._database.connection() as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @staticmethod
    def _delete(db: sqlite3.Connection, article_id: str) -> None:
        found = db.execute("SELECT title, text FROM articles WHERE id = ?", (article_id,)).fetchone()
        if found is None:
            return
        title, text = found
        rows = db.execute('SELECT number, id, start, "end" FROM chunks WHERE article_id = ?', (article_id,))
        for number, chunk_id, start, end in rows.fetchall():
            # A word index that keeps no text must be told what it is to forget.
            db.execute(
                "INSERT INTO words (words, rowid, title, text) VALUES ('delete', ?, ?, ?)",
                (number, title, text[start:end]),
            )
            db.execute("INSERT INTO outbox VALUES (NULL, ?)", (chunk_id,))
        db.execute("DELETE FROM chunks WHERE article_id = ?", (article_id,))
        db.execute("DELETE FROM articles WHERE id = ?", (article_id,))

    # Outbox ----------------------------------------------------------------------------------------------

    def outgoing(self, limit: int) -> Outgoing | None:
        """The next notes for Chroma, at most `limit`, or None when it has followed all."""
        rows = self._database.rows(
            "SELECT outbox.number, chunk_id, vector FROM outbox LEFT JOIN chunks ON chunks.id = chunk_id"
            " ORDER BY outbox.number LIMIT ?",
            (limit,),
        )
        if not rows:
            return None
        # What is in the ledger now decides: a chunk may have come and gone since the note was made.
        current = {row[1]: row[2] for row in rows}
        added = [(chunk_id, _vector(blob)) for chunk_id, blob in current.items() if blob is not None]
        return Outgoing(rows[-1][0], added, [chunk_id for chunk_id, blob in current.items() if blob is None])

    def followed(self, number: int) -> None:
        """Drop the notes up to `number`: Chroma has done them."""
        with self._database.write() as db:
            db.execute("DELETE FROM outbox WHERE number <= ?", (number,))
            self._set(db, generation=self.generation + 1)

    def resend(self) -> None:
        """Note every chunk anew, for a Chroma that starts from nothing."""
        with self._database.write() as db:
            db.execute("DELETE FROM outbox")
            db.execute("INSERT INTO outbox (chunk_id) SELECT id FROM chunks ORDER BY number")

    # Searching -------------------------------------------------------------------------------------------

    def match(self, terms: Iterable[str], limit: int, scope: Scope) -> dict[str, float]:
        """BM25 (higher is better) of the best `limit` chunks that hold any of `terms`, by chunk id."""
        query = " OR ".join('"' + term.replace('"', "") + '"' for term in terms)
        if not query:
            return {}
        where, values = _where(scope)
        rows = self._database.rows(
            "SELECT id, score FROM (SELECT rowid AS number, -bm25(words) AS score FROM words"
            f" WHERE words MATCH ? {'AND rowid IN (SELECT number FROM ' + where + ')' if scope else ''}"
            " ORDER BY score DESC LIMIT ?) JOIN chunks USING (number)",
            (query, *values, limit),
        )
        return dict(rows)

    def chunk_ids(self, scope: Scope) -> list[str]:
        """The ids of all chunks in the scope."""
        where, values = _where(scope)
        rows = self._database.rows(f"SELECT chunks.id FROM {where}", values)
        return [row[0] for row in rows]

    def any_vector(self) -> "NDArray[np.float32] | None":
        """The vector of some chunk, or None when there is none."""
        rows = self._database.rows("SELECT vector FROM chunks LIMIT 1")
        return _vector(rows[0][0]) if rows else None

    def vectors(self, scope: Scope) -> "Iterator[tuple[str, NDArray[np.float32]]]":
        """The ids and vectors of all chunks in the scope."""
        where, values = _where(scope)
        for chunk_id, blob in self._database.rows(f"SELECT chunks.id, vector FROM {where}", values):
            yield chunk_id, _vector(blob)

    def chunks(self, chunk_ids: Iterable[str]) -> "dict[str, tuple[Chunk, NDArray[np.float32]]]":
        """The chunks with these ids and their vectors; ids that the ledger does not know are left out."""
        found = {}
        for chunk_id in chunk_ids:
            for *chunk, vector in self._database.rows(
                'SELECT id, article_id, start, "end", vector FROM chunks WHERE id = ?', (chunk_id,)
            ):
                found[chunk_id] = (Chunk(*chunk), _vector(vector))
        return found


def _where(scope: Scope) -> tuple[str, list[Any]]:
    """The chunks in the scope, as the rest of an SQL statement, and its values."""
    conditions, values = ["TRUE"], []
    if scope.since:
        conditions.append("articles.date >= ?")
        values.append(scope.since.isoformat())
    if scope.until:
        conditions.append("articles.date <= ?")
        values.append(scope.until.isoformat())
    if scope.sources:
        conditions.append(f"articles.source IN ({', '.join('?' * len(scope.sources))})")
        values.extend(scope.sources)
    if scope.articles:  # as one value: SQLite takes only so many
        conditions.append("articles.id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(scope.articles))
    return f"chunks JOIN articles ON articles.id = article_id WHERE {' AND '.join(conditions)}", values


def _vector(blob: bytes) -> "NDArray[np.float32]":
    import numpy as np

    return np.frombuffer(blob, dtype="<f2").astype(np.float32)
