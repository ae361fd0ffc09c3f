"""Backups: all articles of an index with their facts and earlier versions, as JSON Lines, to rebuild it anywhere."""

import datetime
import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.article import Article, Version
from index.errors import ArticleQAError
from index.ledger import Ledger
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


def export(ledger: Ledger, path: Path) -> int:
    """Write a backup, compressed where the name ends in `.gz`; how many articles are in it is returned.

    A file in its place is replaced once the new one is whole. Raises ArticleQAError when it cannot be written.
    """
    draft = path.with_name(f".{path.name}.new")
    count = 0
    try:
        with ledger.snapshot(), _open(draft, path.suffix, "wt") as file:
            for article in ledger.articles():
                versions = [
                    _Replaced(**_facts(v.article), indexed=v.indexed, replaced=v.replaced)
                    for v in ledger.versions(article.id)
                ]
                line = _Line(id=article.id, **_facts(article), versions=versions)
                file.write(line.model_dump_json(exclude_none=True, exclude_defaults=True) + "\n")
                count += 1
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ArticleQAError(f"{path} cannot be written: {error.strerror or error}. Give another file") from error
    return count


def read_backup(path: Path, report: Report) -> Iterator[tuple[Article, list[Version]]]:
    """The articles of a backup and their earlier versions, under the ids they had.

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
                yield _article(line.id, line), versions
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
