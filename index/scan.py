"""Reads files and web pages and compares them with the ledger: what is new, what changed, what vanished."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeGuard

from index.article import Article
from index.errors import LoadError
from index.intake import article_of
from index.loaders import article_files, known_formats, read_articles
from index.loaders.record import Record
from index.protocols import AnyLedger
from index.report import OnProgress, Problem, Progress, Report


class _Known(NamedTuple):
    content_hash: str
    path: str | None


class Scan:
    """A walk over files, folders and web pages. `work` is what has to be embedded, `vanished` what has to go.

    A string that begins with http:// or https:// is a page's address. A file or record with a problem is named in
    the report and stops nothing; what the ledger knows of that file stays.
    """

    def __init__(
        self,
        paths: Iterable[Path | str],
        ledger: AnyLedger,
        report: Report,
        *,
        max_bytes: int,
        fetch_seconds: float = 20,
        allow_private_urls: bool = False,
    ) -> None:
        self._ledger = ledger
        self._report = report
        self._max_bytes = max_bytes
        self._fetch_seconds = fetch_seconds
        self._allow_private_urls = allow_private_urls
        self._known = {id_: _Known(*facts) for id_, facts in ledger.hashes().items()}
        self._seen: dict[str, _Known] = {}
        self._folders: list[str] = []
        self._unlisted: list[str] = []
        self._read: set[str] = set()
        self._troubled: set[str] = set()
        self._files = self._find(paths)

    def work(self, on_progress: OnProgress) -> Iterator[Article]:
        """Read everything; yields the articles that are new or changed."""
        for number, path in enumerate(self._files, start=1):
            for article in self._articles(path):
                if self._is_news(article):
                    yield article
            if isinstance(path, Path):  # what a feed on the web no longer lists has not vanished
                self._read.add(_name(path))
            on_progress(Progress("reading", number, len(self._files)))

    def is_known(self, article_id: str) -> bool:
        """Whether the ledger held this article, in whatever version, when the walk began."""
        return article_id in self._known

    def vanished(self) -> list[str]:
        """Ids of articles that are no longer where they were indexed from. To be asked after `work`."""

        def gone(path: str) -> bool:
            below = path.startswith(tuple(self._folders)) and not path.startswith(tuple(self._unlisted))
            return path not in self._troubled and (path in self._read or below)

        return [
            article_id
            for article_id, known in self._known.items()
            if known.path and article_id not in self._seen and gone(known.path)
        ]

    def _find(self, paths: Iterable[Path | str]) -> list[Path | str]:
        found: dict[Path | str, None] = {}
        for path in paths:
            if is_url(path):
                found[path] = None
            else:
                found |= dict.fromkeys(self._find_files(Path(os.path.abspath(os.path.expanduser(path)))))
        return list(found)

    def _find_files(self, path: Path) -> list[Path]:
        if not os.path.isdir(path):
            return [path]
        found, errors = article_files(path)
        for error in errors:
            self._fail(error.filename, f"the folder cannot be listed: {error.strerror}")
            self._unlisted.append(os.path.join(_name(error.filename), ""))
        if found:
            self._folders.append(os.path.join(_name(path), ""))
        elif not errors:
            # Perhaps a disk that is not mounted: what was indexed from here stays.
            self._fail(path, f"the folder holds no articles; files that end in {known_formats()} are read")
        return found

    def _articles(self, path: Path | str) -> Iterator[Article]:
        try:
            for record in self._records(path):
                if isinstance(record, LoadError):
                    self._fail(path, str(record))
                    continue
                try:
                    article, warnings = article_of(record, _name(path))
                except LoadError as error:
                    self._fail(path, f"record {record.id}: {error}" if record.id else str(error))
                    continue
                self._report.warnings += [Problem(_name(path), warning) for warning in warnings]
                yield article
        except LoadError as error:
            self._fail(path, str(error))

    def _records(self, path: Path | str) -> Iterator[Record | LoadError]:
        if isinstance(path, Path):
            return read_articles(path, max_bytes=self._max_bytes)
        from index.web import read_page

        return read_page(
            path,
            max_bytes=self._max_bytes,
            seconds=self._fetch_seconds,
            allow_private=self._allow_private_urls,
        )

    def _is_news(self, article: Article) -> bool:
        now = _Known(article.content_hash, article.path)
        if first := self._seen.get(article.id):
            if first.content_hash != now.content_hash:
                cause = f"{article.url or 'this record'} was already read, with another text, from {first.path}"
                self._fail(article.path or "", f"{cause}; the first is kept")
            return False
        self._seen[article.id] = now
        before = self._known.get(article.id)
        if before is None or before.content_hash != now.content_hash:
            return True
        self._report.unchanged += 1
        if before.path != now.path and now.path:
            self._ledger.move(article.id, now.path)
        return False

    def _fail(self, path: Path | str, cause: str) -> None:
        self._report.failed.append(Problem(_name(path), cause))
        self._troubled.add(_name(path))


def is_url(path: Path | str) -> TypeGuard[str]:
    """Whether what is to be indexed is a web page's address; a string that is none is a path."""
    return isinstance(path, str) and path.lower().startswith(("http://", "https://"))


def _name(path: Path | str) -> str:
    """A path as text that can be stored and shown, also where its bytes are no UTF-8."""
    return os.fsencode(path).decode(errors="replace")
