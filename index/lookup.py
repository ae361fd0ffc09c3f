"""The reading half of the ledger: articles, chunks, vectors and words. Open to any thread."""

import itertools
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.article import Article, Chunk, Listed, Reprint, Version
from index.database import Database
from index.schema import unpack_text, unpack_vectors
from index.scope import Scope

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

_ARTICLE = "id, text, title, date, source, url, path"
_JOINED = "chunks JOIN articles ON articles.id = article_id"
_MOST_SCORED = 12_000
_LIKELY = 4
_LEAST_LETTERS = 3


class Lookup:
    """What can be read of a ledger."""

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        self._common: tuple[int, set[str]] = (-1, set())

    def snapshot(self) -> AbstractContextManager[None]:
        """All that this thread reads inside comes from one state, whatever is written meanwhile."""
        return self.database.snapshot()

    def close(self) -> None:
        """Close the connections, which nobody may be using any more."""
        self.database.close()

    def meta(self, name: str) -> str | None:
        """A fact about the index: `schema_version`, `fingerprint`, `generation`, `edition`."""
        rows = self.database.rows("SELECT value FROM meta WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    def now(self, name: str) -> str | None:
        """A fact as it is at this moment, whatever state this thread reads."""
        with self.database.elsewhere() as db:
            found = db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return found[0] if found else None

    @property
    def generation(self) -> int:
        """Grows with each change of the articles."""
        return int(self.meta("generation") or 0)

    # Articles -----------------------------------------------------------------------------------------

    def article(self, article_id: str) -> Article | None:
        """An article with its text; None, too, when its text is damaged, which is logged."""
        for row in self.database.rows(f"SELECT {_ARTICLE} FROM articles WHERE id = ?", (article_id,)):
            try:
                return _article(row)
            except ValueError as error:
                logger.warning("the text of article %s is damaged (%s): run qa doctor --repair", article_id, error)
        return None

    def articles(self) -> Iterator[Article]:
        """All articles, the latest first, those without a date last."""
        for (article_id,) in self.database.rows("SELECT id FROM articles ORDER BY date DESC NULLS LAST, title"):
            if article := self.article(article_id):
                yield article

    def versions(self, article_id: str) -> list[Version]:
        """What was read under this id before, the latest first."""
        rows = self.database.rows(
            f"SELECT {_ARTICLE.replace('id', 'article_id', 1)}, indexed, replaced FROM versions WHERE article_id = ?"
            " ORDER BY rowid DESC",
            (article_id,),
        )
        return [
            Version(_article(row), datetime.fromisoformat(indexed), datetime.fromisoformat(replaced))
            for *row, indexed, replaced in rows
        ]

    def reprints(self, article_ids: Iterable[str], scope: Scope) -> dict[str, list[Reprint]]:
        """For each of the articles that has copies in the scope: all of them, itself included, the earliest first."""
        inside, values = _where(scope)
        rows = self.database.rows(
            "SELECT asked.value, articles.id, articles.title, articles.date, articles.source, articles.url"
            " FROM json_each(?) AS asked JOIN articles AS mine ON mine.id = asked.value"
            f" JOIN articles ON articles.story = mine.story WHERE {inside}"
            " ORDER BY articles.date NULLS LAST, articles.indexed, articles.id",
            (json.dumps(list(article_ids)), *values),
        )
        copies: dict[str, list[Reprint]] = {}
        for asked, id_, title, day, source, url in rows:
            copies.setdefault(asked, []).append(Reprint(id_, title, _day(day), source, url))
        return {article_id: found for article_id, found in copies.items() if len(found) > 1}

    def listed(self, words: Iterable[str], scope: Scope, *, limit: int, offset: int = 0) -> tuple[list[Listed], int]:
        """Articles in the scope with all of `words` in their title, source or text, ordered as `articles` are.

        At most `limit` of them after the first `offset`, and how many there are altogether. No text is loaded; words
        of one or two letters, which begin too many others, are looked for in titles and sources only.
        """
        inside, values = _where(scope)
        for word in words:
            wanted, known = "title LIKE ? ESCAPE '~' OR source LIKE ? ESCAPE '~'", [_like(word)] * 2
            if len(word) >= _LEAST_LETTERS:
                begun = "SELECT article_id FROM chunks WHERE number IN (SELECT rowid FROM words WHERE words MATCH ?)"
                wanted, known = f"{wanted} OR id IN ({begun})", [*known, f"{_quoted(word)} *"]
            inside += f" AND ({wanted})"
            values += known
        order = "ORDER BY date DESC NULLS LAST, title, id"
        rows = self.database.rows(
            "SELECT total, id, title, date, source, content_hash,"
            " (SELECT count(*) FROM versions WHERE article_id = id),"
            " (SELECT count(*) - 1 FROM articles AS copy WHERE copy.story = shown.story)"
            " FROM (SELECT count(*) OVER () AS total, id, title, date, source, content_hash, story FROM articles"
            f" WHERE {inside} {order} LIMIT ? OFFSET ?) AS shown {order}",
            (*values, limit, offset),
        )
        found = [Listed(id_, title, _day(day), *facts) for _, id_, title, day, *facts in rows]
        return found, rows[0][0] if rows else 0

    def hashes(self) -> dict[str, tuple[str, str | None]]:
        """Content hash and path of every article, by id."""
        rows = self.database.rows("SELECT id, content_hash, path FROM articles")
        return {row[0]: (row[1], row[2]) for row in rows}

    def counts(self) -> tuple[int, int]:
        """How many articles and chunks there are."""
        ((articles, chunks),) = self.database.rows(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM chunks)"
        )
        return articles, chunks

    def sources(self) -> list[str]:
        """The sources that articles name, in order."""
        rows = self.database.rows("SELECT DISTINCT source FROM articles WHERE source IS NOT NULL ORDER BY source")
        return [row[0] for row in rows]

    # Chunks -------------------------------------------------------------------------------------------

    def chunks(self, numbers: Iterable[int]) -> "dict[int, tuple[Chunk, NDArray[np.float32]]]":
        """The chunks with these numbers and their vectors; numbers that the ledger does not know are left out."""
        rows = self.database.rows(
            'SELECT number, vector, article_id, start, "end" FROM chunks'
            " WHERE number IN (SELECT value FROM json_each(?))",
            (json.dumps(list(numbers)),),
        )
        found, vectors = _columns([row[:2] for row in rows])
        return {number: (Chunk(*row[2:]), vector) for number, row, vector in zip(found, rows, vectors, strict=True)}

    def stored_chunks(self, article_id: str) -> list[tuple[Chunk, bytes]]:
        """An article's chunks in order, with their vectors as they are stored."""
        rows = self.database.rows(
            'SELECT article_id, start, "end", vector FROM chunks WHERE article_id = ? ORDER BY start', (article_id,)
        )
        return [(Chunk(*chunk), vector) for *chunk, vector in rows]

    def all_numbers(self) -> list[int]:
        """The numbers of all chunks, in order."""
        return [row[0] for row in self.database.rows("SELECT number FROM chunks ORDER BY number")]

    def chunk_numbers(self, scope: Scope) -> list[int]:
        """The numbers of all chunks in the scope."""
        inside, values = _where(scope)
        return [row[0] for row in self.database.rows(f"SELECT number FROM {_JOINED} WHERE {inside}", values)]

    def vectors(self, scope: Scope) -> "tuple[list[int], NDArray[np.float32]]":
        """The numbers of all chunks in the scope and their vectors, float32 `[n, dimension]`."""
        inside, values = _where(scope)
        return _columns(self.database.rows(f"SELECT number, vector FROM {_JOINED} WHERE {inside}", values))

    def vectors_after(self, number: int, *, limit: int = -1) -> "tuple[list[int], NDArray[np.float32]]":
        """The same for the chunks behind `number`, in the order of their numbers, at most `limit`."""
        rows = "SELECT number, vector FROM chunks WHERE number > ? ORDER BY number LIMIT ?"
        return _columns(self.database.rows(rows, (number, limit)))

    def count_after(self, number: int) -> int:
        """How many chunks there are behind `number`."""
        return int(self.database.rows("SELECT count(*) FROM chunks WHERE number > ?", (number,))[0][0])

    def gone(self, upto: int) -> list[int]:
        """The numbers, up to `upto`, of the chunks that went since the edition in use was written."""
        return [
            row[0] for row in self.database.rows("SELECT number FROM gone WHERE number <= ? ORDER BY number", (upto,))
        ]

    # Words --------------------------------------------------------------------------------------------

    def match(self, terms: Iterable[str], limit: int, scope: Scope) -> dict[int, float]:
        """BM25 (higher is better) of the best `limit` chunks that hold any of `terms`, by chunk number.

        In a large index only those are scored that the rarest of the terms alone put among the best: to find where
        terms stand takes a tenth of the time that scoring takes.
        """
        inside, values = _where(scope)
        among = f"rowid IN (SELECT number FROM {_JOINED} WHERE {inside})" if scope else "TRUE"
        quoted = [_quoted(term) for term in terms]
        if (rarest := self._rarest(quoted)) == quoted:
            return self._best(quoted, limit, among, values)
        likely = self._best(rarest, _LIKELY * limit, among, values)
        # The plus keeps SQLite from asking for the rows one by one.
        return self._best(quoted, limit, "+rowid IN (SELECT value FROM json_each(?))", [json.dumps(list(likely))])

    def _best(self, terms: list[str], limit: int, among: str, values: list[Any]) -> dict[int, float]:
        if not terms:
            return {}
        rows = self.database.rows(
            f"SELECT rowid, -bm25(words) AS score FROM words WHERE words MATCH ? AND {among}"
            " ORDER BY score DESC LIMIT ?",
            (" OR ".join(terms), *values, limit),
        )
        return dict(rows)

    def _rarest(self, terms: list[str]) -> list[str]:
        """The rarest of the terms, as many as stand in so few chunks together that scoring them takes no time."""
        counted = sorted((count, term) for term, count in self._frequencies(terms).items())
        sums = itertools.accumulate(number for number, _ in counted)
        kept = [term for total, (_, term) in zip(sums, counted, strict=True) if total <= _MOST_SCORED]
        return terms if len(kept) == len(terms) else kept or [term for _, term in counted[:1]]

    def _frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many chunks each term stands; of common ones, only that it is too many, which is remembered."""
        if self._common[0] != (generation := self.generation):
            self._common = generation, set()
        common = self._common[1]
        count = "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)"
        too_many = _MOST_SCORED + 1
        frequencies = {
            term: too_many if term in common else self.database.rows(count, (term, too_many))[0][0] for term in terms
        }
        common |= {term for term, number in frequencies.items() if number == too_many}
        return frequencies


def _where(scope: Scope) -> tuple[str, list[Any]]:
    """The condition that an article is in the scope, in SQL, and its values."""
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
    return " AND ".join(conditions), values


def _quoted(term: str) -> str:
    return '"' + term.replace('"', "") + '"'


def _like(word: str) -> str:
    """A pattern for what has the word in it."""
    return "%" + "".join(f"~{char}" if char in "~%_" else char for char in word) + "%"


def _article(row: Sequence[Any]) -> Article:
    id_, text, title, day, source, url, path = row
    return Article(id_, unpack_text(text), title, _day(day), source, url, path)


def _day(stored: str | None) -> date | None:
    return date.fromisoformat(stored) if stored else None


def _columns(rows: Sequence[Sequence[Any]]) -> "tuple[list[int], NDArray[np.float32]]":
    return [row[0] for row in rows], unpack_vectors([row[1] for row in rows])
