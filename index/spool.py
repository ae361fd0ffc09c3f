"""Articles on their way, kept in a file: an update of any size needs the same memory."""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import date
from types import TracebackType
from typing import Any, Self

from index.article import Article
from index.errors import IndexUnusable
from index.protocols import Embedded


class Spool:
    """Put articles in, each with what there is to remember about it (JSON), then go through them in their order.

    What has been embedded is handed to `replace`.
    """

    def __init__(self, replace: Callable[[Sequence[Embedded]], None]) -> None:
        self._replace = replace

    def __enter__(self) -> Self:
        with _explained():
            self._file = tempfile.TemporaryFile("w+", encoding="utf-8")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):  # that there is no room for the last articles was said before
            self._file.close()

    def put(self, article: Article, note: Any) -> None:
        """Add an article and its note. Raises IndexUnusable when there is no room."""
        with _explained():
            json.dump([asdict(article), note], self._file, default=date.isoformat)
            self._file.write("\n")

    def __iter__(self) -> Iterator[tuple[Article, Any]]:
        with _explained():
            self._file.seek(0)
        for line in self._file:
            fields, note = json.loads(line)
            day = fields.pop("date")
            yield Article(**fields, date=date.fromisoformat(day) if day else None), note

    def shares(self) -> Iterator[Iterator[tuple[Article, Any]]]:
        """All of it, in one share: nobody else works on it."""
        yield iter(self)

    def store(self, batch: Sequence[Embedded]) -> list[str]:
        """Put embedded articles into the ledger; their ids are returned."""
        self._replace(batch)
        return [article.id for article, _ in batch]


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise IndexUnusable(
            "articles on their way into the index cannot be kept in the folder for temporary files:"
            f" {error.strerror or error}. Make room there, or name another folder in TMPDIR"
        ) from error
