"""Finds passages: dense and BM25 over the same chunks, their scores fused.

Fusion is a convex combination of cosine and normalised BM25, which beats reciprocal ranks where its one weight
can be fitted (Bruch, Gai & Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023).
"""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.article import Article, Chunk
from index.embeddings import Embedder
from index.ledger import Ledger
from index.scope import Scope
from index.vectors import VectorStore
from index.words import content_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Fitted on the questions of 2022 by tests/bench/fusion.py.
_DENSE_WEIGHT = 0.3
_CANDIDATES = 60
_PER_ARTICLE = 3

# So many chunks of a scope are compared one by one, from the ledger, which is exact; more are left to Chroma, which
# then has to search wider than the scope.
_EXACT_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk found for a query: `text` is `article.text[start:end]`, `rank` counts from 1.

    `score` is in [0, 1], higher is better; it orders the passages of one query and is no probability.
    `dense` is the cosine, `lexical` the BM25 relative to the query's best chunk.
    """

    chunk_id: str
    article: Article
    start: int
    end: int
    score: float
    dense: float
    lexical: float
    rank: int

    @property
    def text(self) -> str:
        """The passage, verbatim."""
        return self.article.text[self.start : self.end]


def search(
    query: str, *, ledger: Ledger, vectors: VectorStore, embedder: Embedder, limit: int, scope: Scope
) -> list[Passage]:
    """The best `limit` passages for `query` within `scope`, best first, at most three of one article."""
    vector = embedder.embed_query(query)
    with ledger.snapshot():
        lexical = ledger.match(content_words(query), _CANDIDATES, scope)
        found = ledger.chunks({*lexical, *_nearest(vector, ledger, vectors, scope)})
        ranked = _fuse(found, vector, lexical)
        return _passages(ranked, ledger, limit)


def _nearest(vector: "NDArray[np.float32]", ledger: Ledger, vectors: VectorStore, scope: Scope) -> list[str]:
    if not scope:
        return vectors.nearest(vector, _CANDIDATES)
    inside = ledger.chunk_ids(scope)
    if len(inside) > _EXACT_LIMIT:
        wider = int(2 * _CANDIDATES * len(vectors) / len(inside))
        known = set(inside)
        return [chunk_id for chunk_id in vectors.nearest(vector, wider) if chunk_id in known][:_CANDIDATES]
    cosines = {chunk_id: float(other @ vector) for chunk_id, other in ledger.vectors(scope)}
    return sorted(cosines, key=cosines.__getitem__, reverse=True)[:_CANDIDATES]


@dataclass(frozen=True, slots=True)
class _Hit:
    chunk: Chunk
    score: float
    dense: float
    lexical: float


def _fuse(
    found: "dict[str, tuple[Chunk, NDArray[np.float32]]]", vector: "NDArray[np.float32]", lexical: dict[str, float]
) -> list[_Hit]:
    """Score what either search found by both: the cosine is exact for all, from the ledger's own vectors."""
    best = max(lexical.values(), default=0.0)
    hits = []
    for chunk_id, (chunk, embedding) in found.items():
        dense = float(embedding @ vector)
        words = lexical.get(chunk_id, 0.0) / best if best > 0 else 0.0
        score = _DENSE_WEIGHT * max(0.0, dense) + (1 - _DENSE_WEIGHT) * words
        hits.append(_Hit(chunk, min(1.0, score), dense, words))
    return sorted(hits, key=lambda hit: (-hit.score, hit.chunk.id))


def _passages(ranked: list[_Hit], ledger: Ledger, limit: int) -> list[Passage]:
    taken: Counter[str] = Counter()
    articles: dict[str, Article] = {}
    passages: list[Passage] = []
    for hit in ranked:
        chunk = hit.chunk
        if len(passages) == limit:
            break
        if taken[chunk.article_id] == _PER_ARTICLE:
            continue
        taken[chunk.article_id] += 1
        if chunk.article_id not in articles:
            article = ledger.article(chunk.article_id)
            assert article is not None  # a chunk of the same snapshot refers to it
            articles[chunk.article_id] = article
        passages.append(
            Passage(
                chunk_id=chunk.id,
                article=articles[chunk.article_id],
                start=chunk.start,
                end=chunk.end,
                score=hit.score,
                dense=hit.dense,
                lexical=hit.lexical,
                rank=len(passages) + 1,
            )
        )
    return passages
