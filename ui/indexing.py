"""Indexing while the page looks on: progress as it is made, then a report in words."""

import logging
import queue
import threading
from collections.abc import Iterable, Iterator
from contextvars import copy_context
from html import escape
from pathlib import Path

from qa import QA, ArticleQAError, Problem, Progress, Report
from ui import render

logger = logging.getLogger(__name__)

# A page that is told more often than this shows no more, and every message costs.
_PAUSE_SECONDS = 0.2


def index_files(session: QA, paths: list[Path], left: Iterable[Problem] = ()) -> Iterator[str]:
    """Index files, yielding HTML about how far it is and at last what came of it; `left` were refused before."""
    told: queue.SimpleQueue[Progress] = queue.SimpleQueue()
    outcome: list[Report | Exception] = []

    def work() -> None:
        try:
            outcome.append(session.add(paths, on_progress=told.put))
        except Exception as error:
            outcome.append(error)

    worker = threading.Thread(target=copy_context().run, args=(work,), daemon=True)  # it knows whose files these are
    worker.start()
    yield '<p class="note">Opening the files …</p>'
    while worker.is_alive():
        worker.join(_PAUSE_SECONDS)
        latest: Progress | None = None
        while not told.empty():
            latest = told.get()
        if latest:
            yield progress_html(latest)
    yield _outcome_html(outcome[0], list(left))


def progress_html(progress: Progress) -> str:
    """How far it is, as a bar and in words."""
    doing = {
        "reading": f"Reading {progress.done} of {progress.total} {_noun('file', progress.total)}",
        "embedding": f"Embedding {progress.done} of {progress.total} {_noun('passage', progress.total)}",
    }[progress.stage]
    bar = f'<progress value="{progress.done}" max="{max(1, progress.total)}" aria-label="{doing}"></progress>'
    return f'<p class="note">{doing}</p>{bar}'


def report_html(report: Report, left: Iterable[Problem] = ()) -> str:
    """What was done, in words; files that failed by name and cause."""
    counts = {
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "removed": report.removed,
    }
    words = [f"{number} {_noun('article', number)} {what}" for what, number in counts.items() if number]
    problems = [("not indexed", problem) for problem in [*report.failed, *left]]
    problems += [("please note", problem) for problem in report.warnings]
    rows = "".join(
        f'<li dir="auto"><b>{escape(_short(problem.where))}</b> ({kind}): {escape(problem.cause)}</li>'
        for kind, problem in problems
    )
    said = ", ".join(words) or "Nothing was indexed"
    return f'<p class="note">{said}.</p>' + (f'<ul class="problems">{rows}</ul>' if rows else "")


def _short(where: str) -> str:
    """The name of a file, or an address in full."""
    return where if "://" in where else Path(where).name


def _outcome_html(outcome: Report | Exception, left: list[Problem]) -> str:
    if isinstance(outcome, Report):
        return report_html(outcome, left)
    if isinstance(outcome, ArticleQAError):
        return render.trouble(str(outcome))
    logger.error("indexing failed", exc_info=outcome)
    return render.trouble(f"Indexing failed ({type(outcome).__name__}); the log of the program tells why.")


def _noun(noun: str, number: int) -> str:
    return noun if number == 1 else f"{noun}s"
