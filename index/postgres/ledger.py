"""The ledger in PostgreSQL: articles, chunks, vectors and the word index, for many servers at once.

Whoever writes locks the table `writing` first: as in a file, one writes at a time, which takes a small part of the time
that embedding takes, so that numbers grow in the order of commits and copies of a story find each other. Readers see
whole states (MVCC) and wait for nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

from index.article import Article, Chunk, Version
from index.errors import IndexBusy, IndexNotFound, IndexUnusable
from index.postgres.database import Connection
from index.postgres.lookup import PostgresLookup
from index.postgres.schema import CREATION_LOCK, MIGRATIONS, migrate, version
from index.postgres.words import tokens, vector
from index.postgres.work import SharedWork
from index.protocols import Embedded
from index.schema import pack_text, pack_vector, unpack_text
from index.stories import are_copies, shingles, sketch

_MOST_CANDIDATES = 20
_CREATION_SECONDS = 60


class PostgresLedger(PostgresLookup):
    """The tables of an index. `index.ledger` says what each method does; any number of processes may write."""

    def __init__(self, url: str, *, create: bool = False) -> None:
        """Open the index at `url`; `create` makes an empty one where none is. An older schema is brought up to date.

        Raises IndexNotFound, IndexUnusable, SettingsError.
        """
        super().__init__(url)
        found = self.database.again(version)
        if found is None or found < len(MIGRATIONS):
            found = self._migrate(create=create)
        if found is None:
            raise IndexNotFound(
                f"no index in the database {self.name}. Build one: qa index PATH, with the same --database-url"
            )
        if found > len(MIGRATIONS):
            raise IndexUnusable(
                f"the index in the database {self.name} was written by another version of article-qa (schema {found},"
                f" this one reads {len(MIGRATIONS)}). Update article-qa, or index again into another database"
            )

    def _migrate(self, *, create: bool) -> int | None:
        # Held by a connection of its own: one that has looked for a table before it waits finds none behind the wait.
        with self.database.holding(str(CREATION_LOCK), shared=False, wait=_CREATION_SECONDS):
            return self.database.write(lambda db: migrate(db, create=create), begin="BEGIN")

    @contextmanager
    def changing(self, *, alone: bool, wait: float) -> Iterator[None]:
        """Be one of those who change the index, or the only one. Raises IndexBusy after `wait` seconds in vain.

        The lock goes with its connection. That nothing is stored twice, or for another model, is seen to by each
        transaction.
        """
        with self.database.holding("'writing'::regclass::oid::bigint", shared=not alone, wait=wait) as held:
            if not held:
                raise IndexBusy(
                    f"others have been changing the index in {self.name} for over {wait:g} s. Try again when they are"
                    " done, or wait longer with --wait SECONDS"
                )
            yield

    # Facts ---------------------------------------------------------------------------------------------------

    def note(self, **facts: object) -> None:
        """Note facts about the index."""
        self.database.write(lambda db: self._set(db, **facts))

    @staticmethod
    def _set(db: Connection, **facts: object) -> None:
        statement = "INSERT INTO meta VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        for name, value in facts.items():
            db.execute(statement, (name, str(value)))

    @staticmethod
    def _changed(db: Connection) -> None:
        db.execute("UPDATE meta SET value = (value::bigint + 1)::text WHERE name = 'generation'")

    # Articles ------------------------------------------------------------------------------------------------

    def work(self) -> SharedWork:
        """Where articles wait to be embedded and stored, for any of the indexers."""
        return SharedWork(self.database, self.put)

    def replace(self, batch: Iterable[Embedded]) -> None:
        """Put articles with their chunks and vectors in the place of what was there under their ids."""
        embedded = list(batch)
        self.database.write(lambda db: self.put(db, embedded))

    def put(self, db: Connection, batch: Sequence[Embedded]) -> None:
        """The same, in a transaction. What was there with another text is kept as a version."""
        now = datetime.now(UTC).replace(microsecond=0)
        db.cursor().executemany(
            "INSERT INTO versions (article_id, title, date, source, url, path, content_hash, indexed, replaced, text)"
            " SELECT id, title, date, source, url, path, content_hash, indexed, %s, text"
            " FROM articles WHERE id = %s AND content_hash != %s",
            [(now, article.id, article.content_hash) for article, _ in batch],
        )
        self._delete(db, [article.id for article, _ in batch])
        for article, _ in batch:
            db.execute(
                "INSERT INTO articles VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (article.id, article.title, article.date, article.source, article.url, article.path)
                + (article.content_hash, now, self._story(db, article), pack_text(article.text)),
            )
        packed = [(article, chunk, pack_vector(vector)) for article, chunks in batch for chunk, vector in chunks]
        self._insert_chunks(db, packed)
        db.execute("UPDATE totals SET articles = articles + %s", (len(batch),))
        self._changed(db)

    @staticmethod
    def _story(db: Connection, article: Article) -> str:
        """The story that the article's copies belong to, which is itself for one without; notes its sketch."""
        words = shingles(article.text)
        keys = sketch(words)
        if not keys:
            return article.id
        candidates = db.execute(
            "SELECT story, text FROM articles JOIN (SELECT article_id, count(*) AS bands FROM sketches WHERE"
            " key = ANY(%s) GROUP BY article_id) AS alike ON id = article_id ORDER BY bands DESC, id LIMIT %s",
            (keys, _MOST_CANDIDATES),
        ).fetchall()
        stories = sorted({story for story, text in candidates if are_copies(words, shingles(_readable(text)))})
        story: str = stories[0] if stories else article.id
        if stories[1:]:
            db.execute("UPDATE articles SET story = %s WHERE story = ANY(%s)", (story, stories[1:]))
        db.execute(
            "INSERT INTO sketches SELECT unnest(%s::bigint[]), %s ON CONFLICT DO NOTHING",
            (sorted(set(keys)), article.id),
        )
        return story

    @staticmethod
    def _insert_chunks(db: Connection, rows: Sequence[tuple[Article, Chunk, bytes]]) -> None:
        numbered = db.execute(
            "SELECT nextval(pg_get_serial_sequence('chunks', 'number')) FROM generate_series(1, %s)", (len(rows),)
        )
        numbers = [row[0] for row in numbered]
        db.cursor().executemany(
            "INSERT INTO chunks VALUES (%s, %s, %s, %s, %s)",
            [
                (number, chunk.article_id, chunk.start, chunk.end, vector)
                for number, (_, chunk, vector) in zip(numbers, rows, strict=True)
            ],
        )
        texts = [(article.title, article.text[chunk.start : chunk.end]) for article, chunk, _ in rows]
        _insert_words(db, dict(zip(numbers, texts, strict=True)))
        db.execute("UPDATE totals SET chunks = chunks + %s", (len(rows),))

    def put_versions(self, versions: Iterable[Version]) -> None:
        """Add earlier versions of articles, given latest first, but for those that are there."""
        rows = [
            {"id": v.article.id, "title": v.article.title, "date": v.article.date, "source": v.article.source}
            | {"url": v.article.url, "path": v.article.path, "hash": v.article.content_hash}
            | {"indexed": v.indexed, "replaced": v.replaced, "text": pack_text(v.article.text)}
            for v in reversed(list(versions))
        ]
        statement = (
            "INSERT INTO versions (article_id, title, date, source, url, path, content_hash, indexed, replaced, text)"
            " SELECT %(id)s, %(title)s, %(date)s::date, %(source)s, %(url)s, %(path)s, %(hash)s, %(indexed)s,"
            " %(replaced)s, %(text)s WHERE NOT EXISTS (SELECT FROM versions WHERE article_id = %(id)s"
            " AND content_hash = %(hash)s AND replaced = %(replaced)s)"
        )
        self.database.write(lambda db: db.cursor().executemany(statement, rows))

    def move(self, article_id: str, path: str) -> None:
        """Note that an unchanged article is now read from another file."""
        self.database.write(lambda db: db.execute("UPDATE articles SET path = %s WHERE id = %s", (path, article_id)))

    def remove(self, article_ids: Iterable[str]) -> None:
        """Erase articles with all that was made of them, earlier versions included, and what waits to be stored."""
        ids = list(article_ids)

        def change(db: Connection) -> None:
            self._delete(db, ids)
            db.execute("DELETE FROM versions WHERE article_id = ANY(%s)", (ids,))
            db.execute("DELETE FROM work WHERE article_id = ANY(%s)", (ids,))
            self._changed(db)

        self.database.write(change)

    @staticmethod
    def _delete(db: Connection, ids: Sequence[str]) -> None:
        asked = (list(ids),)
        numbers = [row[0] for row in db.execute("SELECT number FROM chunks WHERE article_id = ANY(%s)", asked)]
        if numbers:
            _delete_words(db, numbers)
            db.execute("INSERT INTO gone SELECT unnest(%s::bigint[])", (numbers,))
            db.execute("DELETE FROM chunks WHERE article_id = ANY(%s)", asked)
        db.execute("DELETE FROM sketches WHERE article_id = ANY(%s)", asked)
        articles = db.execute("DELETE FROM articles WHERE id = ANY(%s)", asked).rowcount
        db.execute("UPDATE totals SET articles = articles - %s, chunks = chunks - %s", (articles, len(numbers)))
        # Its copies may have been called by it, which it may come back under another text.
        db.execute(
            "UPDATE articles SET story = (SELECT min(id) FROM articles AS copies WHERE copies.story = articles.story)"
            " WHERE story = ANY(%s)",
            asked,
        )

    # Vectors that follow -------------------------------------------------------------------------------------

    def publishing(self, *, wait: bool = True) -> AbstractContextManager[bool]:
        """Inside, one state is read, and nobody else lets vectors follow; False when one does and is not waited for."""
        return self.database.alone("publishing", wait=wait)

    def published(self, edition: str) -> None:
        """Note what vectors are from now on in use. What went before the state that they follow is forgotten."""

        def change(db: Connection) -> None:
            self._set(db, edition=edition)
            db.execute("DELETE FROM gone")

        self.database.write(change)

    # Rebuilding with another embedding model -----------------------------------------------------------------

    def begin_rebuild(self, fingerprint: str) -> list[str]:
        """Go on with a rebuild for this model, or begin it; the ids of the articles that are still to be embedded."""

        def change(db: Connection) -> list[str]:
            if self.meta("rebuilding") != fingerprint:
                db.execute("DELETE FROM rebuilt")
                self._set(db, rebuilding=fingerprint)
            rows = db.execute("SELECT id FROM articles WHERE id NOT IN (SELECT article_id FROM rebuilt) ORDER BY id")
            return [row[0] for row in rows]

        return self.database.write(change)

    def put_aside(self, batch: Iterable[Embedded]) -> None:
        """Keep articles' new chunks and vectors beside those in use."""
        rows = [
            (chunk.article_id, chunk.start, chunk.end, pack_vector(vector))
            for _, chunks in batch
            for chunk, vector in chunks
        ]

        def change(db: Connection) -> None:
            db.execute("DELETE FROM rebuilt WHERE article_id = ANY(%s)", (list({row[0] for row in rows}),))
            db.cursor().executemany("INSERT INTO rebuilt VALUES (%s, %s, %s, %s)", rows)

        self.database.write(change)

    def swap(self, fingerprint: str) -> None:
        """Put all that was put aside in the place of the chunks in use, at once."""

        def change(db: Connection) -> None:
            if self.meta("rebuilding") != fingerprint:  # it was stored, and only the word of it was lost
                return
            db.execute("INSERT INTO gone SELECT number FROM chunks")
            db.execute("DELETE FROM chunks")
            db.execute("DELETE FROM words")
            db.execute("DELETE FROM terms")
            db.execute("UPDATE totals SET chunks = 0, words = 0")
            for (article_id,) in db.execute("SELECT id FROM articles ORDER BY id").fetchall():
                statement = "SELECT * FROM rebuilt WHERE article_id = %s ORDER BY start"
                rows = db.execute(statement, (article_id,)).fetchall()
                if article := self.article(article_id):  # a damaged one was not put aside
                    self._insert_chunks(db, [(article, Chunk(*chunk), vector) for *chunk, vector in rows])
            db.execute("DELETE FROM rebuilt")
            db.execute("DELETE FROM work")  # left by killed indexers, and cut for the other model
            self._set(db, fingerprint=fingerprint, rebuilding="")
            self._changed(db)

        self.database.write(change)

    # What the doctor asks and does ---------------------------------------------------------------------------

    def file_problems(self) -> list[str]:
        """None that could be told from here: a server looks after its files itself (pg_amcheck, checksums)."""
        return []

    def words_problem(self) -> str:
        """What is wrong with the word index; empty when nothing is."""
        ((missing, unknown),) = self.database.rows(
            "SELECT (SELECT count(*) FROM chunks WHERE number NOT IN (SELECT number FROM words)),"
            " (SELECT count(*) FROM words WHERE number NOT IN (SELECT number FROM chunks))"
        )
        if missing or unknown:
            return f"{missing} chunks are missing in it, {unknown} are unknown"
        ((miscounted,),) = self.database.rows(
            "SELECT count(*) FROM terms FULL JOIN ts_stat('SELECT terms FROM words') AS real ON term = word"
            " WHERE chunks IS DISTINCT FROM ndoc"
        )
        return f"{miscounted} words are not counted right" if miscounted else ""

    def rewrite_file(self) -> None:
        """Nothing: see `file_problems`."""

    def drop(self, article_ids: Iterable[str]) -> None:
        """Take out articles whose texts are damaged."""
        ids = list(article_ids)

        def change(db: Connection) -> None:
            self._delete(db, ids)
            self._changed(db)

        self.database.write(change)

    def rewrite_words(self) -> None:
        """Make the word index anew from the texts, and count all anew."""

        def change(db: Connection) -> None:
            db.execute("DELETE FROM words")
            db.execute("DELETE FROM terms")
            db.execute(
                "UPDATE totals SET articles = (SELECT count(*) FROM articles), chunks = (SELECT count(*) FROM chunks),"
                " words = 0"
            )
            for article in self.articles():
                statement = 'SELECT number, start, "end" FROM chunks WHERE article_id = %s'
                rows = db.execute(statement, (article.id,)).fetchall()
                _insert_words(db, {number: (article.title, article.text[start:end]) for number, start, end in rows})
            self._changed(db)

        self.database.write(change)


