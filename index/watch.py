"""Keeps folders indexed as files come and go."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Event

from index.errors import ArticleQAError
from index.loaders import article_files, may_hold_articles
from index.report import OnProgress, Report, silent
from index.store import Index


def watch(
    index: Index, folders: Sequence[Path], *, until: Event | None = None, on_progress: OnProgress = silent
) -> Iterator[Report]:
    """Index the folders, then each change in them; yields what came of it. Ends when `until` is set.

    A change is taken up when nothing has moved for a while, so that a file is not read while it is being written.
    """
    from watchfiles import watch as changes

    for folder in folders:
        if not folder.is_dir():
            raise ArticleQAError(f"{folder} cannot be watched: it is no folder. Make it first, or name another")
    batches = changes(
        *folders,
        watch_filter=_concerns,
        step=200,
        rust_timeout=500,
        yield_on_timeout=True,
        stop_event=until,
        raise_interrupt=False,
    )
    next(batches)  # watched from here on, so that nothing is missed that comes while the folders are read
    yield index.update(folders, on_progress=on_progress)
    for batch in batches:
        paths = {Path(os.path.abspath(path)) for _, path in batch}
        there = {file for path in paths for file in _files(path)}
        gone = index.indexed_from(path for path in paths if not path.exists())
        if there or gone:
            yield _take_up(index, there, gone)


def _concerns(_: object, path: str) -> bool:
    return may_hold_articles(os.path.basename(path)) or not os.path.splitext(path)[1]


def _files(path: Path) -> list[Path]:
    """The file, or what a new folder holds: a file made right after its folder may not be reported by itself."""
    return article_files(path)[0] if path.is_dir() else [path] if path.is_file() else []


def _take_up(index: Index, there: Iterable[Path], gone: Sequence[str]) -> Report:
    """Read what is there, and forget what is not."""
    removed = index.remove(gone) if gone else 0
    report = index.update(sorted(there))
    report.removed += removed
    return report
