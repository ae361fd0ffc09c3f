"""The ledger: articles, chunks, vectors and the word index, in one SQLite file. What it says is the truth."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from index.article import Article, Chunk, Version
from index.errors import IndexUnusable
from index.lookup import Lookup
from index.protocols import Embedded
from index.schema import SCHEMA, SCHEMA_VERSION, pack_text, pack_vector, unpack_text
from index.spool import Spool
from index.stories import are_copies, shingles, sketch

_MOST_CANDIDATES = 20


class Ledger(Lookup):
    """The SQLite file of an index. Writing needs the index's write lock."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._path = path
        super().__init__(path)
        if create:
            self._create()
        self._check()

    def _create(self) -> None:
        with self.database.write() as db:
            for statement in SCHEMA.split(";\n"):
                db.execute(statement)
            self._set(db, schema_version=SCHEMA_VERSION, generation=0)

    def _check(self) -> None:
        try:
            version = self.meta("schema_version")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY):
                raise IndexUnusable(
                    f"{self._path} cannot be read now: {error}. See that the disk is sound and has room, and try again"
                ) from error
            raise IndexUnusable(
                f"{self._path} is not an index or is damaged: {error}. Move the folder away and index again"
            ) from error
        if version != str(SCHEMA_VERSION):
            raise IndexUnusable(
                f"{self._path} was written by another version of article-qa (schema {version}, this one reads"
                f" {SCHEMA_VERSION}). Update article-qa, or index again into a new folder"
            )

    def note(self, **facts: object) -> None:
        """Note facts about the index."""
        with self.database.write() as db:
            self._set(db, **facts)

    @staticmethod
    def _set(db: sqlite3.Connection, **facts: object) -> None:
        db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", [(k, str(v)) for k, v in facts.items()])

    @staticmethod
    def _changed(db: sqlite3.Connection) -> None:
        db.execute("UPDATE meta SET value = value + 1 WHERE name = 'generation'")

    # Articles -----------------------------------------------------------------------------------------

    def work(self) -> Spool:
        """Where articles wait to be embedded and stored."""
        return Spool(self.replace)

    def replace(self, batch: Iterable[Embedded]) -> None:
        """Put articles with their chunks and vectors in the place of what was there under their ids.

        What was there with another text is kept as a version.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self.database.write() as db:
            for article, chunks in batch:
                db.execute(
                    "INSERT INTO versions SELECT id, title, date, source, url, path, content_hash, indexed, ?, text"
                    " FROM articles WHERE id = ? AND content_hash != ?",
                    (now, article.id, article.content_hash),
                )
                self._delete(db, article.id)
                day = article.date.isoformat() if article.date else None
                story = self._story(db, article)
                db.execute(
                    "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (article.id, article.title, day, article.source, article.url, article.path)
                    + (article.content_hash, now, story, pack_text(article.text)),
                )
                self._insert_chunks(db, article, [(chunk, pack_vector(vector)) for chunk, vector in chunks])
            self._changed(db)

    @staticmethod
    def _story(db: sqlite3.Connection, article: Article) -> str:
        """The story that the article's copies belong to, which is itself for one without; notes its sketch."""
        words = shingles(article.text)
        keys = sketch(words)
        candidates = db.execute(
            "SELECT story, text FROM articles JOIN (SELECT article_id, count(*) AS bands FROM sketches WHERE key IN"
            " (SELECT value FROM json_each(?)) GROUP BY article_id) ON id = article_id ORDER BY bands DESC LIMIT ?",
            (json.dumps(keys), _MOST_CANDIDATES),
        )
        stories = sorted({story for story, text in candidates if are_copies(words, shingles(_readable(text)))})
        story: str = stories[0] if stories else article.id
        db.executemany("UPDATE articles SET story = ? WHERE story = ?", [(story, other) for other in stories[1:]])
        db.executemany("INSERT OR IGNORE INTO sketches VALUES (?, ?)", [(key, article.id) for key in keys])
        return story

    @staticmethod
    def _insert_chunks(db: sqlite3.Connection, article: Article, chunks: Iterable[tuple[Chunk, bytes]]) -> None:
        for chunk, vector in chunks:
            added = db.execute(
                "INSERT INTO chunks VALUES (NULL, ?, ?, ?, ?)", (chunk.article_id, chunk.start, chunk.end, vector)
            )
            words = (added.lastrowid, article.title, article.text[chunk.start : chunk.end])
            db.execute("INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)", words)

    def put_versions(self, versions: Iterable[Version]) -> None:
        """Add earlier versions of articles, given latest first."""
        rows = [
            (v.article.id, v.article.title, v.article.date and v.article.date.isoformat(), v.article.source)
            + (v.article.url, v.article.path, v.article.content_hash)
            + (v.indexed.isoformat(), v.replaced.isoformat(), pack_text(v.article.text))
            for v in reversed(list(versions))
        ]
        with self.database.write() as db:
            db.executemany("INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def move(self, article_id: str, path: str) -> None:
        """Note that an unchanged article is now read from another file."""
        with self.database.write() as db:
            db.execute("UPDATE articles SET path = ? WHERE id = ?", (path, article_id))

    def remove(self, article_ids: Iterable[str]) -> None:
        """Erase articles with all that was made of them, earlier versions included."""
        with self.database.write() as db:
            for article_id in article_ids:
                self._delete(db, article_id)
                db.execute("DELETE FROM versions WHERE article_id = ?", (article_id,))
            # Deleted words stay readable in the word index until its parts are merged.
            db.execute("INSERT INTO words (words) VALUES ('optimize')")
            self._changed(db)
        self.database.checkpoint()

    @staticmethod
    def _delete(db: sqlite3.Connection, article_id: str) -> None:
        found = db.execute("SELECT title, text FROM articles WHERE id = ?", (article_id,)).fetchone()
        if found is None:
            return
        title, text = found[0], _readable(found[1])
        rows = db.execute('SELECT number, start, "end" FROM chunks WHERE article_id = ?', (article_id,))
        # A word index that keeps no text must be told what it is to forget.
        forgotten = [(number, title, text[start:end]) for number, start, end in rows]
        db.executemany("INSERT INTO words (words, rowid, title, text) VALUES ('delete', ?, ?, ?)", forgotten)
        Ledger._delete_rows(db, article_id)

    @staticmethod
    def _delete_rows(db: sqlite3.Connection, article_id: str) -> None:
        db.execute("INSERT INTO gone SELECT number FROM chunks WHERE article_id = ?", (article_id,))
        db.execute("DELETE FROM chunks WHERE article_id = ?", (article_id,))
        db.execute("DELETE FROM sketches WHERE article_id = ?", (article_id,))
        db.execute("DELETE FROM articles WHERE id = ?", (article_id,))
        # Its copies may have been called by it, which it may come back under another text.
        db.execute(
            "UPDATE articles SET story = (SELECT min(id) FROM articles WHERE story = ?1) WHERE story = ?1",
            (article_id,),
        )

    # Chroma's editions -----------------------------------------------------------------------------------

    @contextmanager
    def publishing(self, *, wait: bool = True) -> Iterator[bool]:
        """Inside, nobody else lets vectors follow the ledger; True, as the write lock sees to it."""
        yield True

    def published(self, edition: str) -> None:
        """Note the edition that is from now on in use."""
        with self.database.write() as db:
            self._set(db, edition=edition)
            db.execute("DELETE FROM gone")

    # Rebuilding with another embedding model -------------------------------------------------------------

    def begin_rebuild(self, fingerprint: str) -> list[str]:
        """Go on with a rebuild for this model, or begin it; the ids of the articles that are still to be embedded."""
        with self.database.write() as db:
            if self.meta("rebuilding") != fingerprint:
                db.execute("DELETE FROM rebuilt")
                self._set(db, rebuilding=fingerprint)
        rows = self.database.rows(
            "SELECT id FROM articles WHERE id NOT IN (SELECT article_id FROM rebuilt) ORDER BY id"
        )
        return [row[0] for row in rows]

    def put_aside(self, batch: Iterable[Embedded]) -> None:
        """Keep articles' new chunks and vectors beside those in use."""
        rows = [
            (chunk.article_id, chunk.start, chunk.end, pack_vector(vector))
            for _, chunks in batch
            for chunk, vector in chunks
        ]
        with self.database.write() as db:
            db.executemany("INSERT INTO rebuilt VALUES (?, ?, ?, ?)", rows)

    def swap(self, fingerprint: str) -> None:
        """Put all that was put aside in the place of the chunks in use, at once."""
        with self.database.write() as db:
            db.execute("INSERT INTO gone SELECT number FROM chunks")
            db.execute("DELETE FROM chunks")
            db.execute("INSERT INTO words (words) VALUES ('delete-all')")
            for (article_id,) in db.execute("SELECT id FROM articles ORDER BY id").fetchall():
                rows = db.execute("SELECT * FROM rebuilt WHERE article_id = ? ORDER BY start", (article_id,)).fetchall()
                if (article := self.article(article_id)) is None:  # damaged, so that nothing was put aside
                    continue
                self._insert_chunks(db, article, [(Chunk(*chunk), vector) for *chunk, vector in rows])
            db.execute("DELETE FROM rebuilt")
            self._set(db, fingerprint=fingerprint, rebuilding="")
            self._changed(db)

    # What the doctor asks and does -----------------------------------------------------------------------

    def file_problems(self) -> list[str]:
        """What SQLite finds wrong with its file, the word index excepted."""
        try:
            found = [row[0] for row in self.database.rows("PRAGMA integrity_check(20)")]
        except sqlite3.DatabaseError as error:
            return [str(error)]
        return [problem for problem in found if problem != "ok" and "inverted index" not in problem]

    def words_problem(self) -> str:
        """What is wrong with the word index; empty when nothing is."""
        try:
            with self.database.write() as db:
                db.execute("INSERT INTO words (words) VALUES ('integrity-check')")
        except IndexUnusable as error:
            return str(error.__cause__)
        unknown, missing = self.database.rows(
            "SELECT count(*) FROM words_docsize WHERE id NOT IN (SELECT number FROM chunks)"
            " UNION ALL SELECT count(*) FROM chunks WHERE number NOT IN (SELECT id FROM words_docsize)"
        )
        return f"{missing[0]} chunks are missing in it, {unknown[0]} are unknown" if unknown[0] or missing[0] else ""

    def rewrite_file(self) -> None:
        """Write the whole file anew, its indexes too. Raises IndexUnusable when what it holds cannot be read."""
        try:
            with self.database.connection() as db:
                db.execute("REINDEX")
                db.execute("VACUUM")
        except sqlite3.DatabaseError as error:
            raise IndexUnusable(
                f"{self._path} cannot be mended: {error}. Move the folder away, and index the articles again or import"
                " them from a backup: qa index --import FILE"
            ) from error

    def drop(self, article_ids: Iterable[str]) -> None:
        """Take out articles whose texts are damaged. The word index is to be rewritten then."""
        with self.database.write() as db:
            for article_id in article_ids:
                self._delete_rows(db, article_id)
            self._changed(db)

    def rewrite_words(self) -> None:
        """Make the word index anew from the texts."""
        with self.database.write() as db:
            db.execute("INSERT INTO words (words) VALUES ('delete-all')")
            for (article_id,) in db.execute("SELECT id FROM articles").fetchall():
                if (article := self.article(article_id)) is None:
                    continue
                rows = db.execute('SELECT number, start, "end" FROM chunks WHERE article_id = ?', (article_id,))
                words = [(number, article.title, article.text[start:end]) for number, start, end in rows]
                db.executemany("INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)", words)
            self._changed(db)


def _readable(packed: bytes) -> str:
    """A text, or nothing where it is damaged."""
    try:
        return unpack_text(packed)
    except ValueError:
        return ""
