"""Finds what is wrong with an index on disk.

Texts are checked by their hashes, chunks and vectors by their form, the word index by SQLite's own check and by its
rows, and Chroma against the ledger in a process of its own, since a damaged graph can crash whoever opens it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.article import Article
from index.ledger import Ledger
from index.vectors import Edition, is_sound, leftovers

Kind = Literal["ledger", "model", "text", "chunks", "vectors", "words", "edition", "leftover"]

_PROBE_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: of what kind, in words, and in which article, if in one."""

    kind: Kind
    what: str
    article_id: str | None = None


def examine(folder: Path, ledger: Ledger, *, fingerprint: str, dimension: int) -> list[Finding]:
    """All that is wrong with an index whose model at hand has this fingerprint. Nothing is changed."""
    return [
        *_file(ledger),
        *_model(ledger, fingerprint),
        *_articles(ledger, dimension),
        *_words(ledger),
        *_edition(folder, ledger),
        *_leftovers(folder, ledger),
    ]


def _file(ledger: Ledger) -> Iterator[Finding]:
    for problem in ledger.file_problems():
        yield Finding("ledger", f"the ledger's file is damaged: {problem}")


def _model(ledger: Ledger, fingerprint: str) -> Iterator[Finding]:
    made_with = ledger.meta("fingerprint")
    if made_with and made_with != fingerprint:
        yield Finding("model", f"the vectors were made with {made_with}, the model at hand is {fingerprint}")


def _articles(ledger: Ledger, dimension: int) -> Iterator[Finding]:
    for article_id, (content_hash, path) in ledger.hashes().items():
        article = ledger.article(article_id)
        if article is None or article.content_hash != content_hash:
            where = f", read from {path}," if path else ""
            yield Finding("text", f"article {article_id}{where} is not as it was indexed", article_id)
        else:
            yield from _chunks(ledger, article, dimension)


def _chunks(ledger: Ledger, article: Article, dimension: int) -> Iterator[Finding]:
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


def _words(ledger: Ledger) -> Iterator[Finding]:
    if problem := ledger.words_problem():
        yield Finding("words", f"the word index does not agree with the chunks: {problem}")


def _edition(folder: Path, ledger: Ledger) -> Iterator[Finding]:
    edition = Edition.read(ledger.meta("edition"))
    if edition is None:
        if ledger.counts()[1]:
            yield Finding("edition", "Chroma holds no vectors yet")
    elif not is_sound(folder, edition):
        yield Finding("edition", f"files of {edition.name} are missing, cut short or grown")
    else:
        yield from (Finding("edition", f"{edition.name}: {problem}") for problem in _probe(folder))


def _probe(folder: Path) -> list[str]:
    """What a process of its own finds when it opens Chroma, be it only that it does not survive it."""
    command = [sys.executable, "-m", "index.probe", str(folder.absolute())]
    try:
        # Where this package is installed in place, it is found from here only.
        root = Path(__file__).parent.parent
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=_PROBE_SECONDS)
        problems: list[str] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return [f"searching it did not end within {_PROBE_SECONDS} s"]
    except ValueError:
        return [f"opening it ended the process (status {done.returncode})"]
    return problems


def _leftovers(folder: Path, ledger: Ledger) -> Iterator[Finding]:
    edition = Edition.read(ledger.meta("edition"))
    for path in leftovers(folder, but=edition.name if edition else ""):
        yield Finding("leftover", f"{path.name} was left by a process that was cut short")
