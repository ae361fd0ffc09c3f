"""Finds passages: dense and BM25 over the same chunks, their scores fused.

Fusion is a convex combination of cosine and normalised BM25, which beats reciprocal ranks where its one weight
can be fitted (Bruch, Gai & Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023).
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.article import Article, Chunk, Reprint
from index.protocols import AnyLedger, Vectors
from index.query import Query
from index.scope import Scope
from index.words import content_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Fitted on the questions of 2022 by tests/bench/fusion.py.
_DENSE_WEIGHT = 0.3
_CANDIDATES = 60
_PER_ARTICLE = 3
_FEW_WORDS = 3

# Of a query that says what it is about, and of the articles already under discussion: found by
# tests/bench/conversation.py. The words of a follow-up are few and common, so that more rests on the vectors.
_HINT_WEIGHT = 0.3
_DENSE_WEIGHT_ABOUT = 0.6
_FAVOUR = 0.02

# So many chunks of a scope are compared one by one, from the ledger, which is exact; more are left to Chroma, which
# then has to search wider than the scope.
_EXACT_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk found for a query: `text` is `article.text[start:end]`, `rank` counts from 1.

    `score` is in [0, 1], higher is better; it orders the passages of one query and is no probability.
    `dense` is the cosine, `lexical` the BM25 relative to the query's best chunk. `reprints` are other articles that
    carry nearly the same text, the earliest first.
    """

    article: Article
    start: int
    end: int
    score: float
    dense: float
    lexical: float
    rank: int
    reprints: tuple[Reprint, ...] = ()

    @property
    def chunk_id(self) -> str:
        """Names the chunk and its content: the same article indexed again has the same."""
        return f"{self.article.id}-{self.article.content_hash[:8]}-{self.start}"

    @property
    def text(self) -> str:
        """The passage, verbatim."""
        return self.article.text[self.start : self.end]


def search(
    query: Query,
    vector: "NDArray[np.float32]",
    *,
    ledger: AnyLedger,
    dense: Vectors,
    limit: int,
    scope: Scope,
    favour: Collection[str] = (),
) -> list[Passage]:
    """The best `limit` passages for `query` within `scope`, best first, at most three of one article.

    `vector` is that of the whole query. Of passages that are about as good, those of the articles whose ids are in
    `favour` come first. To be asked in a snapshot of the ledger.
    """
    lexical = _lexical(query, ledger, scope)
    found = ledger.chunks({*lexical, *_nearest(vector, ledger, dense, scope)})
    hits = _fuse(found, vector, lexical, _DENSE_WEIGHT_ABOUT if query.hints else _DENSE_WEIGHT, favour)
    copies = ledger.reprints({hit.chunk.article_id for hit in hits}, scope)
    return _passages(_fold(hits, copies, ledger), copies, ledger, limit)


def _lexical(query: Query, ledger: AnyLedger, scope: Scope) -> dict[int, float]:
    """BM25 by chunk number, with the words that say what the query is about at their lower weight."""
    scores = ledger.match(query.terms, _CANDIDATES, scope)
    for number, score in ledger.match(query.hints, _CANDIDATES, scope).items():
        scores[number] = scores.get(number, 0.0) + _HINT_WEIGHT * score
    return scores


def _nearest(vector: "NDArray[np.float32]", ledger: AnyLedger, dense: Vectors, scope: Scope) -> list[int]:
    if not scope:
        return dense.nearest(vector, _CANDIDATES)
    inside = ledger.chunk_numbers(scope)
    if len(inside) > _EXACT_LIMIT:
        wider = int(2 * _CANDIDATES * ledger.counts()[1] / len(inside))
        known = set(inside)
        return [number for number in dense.nearest(vector, wider) if number in known][:_CANDIDATES]
    numbers, vectors = ledger.vectors(scope)
    if not numbers:
        return []
    return [numbers[row] for row in (-(vectors @ vector)).argsort()[:_CANDIDATES]]


@dataclass(frozen=True, slots=True)
class _Hit:
    chunk: Chunk
    score: float
    dense: float
    lexical: float


def _fuse(
    found: "dict[int, tuple[Chunk, NDArray[np.float32]]]",
    vector: "NDArray[np.float32]",
    lexical: dict[int, float],
    weight: float,
    favour: Collection[str],
) -> list[_Hit]:
    """Score what either search found by both: the cosine is exact for all, from the ledger's own vectors."""
    best = max(lexical.values(), default=0.0)
    hits = []
    for number, (chunk, embedding) in found.items():
        dense = float(embedding @ vector)
        words = lexical.get(number, 0.0) / best if best > 0 else 0.0
        score = weight * max(0.0, dense) + (1 - weight) * words + _FAVOUR * (chunk.article_id in favour)
        hits.append(_Hit(chunk, min(1.0, score), dense, words))
    return sorted(hits, key=lambda hit: (-hit.score, hit.chunk.article_id, hit.chunk.start))


def _fold(hits: list[_Hit], copies: dict[str, list[Reprint]], ledger: AnyLedger) -> list[_Hit]:
    """Of the copies of one story only the earliest that was found is kept: five reprints are one source.

    What a later copy adds to it, a number or more than a few words, is kept too: stories are corrected on their way.
    """
    texts = {id_: article.text for id_ in copies if (article := ledger.article(id_))}
    found = {hit.chunk.article_id for hit in hits} & texts.keys()
    kept = {
        article_id: next((copy.article_id for copy in among if copy.article_id in found), article_id)
        for article_id, among in copies.items()
    }

    def adds(hit: _Hit, first: str) -> bool:
        passage = texts.get(hit.chunk.article_id, "")[hit.chunk.start : hit.chunk.end]
        new = set(content_words(passage)) - set(content_words(texts[first]))
        return len(new) > _FEW_WORDS or any(map(str.isdecimal, new))

    return [
        hit
        for hit in hits
        if (first := kept.get(hit.chunk.article_id, hit.chunk.article_id)) == hit.chunk.article_id or adds(hit, first)
    ]


def _passages(hits: list[_Hit], copies: dict[str, list[Reprint]], ledger: AnyLedger, limit: int) -> list[Passage]:
    taken: Counter[str] = Counter()
    articles: dict[str, Article] = {}
    passages: list[Passage] = []
    for hit in hits:
        id_ = hit.chunk.article_id
        if len(passages) == limit:
            break
        if taken[id_] == _PER_ARTICLE:
            continue
        taken[id_] += 1
        if id_ not in articles:
            if (article := ledger.article(id_)) is None:  # damaged
                continue
            articles[id_] = article
        passages.append(
            Passage(
                article=articles[id_],
                start=hit.chunk.start,
                end=hit.chunk.end,
                score=hit.score,
                dense=hit.dense,
                lexical=hit.lexical,
                rank=len(passages) + 1,
                reprints=tuple(copy for copy in copies.get(id_, ()) if copy.article_id != id_),
            )
        )
    return passages
