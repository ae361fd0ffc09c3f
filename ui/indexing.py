"""Work on the index while the page looks on: one piece after the other, so that a bad file spoils no other."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from index.article import Listed
from index.report import OnProgress
from index.scope import Scope
from qa import QA, ArticleQAError, Problem, Progress, Report
from ui import uploads

logger = logging.getLogger(__name__)

_NAMED = 3  # articles of one file that are named
_READING = 0.05  # of the time that a file takes, in which it is read; the rest of it is embedding
_EARLY = 2.0  # seconds in which nothing can be said about the time left


@dataclass(slots=True)
class Item:
    """One file, page or other piece of work: how it is done, where its articles come from, and how far it is."""

    name: str
    work: Callable[[OnProgress], Report]
    path: Path | str | None = None
    weight: int = 1
    state: Literal["waiting", "working", "done", "failed"] = "waiting"
    progress: Progress | None = None
    report: Report = field(default_factory=Report)
    articles: list[Listed] = field(default_factory=list)
    total: int = 0

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        if self.state in ("done", "failed"):
            return 1.0
        if self.progress is None:
            return 0.0
        part = self.progress.done / max(1, self.progress.total)
        return _READING * part if self.progress.stage == "reading" else _READING + (1 - _READING) * part

    def tell(self, progress: Progress) -> None:
        """Note how far it is."""
        self.progress = progress


class Batch:
    """Pieces of work that somebody asked for together; `refused` were turned away before."""

    def __init__(self, session: QA, items: Sequence[Item], *, name: str, refused: Sequence[Problem] = ()) -> None:
        self._session = session
        self._started: float | None = None
        self.items = items
        self.name = name
        self.refused = refused
        self.done = False

    def run(self) -> None:
        """Do everything; what goes wrong is noted where it does."""
        self._started = time.monotonic()
        for item in self.items:
            item.state = "working"
            try:
                item.report = item.work(item.tell)
                self._look(item)
            except ArticleQAError as error:
                item.report.failed.append(Problem(item.name, str(error)))
            except Exception as error:
                logger.exception("indexing failed")
                cause = f"something went wrong ({type(error).__name__}); the log of the program tells what"
                item.report.failed.append(Problem(item.name, cause))
            item.state = "failed" if item.report.failed and not item.total else "done"
        self.done = True

    def _look(self, item: Item) -> None:
        """Note which articles came of it. An uploaded file of which none came is not kept."""
        if item.path is None:
            return
        ids = self._session.index.indexed_from([item.path])
        item.articles, item.total = (
            self._session.index.listed(scope=Scope(articles=tuple(ids)), limit=_NAMED) if ids else ([], 0)
        )
        if not ids and isinstance(item.path, Path):
            uploads.discard(item.path, self._session)

    @property
    def is_rebuild(self) -> bool:
        """Whether nothing is added: all there is gets embedded again."""
        return bool(self.items) and all(item.path is None for item in self.items)

    @property
    def share(self) -> float:
        """How much of all is done, from 0 to 1."""
        return sum(item.share * item.weight for item in self.items) / max(1, sum(item.weight for item in self.items))

    @property
    def seconds_left(self) -> float | None:
        """About how long the rest takes, going by what is done; None while that says too little."""
        elapsed = time.monotonic() - self._started if self._started is not None else 0.0
        share = self.share
        return elapsed / share - elapsed if elapsed > _EARLY and 0 < share < 1 else None
