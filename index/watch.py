"""Keeps folders indexed as files come and go."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Event

from index.errors import ArticleQAError
from index.loaders import may_hold_articles
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
        if batch:
            yield _take_up(index, {Path(os.path.abspath(path)) for _, path in batch})


def _concerns(_: object, path: str) -> bool:
    return may_hold_articles(os.path.basename(path)) or not os.path.splitext(path)[1]


def _take_up(index: Index, paths: Iterable[Path]) -> Report:
    """Read what is there, and forget what is not."""
    there = sorted(path for path in paths if path.is_file())
    gone = index.indexed_from(path for path in paths if not path.exists())
    removed = index.remove(gone) if gone else 0
    report = index.update(there)
    report.removed += removed
    return report
