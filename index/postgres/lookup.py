"""The reading half of the ledger in PostgreSQL; `index.lookup` says what each method gives."""

import itertools
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from index.article import Article, Chunk, Listed, Reprint, Version
from index.postgres.database import Database
from index.postgres.words import rank, tokens
from index.schema import unpack_text, unpack_vectors
from index.scope import Scope

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = tuple[list[int], NDArray[np.float32]]

logger = logging.getLogger(__name__)

_ARTICLE = "id, text, title, date, source, url, path"
_JOINED = "chunks JOIN articles ON articles.id = article_id"
_MOST_SCORED = 12_000
_LIKELY = 4
_LEAST_LETTERS = 3


class PostgresLookup:
    """What can be read of a ledger."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)

    @property
    def name(self) -> str:
        """Where it is, without the password."""
        return self.database.name

    def snapshot(self) -> AbstractContextManager[None]:
        """All that this thread reads inside comes from one state, whatever is written meanwhile."""
        return self.database.snapshot()

    def close(self) -> None:
        """Close the connections, which nobody may be using any more."""
        self.database.close()

    def meta(self, name: str) -> str | None:
        """A fact about the index: `schema_version`, `fingerprint`, `generation`, `edition`."""
        rows = self.database.rows("SELECT value FROM meta WHERE name = %s", (name,))
        return rows[0][0] if rows else None

    def now(self, name: str) -> str | None:
        """A fact as it is at this moment, whatever state this thread reads."""
        statement = "SELECT value FROM meta WHERE name = %s"
        found = self.database.again(lambda db: db.execute(statement, (name,)).fetchone())
        return found[0] if found else None

    @property
    def generation(self) -> int:
        """Grows with each change of the articles."""
        return int(self.meta("generation") or 0)

    # Articles -----------------------------------------------------------------------------------------

    def article(self, article_id: str) -> Article | None:
        """An article with its text; None, too, when its text is damaged, which is logged."""
        for row in self.database.rows(f"SELECT {_ARTICLE} FROM articles WHERE id = %s", (article_id,)):
            try:
                return _article(row)
            except ValueError as error:
                logger.warning("the text of article %s is damaged (%s): run qa doctor --repair", article_id, error)
        return None

    def articles(self) -> Iterator[Article]:
        """All articles, the latest first, those without a date last."""
        for (article_id,) in self.database.rows("SELECT id FROM articles ORDER BY date DESC NULLS LAST, title, id"):
            if article := self.article(article_id):
                yield article

    def versions(self, article_id: str) -> list[Version]:
        """What was read under this id before, the latest first."""
        rows = self.database.rows(
            f"SELECT {_ARTICLE.replace('id', 'article_id', 1)}, indexed, replaced FROM versions WHERE article_id = %s"
            " ORDER BY number DESC",
            (article_id,),
        )
        return [Version(_article(row), indexed, replaced) for *row, indexed, replaced in rows]

    def reprints(self, article_ids: Iterable[str], scope: Scope) -> dict[str, list[Reprint]]:
        """For each of the articles that has copies in the scope: all of them, itself included, the earliest first."""
        inside, values = _where(scope)
        rows = self.database.rows(
            "SELECT mine.id, articles.id, articles.title, articles.date, articles.source, articles.url"
            " FROM articles AS mine JOIN articles ON articles.story = mine.story"
            f" WHERE mine.id = ANY(%(asked)s) AND {inside}"
            " ORDER BY articles.date NULLS LAST, articles.indexed, articles.id",
            {"asked": list(article_ids), **values},
        )
        copies: dict[str, list[Reprint]] = {}
        for asked, *facts in rows:
            copies.setdefault(asked, []).append(Reprint(*facts))
        return {article_id: found for article_id, found in copies.items() if len(found) > 1}

    def listed(self, words: Iterable[str], scope: Scope, *, limit: int, offset: int = 0) -> tuple[list[Listed], int]:
        """Articles in the scope with all of `words` in their title, source or text, ordered as `articles` are.

        At most `limit` of them after the first `offset`, and how many there are altogether. No text is loaded; words
        of one or two letters, which begin too many others, are looked for in titles and sources only.
        """
        inside, values = _where(scope)
        for number, word in enumerate(words):
            wanted = f"title ILIKE %(like{number})s ESCAPE '~' OR source ILIKE %(like{number})s ESCAPE '~'"
            values[f"like{number}"] = _like(word)
            if len(word) >= _LEAST_LETTERS and (begins := " & ".join(f"'{token}':*" for token in tokens(word))):
                wanted += (
                    " OR id IN (SELECT article_id FROM chunks JOIN words USING (number)"
                    f" WHERE words.terms @@ %(begins{number})s::tsquery)"
                )
                values[f"begins{number}"] = begins
            inside += f" AND ({wanted})"
        order = "ORDER BY date DESC NULLS LAST, title, id"
        rows = self.database.rows(
            "SELECT total, id, title, date, source, content_hash,"
            " (SELECT count(*) FROM versions WHERE article_id = id),"
            " (SELECT count(*) - 1 FROM articles AS copy WHERE copy.story = shown.story)"
            " FROM (SELECT count(*) OVER () AS total, id, title, date, source, content_hash, story FROM articles"
            f" WHERE {inside} {order} LIMIT %(limit)s OFFSET %(offset)s) AS shown {order}",
            {**values, "limit": limit, "offset": offset},
        )
        return [Listed(*facts) for _, *facts in rows], rows[0][0] if rows else 0

    def hashes(self) -> dict[str, tuple[str, str | None]]:
        """Content hash and path of every article, by id."""
        rows = self.database.rows("SELECT id, content_hash, path FROM articles")
        return {row[0]: (row[1], row[2]) for row in rows}

    def counts(self) -> tuple[int, int]:
        """How many articles and chunks there are."""
        ((articles, chunks),) = self.database.rows("SELECT articles, chunks FROM totals")
        return articles, chunks

    def sources(self) -> list[str]:
        """The sources that articles name, in order."""
        rows = self.database.rows("SELECT DISTINCT source FROM articles WHERE source IS NOT NULL ORDER BY source")
        return [row[0] for row in rows]

    # Chunks -------------------------------------------------------------------------------------------

    def chunks(self, numbers: Iterable[int]) -> "dict[int, tuple[Chunk, NDArray[np.float32]]]":
        """The chunks with these numbers and their vectors; numbers that the ledger does not know are left out."""
        rows = self.database.rows(
            'SELECT number, vector, article_id, start, "end" FROM chunks WHERE number = ANY(%s)', (list(numbers),)
        )
        found, vectors = _columns([row[:2] for row in rows])
        return {number: (Chunk(*row[2:]), vector) for number, row, vector in zip(found, rows, vectors, strict=True)}

    def stored_chunks(self, article_id: str) -> list[tuple[Chunk, bytes]]:
        """An article's chunks in order, with their vectors as they are stored."""
        rows = self.database.rows(
            'SELECT article_id, start, "end", vector FROM chunks WHERE article_id = %s ORDER BY start', (article_id,)
        )
        return [(Chunk(*chunk), vector) for *chunk, vector in rows]

    def all_numbers(self) -> list[int]:
        """The numbers of all chunks, in order."""
        return [row[0] for row in self.database.rows("SELECT number FROM chunks ORDER BY number")]

    def chunk_numbers(self, scope: Scope) -> list[int]:
        """The numbers of all chunks in the scope."""
        inside, values = _where(scope)
        return [row[0] for row in self.database.rows(f"SELECT number FROM {_JOINED} WHERE {inside}", values)]

    def vectors(self, scope: Scope) -> "Rows":
        """The numbers of all chunks in the scope and their vectors, float32 `[n, dimension]`."""
        inside, values = _where(scope)
        return _columns(self.database.rows(f"SELECT number, vector FROM {_JOINED} WHERE {inside}", values))

    def vectors_after(self, number: int, *, limit: int = -1) -> "Rows":
        """The same for the chunks behind `number`, in the order of their numbers, at most `limit`."""
        rows = "SELECT number, vector FROM chunks WHERE number > %s ORDER BY number LIMIT %s"
        return _columns(self.database.rows(rows, (number, None if limit < 0 else limit)))

    def count_after(self, number: int) -> int:
        """How many chunks there are behind `number`."""
        return int(self.database.rows("SELECT count(*) FROM chunks WHERE number > %s", (number,))[0][0])

    def gone(self, upto: int) -> list[int]:
        """The numbers, up to `upto`, of the chunks that went and that vectors have not followed in."""
        rows = self.database.rows("SELECT number FROM gone WHERE number <= %s ORDER BY number", (upto,))
        return [row[0] for row in rows]

    # Words --------------------------------------------------------------------------------------------

    def match(self, terms: Iterable[str], limit: int, scope: Scope) -> dict[int, float]:
        """BM25 (higher is better) of the best `limit` chunks that hold any of `terms`, by chunk number.

        In a large index only those are scored that the rarest of the terms alone put among the best.
        """
        times = Counter(token for term in terms for token in tokens(term))
        stand_in = dict(
            self.database.rows(
                "SELECT term, chunks FROM terms WHERE term = ANY(%s) ORDER BY chunks, term", (list(times),)
            )
        )
        if not stand_in:
            return {}
        inside, values = _where(scope)
        among = f"words.number IN (SELECT number FROM {_JOINED} WHERE {inside})" if scope else "TRUE"
        if (rarest := _rarest(stand_in)) == stand_in:
            return self._best(stand_in, times, limit, among, values)
        likely = self._best(rarest, times, _LIKELY * limit, among, values)
        return self._best(stand_in, times, limit, "words.number = ANY(%(likely)s)", {"likely": list(likely)})

    def _best(
        self, terms: dict[str, int], times: Counter[str], limit: int, among: str, values: dict[str, Any]
    ) -> dict[int, float]:
        ((chunks, words),) = self.database.rows("SELECT chunks, words FROM totals")
        scores, weights = rank(terms, times, chunks=chunks, words=words)
        best = f"{scores} AND {among} ORDER BY score DESC, words.number LIMIT %(limit)s"
        return dict(self.database.rows(best, {**weights, **values, "limit": limit}))