def _insert_words(db: Connection, texts: dict[int, tuple[str, str]]) -> None:
    """Index the words of chunks, by their numbers: of their articles' titles, and of their texts."""
    found = {number: [*tokens(title), *tokens(text)] for number, (title, text) in texts.items()}
    db.cursor().executemany(
        "INSERT INTO words VALUES (%s, %s, %s::tsvector)",
        [(number, len(words), vector(words)) for number, words in found.items()],
    )
    db.execute(
        "INSERT INTO terms SELECT term, count(*) FROM words, unnest(tsvector_to_array(terms)) AS term"
        " WHERE number = ANY(%s) GROUP BY term ORDER BY term"
        " ON CONFLICT (term) DO UPDATE SET chunks = terms.chunks + excluded.chunks",
        (list(texts),),
    )
    db.execute("UPDATE totals SET words = words + %s", (sum(map(len, found.values())),))


def _delete_words(db: Connection, numbers: Sequence[int]) -> None:
    went = (list(numbers),)
    left = db.execute(
        "UPDATE terms SET chunks = terms.chunks - went.chunks FROM (SELECT term, count(*) AS chunks FROM words,"
        " unnest(tsvector_to_array(terms)) AS term WHERE number = ANY(%s) GROUP BY term) AS went"
        " WHERE went.term = terms.term RETURNING terms.term, terms.chunks",
        went,
    ).fetchall()
    db.execute("DELETE FROM terms WHERE term = ANY(%s)", ([term for term, chunks in left if chunks <= 0],))
    db.execute(
        "WITH went AS (DELETE FROM words WHERE number = ANY(%s) RETURNING length)"
        " UPDATE totals SET words = words - (SELECT coalesce(sum(length), 0) FROM went)",
        went,
    )


def _readable(packed: bytes) -> str:
    """A text, or nothing where it is damaged."""
    try:
        return unpack_text(packed)
    except ValueError:
        return ""
