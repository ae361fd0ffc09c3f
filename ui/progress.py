"""Work on the index as HTML: how far it is, and what came of each file, in words."""

from collections.abc import Iterable
from html import escape

from qa import Problem, Report
from ui.indexing import Batch, Item
from ui.place import Place

_PROBLEMS = 5  # of one file that are told; there can be thousands
_MINUTE, _HOUR = 60, 3600
_ITEMS = '<ul class="items" tabindex="0" aria-label="What came of each">'  # it scrolls: the keyboard must reach it
_DONE = ("added", "changed", "unchanged", "removed")


def batch_html(batch: Batch) -> str:
    """All of a batch: a line that sums it up, a bar while it lasts, and a row for each piece of work."""
    finished = sum(item.share == 1.0 for item in batch.items)
    rows = "".join(_row(item.name, item.state, _said(item)) for item in batch.items)
    rows += "".join(_row(problem.where, "failed", _refused(problem)) for problem in batch.refused)
    if batch.done:
        head = f'<p class="note" role="status">{summary(batch)}</p>'
        close = '<button type="button" class="quiet" data-do="dismiss">Dismiss</button>'
        return f'<div class="head">{head}{close}</div>{_ITEMS}{rows}</ul>'
    count = f": {finished} of {len(batch.items)} done" if len(batch.items) > 1 else " …"
    left = batch.seconds_left
    time_left = f"{time_words(left)} left" if left is not None else ""
    return (
        f'<div class="head"><p class="note">{escape(batch.name)}{count}</p><p class="note left">{time_left}</p></div>'
        f'<progress value="{batch.share:.3f}" max="1" aria-label="{escape(batch.name)}"></progress>'
        f"{_ITEMS}{rows}</ul>"
    )


def summary(batch: Batch) -> str:
    """What a finished batch did, in one sentence."""
    reports = [item.report for item in batch.items]
    if batch.is_rebuild:
        if any(report.failed for report in reports):
            return "The index was not rebuilt; the one before is still in use."
        passages, articles = reports[0].chunks_embedded, reports[0].changed
        made = f"{passages:,} {_noun('passage', passages)} of {articles:,} {_noun('article', articles)}"
        return f"The index is rebuilt: {made}."
    failed = sum(item.state == "failed" for item in batch.items) + len(batch.refused)
    said = counts(reports)
    if failed:
        said.append(f"{failed:,} not indexed")
    return (", ".join(said) or "Nothing was indexed") + "."


def counts(reports: Iterable[Report]) -> list[str]:
    """How many articles were added, changed, unchanged and removed, in words; what is none is left out."""
    told = list(reports)
    numbers = {what: sum(getattr(report, what) for report in told) for what in _DONE}
    return [f"{number:,} {_noun('article', number)} {what}" for what, number in numbers.items() if number]


def time_words(seconds: float) -> str:
    """A time that is an estimate, as people say it."""
    if seconds < 10:
        return "a few seconds"
    if seconds < _MINUTE:
        return f"about {round(seconds / 10) * 10} seconds"
    number, unit = (seconds / _HOUR, "hour") if seconds >= _HOUR else (seconds / _MINUTE, "minute")
    return f"about {max(1, round(number))} {_noun(unit, max(1, round(number)))}"


def _row(name: str, state: str, said: str) -> str:
    return f'<li class="{state}"><b dir="auto">{escape(name)}</b> <span class="said">{said}</span></li>'


def _refused(problem: Problem) -> str:
    return f"(not indexed): {escape(problem.cause)}"


def _said(item: Item) -> str:
    if item.state == "waiting":
        return "waiting"
    if item.state == "working":
        progress = item.progress
        if progress is None or progress.stage == "reading":
            return "reading …"
        return f"embedding {progress.done:,} of {progress.total:,} {_noun('passage', progress.total)}"
    told = [*_articles(item), *_problems(item.report)]
    return "".join(told) or "done"


def _articles(item: Item) -> list[str]:
    if not item.articles:
        said = ", ".join(counts([item.report]))
        return [f"<span>{said}</span>"] if said and item.path is not None else []
    titles = "".join(
        f'<button type="button" class="quiet title" dir="auto" data-cite="{escape(Place.of(article).key)}">'
        f"{escape(article.title)}</button>"
        for article in item.articles
    )
    rest = item.total - len(item.articles)
    more = f"<span>and {rest:,} more</span>" if rest else ""
    return [f"<span>{', '.join(counts([item.report])) or 'nothing new'}</span>{titles}{more}"]


def _problems(report: Report) -> list[str]:
    told = [("(not indexed): ", problem) for problem in report.failed]
    told += [("(please note): ", problem) for problem in report.warnings]
    lines = [f'<span class="problem" dir="auto">{kind}{escape(p.cause)}</span>' for kind, p in told[:_PROBLEMS]]
    more = len(told) - _PROBLEMS
    return [*lines, f'<span class="problem">and {more:,} more like these</span>'] if more > 0 else lines


def _noun(noun: str, number: int) -> str:
    return noun if number == 1 else f"{noun}s"
