"""Finds what is wrong with an index on disk.

Texts are checked by their hashes, chunks and vectors by their form, the word index by its engine's own check and by its
rows, and Chroma against the ledger; files in a process of its own, since a damaged graph can crash whoever opens it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from index.article import Article
from index.protocols import AnyLedger, Vectors

Kind = Literal["ledger", "model", "text", "chunks", "vectors", "words", "edition", "leftover"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: of what kind, in words, and in which article, if in one."""

    kind: Kind
    what: str
    article_id: str | None = None


def examine(ledger: AnyLedger, vectors: Vectors, *, fingerprint: str, dimension: int) -> list[Finding]:
    """All that is wrong with an index whose model at hand has this fingerprint. Nothing is changed."""
    return [
        *_file(ledger),
        *_model(ledger, fingerprint),
        *_articles(ledger, dimension),
        *_words(ledger),
        *(Finding("edition", problem) for problem in vectors.problems()),
        *(Finding("leftover", what) for what in vectors.leftovers()),
    ]


def _file(ledger: AnyLedger) -> Iterator[Finding]:
    for problem in ledger.file_problems():
        yield Finding("ledger", f"the ledger's file is damaged: {problem}")


def _model(ledger: AnyLedger, fingerprint: str) -> Iterator[Finding]:
    made_with = ledger.meta("fingerprint")
    if made_with and made_with != fingerprint:
        yield Finding("model", f"the vectors were made with {made_with}, the model at hand is {fingerprint}")


def _articles(ledger: AnyLedger, dimension: int) -> Iterator[Finding]:
    for article_id, (content_hash, path) in ledger.hashes().items():
        article = ledger.article(article_id)
        if article is None or article.content_hash != content_hash:
            where = f", read from {path}," if path else ""
            yield Finding("text", f"article {article_id}{where} is not as it was indexed", article_id)
        else:
            yield from _chunks(ledger, article, dimension)


def _chunks(ledger: AnyLedger, article: Article, dimension: int) -> Iterator[Finding]:
    stored = ledger.stored_chunks(article.id)
    at, whole = 0, bool(stored)
    for chunk, _ in stored:
        # Only space may lie between chunks: together they hold all of the article.
        whole = (
            whole and at <= chunk.start < chunk.end <= len(article.text) and not article.text[at : chunk.start].strip()
        )
        at = chunk.end
    bad = sum(len(vector) != dimension or not any(vector) for _, vector in stored)
    if not whole or article.text[at:].strip():
        yield Finding("chunks", f"the chunks of article {article.id} do not cover its text", article.id)
    elif bad:
        yield Finding("vectors", f"{bad} of {len(stored)} vectors of article {article.id} are damaged", article.id)


def _words(ledger: AnyLedger) -> Iterator[Finding]:
    if problem := ledger.words_problem():
        yield Finding("words", f"the word index does not agree with the chunks: {problem}")