def _rarest(stand_in: dict[str, int]) -> dict[str, int]:
    """The rarest of the terms, as many as stand in so few chunks together that scoring them takes no time."""
    sums = itertools.accumulate(stand_in.values())
    kept = {term: count for total, (term, count) in zip(sums, stand_in.items(), strict=True) if total <= _MOST_SCORED}
    return kept or dict(itertools.islice(stand_in.items(), 1))


def _where(scope: Scope) -> tuple[str, dict[str, Any]]:
    """The condition that an article is in the scope, in SQL, and its values."""
    conditions, values = ["TRUE"], dict[str, Any]()
    if scope.since:
        conditions.append("articles.date >= %(since)s")
        values["since"] = scope.since
    if scope.until:
        conditions.append("articles.date <= %(until)s")
        values["until"] = scope.until
    if scope.sources:
        conditions.append("articles.source = ANY(%(sources)s)")
        values["sources"] = list(scope.sources)
    if scope.articles:
        conditions.append("articles.id = ANY(%(articles)s)")
        values["articles"] = list(scope.articles)
    return " AND ".join(conditions), values


def _like(word: str) -> str:
    """A pattern for what has the word in it."""
    return "%" + "".join(f"~{char}" if char in "~%_" else char for char in word) + "%"


def _article(row: Sequence[Any]) -> Article:
    id_, text, title, day, source, url, path = row
    return Article(id_, unpack_text(text), title, day, source, url, path)


def _columns(rows: Sequence[Sequence[Any]]) -> "Rows":
    return [row[0] for row in rows], unpack_vectors([row[1] for row in rows])
