"""Backups: all articles of an index with their facts and earlier versions, as JSON Lines, to rebuild it anywhere.

Their vectors come along, so that an index moves from one set of engines to another without being embedded again.
"""

import base64
import binascii
import datetime
import gzip
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.article import Article, Chunk, Version
from index.errors import ArticleQAError
from index.protocols import AnyLedger
from index.report import Problem, Report


class _Text(BaseModel):
    """One version of an article, as it stands in a backup."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1)
    title: str
    date: datetime.date | None = None
    source: str | None = None
    url: str | None = None
    path: str | None = None


class _Replaced(_Text):
    indexed: datetime.datetime
    replaced: datetime.datetime


class _Line(_Text):
    id: str = Field(min_length=1)
    versions: list[_Replaced] = []
    fingerprint: str = ""
    chunks: list[tuple[int, int]] = []
    vectors: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """The chunks of an article in a backup, their vectors as the ledger stores them, in base64, and whose they are."""

    fingerprint: str
    spans: list[tuple[int, int]]
    vectors: str

    def is_of(self, article: Article, *, fingerprint: str, dimension: int) -> bool:
        """Whether these are chunks that make up this article, with vectors of this model."""
        starts, ends = [start for start, _ in self.spans], [end for _, end in self.spans]
        gaps = list(zip([0, *ends], [*starts, len(article.text)], strict=True))
        whole = all(at <= start and not article.text[at:start].strip() for at, start in gaps)
        return whole and bool(ends) and self.fingerprint == fingerprint and self._size() == dimension

    def _size(self) -> float:
        try:
            return len(base64.b64decode(self.vectors, validate=True)) / len(self.spans)
        except binascii.Error:
            return 0


def from_base64(vectors: str, count: int) -> list[bytes]:
    """The vectors of so many chunks, each as the ledger stores it."""
    packed = base64.b64decode(vectors)
    size = len(packed) // count
    return [packed[at : at + size] for at in range(0, len(packed), size)]


def export(ledger: AnyLedger, path: Path) -> int:
    """Write a backup, compressed where the name ends in `.gz`; how many articles are in it is returned.

    A file in its place is replaced once the new one is whole. Raises ArticleQAError when it cannot be written.
    """
    draft = path.with_name(f".{path.name}.new")
    count = 0
    try:
        with ledger.snapshot(), _open(draft, path.suffix, "wt") as file:
            fingerprint = ledger.meta("fingerprint") or ""
            for article in ledger.articles():
                versions = [
                    _Replaced(**_facts(v.article), indexed=v.indexed, replaced=v.replaced)
                    for v in ledger.versions(article.id)
                ]
                kept = _kept(ledger.stored_chunks(article.id), fingerprint)
                line = _Line(id=article.id, **_facts(article), versions=versions, **kept)
                file.write(line.model_dump_json(exclude_none=True, exclude_defaults=True) + "\n")
                count += 1
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ArticleQAError(f"{path} cannot be written: {error.strerror or error}. Give another file") from error
    return count


def _kept(chunks: Sequence[tuple[Chunk, bytes]], fingerprint: str) -> dict[str, Any]:
    vectors = base64.b64encode(b"".join(vector for _, vector in chunks)).decode()
    return {"fingerprint": fingerprint, "chunks": [(c.start, c.end) for c, _ in chunks], "vectors": vectors}


def read_backup(path: Path, report: Report) -> Iterator[tuple[Article, list[Version], Kept | None]]:
    """The articles of a backup, their earlier versions and their chunks if it has them, under the ids they had.

    Lines that cannot be read are named in the report, the others are read all the same. Raises ArticleQAError when
    nothing can be.
    """
    try:
        with _open(path, path.suffix, "rt") as file:
            for number, text in enumerate(file, start=1):
                try:
                    line = _Line.model_validate_json(text)
                except ValidationError as error:
                    first = error.errors()[0]
                    where = f" {'.'.join(map(str, first['loc']))}" if first["loc"] else ""
                    report.failed.append(Problem(str(path), f"line {number}:{where} {first['msg'].lower()}"))
                    continue
                versions = [Version(_article(line.id, v), v.indexed, v.replaced) for v in line.versions]
                kept = Kept(line.fingerprint, line.chunks, line.vectors) if line.chunks else None
                yield _article(line.id, line), versions, kept
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ArticleQAError(
            f"{path} cannot be read as a backup: {error}. Give one made by qa index --export"
        ) from error


def _open(path: Path, suffix: str, mode: str) -> IO[Any]:
    opened: Callable[..., IO[Any]] = gzip.open if suffix == ".gz" else open
    return opened(path, mode, encoding="utf-8")


def _facts(article: Article) -> dict[str, Any]:
    names = ("text", "title", "date", "source", "url", "path")
    return {name: getattr(article, name) for name in names}


def _article(article_id: str, kept: _Text) -> Article:
    return Article(article_id, kept.text, kept.title, kept.date, kept.source, kept.url, kept.path)
