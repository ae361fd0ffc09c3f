"""How answers, articles and reports look in a terminal."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from index.article import Article, Version
from index.doctor import Finding
from index.report import OnProgress, Progress, Report
from qa.answer import Answer

_WIDTH = 100
_NEAREST = 3
_ABOUT = {True: "There are articles about this, but they do not say.", False: "Nothing in them is about this."}

T = TypeVar("T")


def show_answer(answer: Answer) -> str:
    """The answer with its citations, or that the articles do not say, with the nearest passages."""
    if answer.text is None:
        lines = ["The articles do not say.", *([textwrap.fill(answer.note, _WIDTH)] if answer.note else [])]
        if answer.passages:
            lines += [_ABOUT[answer.related], "", "Nearest passages:"]
        nearest = {passage.article.id: passage for passage in reversed(answer.passages)}  # the best of each article
        for passage in sorted(nearest.values(), key=lambda passage: passage.rank)[:_NEAREST]:
            excerpt = textwrap.shorten(passage.text, 3 * _WIDTH, placeholder=" …")
            lines += [f"  - {_heading(passage.article)}", _indent(excerpt)]
        return "\n".join(lines)
    lines = _statements(answer) or [textwrap.fill(answer.text, _WIDTH)]
    return "\n".join([*lines, *_below(answer)])


def show_stream(answers: Iterable[Answer]) -> Iterator[str]:
    """The lines of an answer while it comes: a language model's sentences one by one, then what they rest on.

    When the model fails after all, the answer that takes its place follows, and says why.
    """
    shown, answer = 0, None
    for answer in answers:
        if answer.note is None:
            lines = _statements(answer)
            yield from lines[shown:]
            shown = max(shown, len(lines))
    if answer is None:
        return
    if shown and answer.note is None:
        yield from _below(answer)
    else:
        yield from (["", "What was said so far is withdrawn."] if shown else [])
        yield show_answer(answer)


def _statements(answer: Answer) -> list[str]:
    """A language model's sentences, each with the numbers of its citations, or marked as what it is."""
    numbers = {(one.article.id, one.start, one.end): number for number, one in enumerate(answer.citations, start=1)}
    lines = []
    for statement in answer.statements:
        cited = (numbers[one.article.id, one.start, one.end] for one in statement.citations)
        marks = "".join(f"[{number}]" for number in cited) if statement.verified else "(unverified)"
        lines.append(textwrap.fill(f"{statement.text} {marks}", _WIDTH))
    return lines


def _below(answer: Answer) -> list[str]:
    """What stands below an answer: how sure it is, why it is another's, its citations, what was searched for."""
    lines = [""]
    if answer.confidence is not None:
        lines.append(f"Confidence {answer.confidence:.0%}")
    if answer.note:
        lines.append(textwrap.fill(answer.note, _WIDTH))
    for number, citation in enumerate(answer.citations, start=1):
        place = f"characters {citation.start}–{citation.end} of article {citation.article.id}"
        lines += [f"[{number}] {_heading(citation.article)}", _indent(f"“{citation.sentence}”"), f"    {place}"]
        if citation.day:
            lines.append(_indent(f"“{citation.quote}” is {citation.day:%A, %d %B %Y}"))
        if citation.reprints:
            lines.append(_indent(f"also carried by {', '.join(citation.also_carried_by)}"))
    if answer.query != answer.question:
        lines += ["", f"Searched for: {answer.query}"]
    return lines


def show_article(article: Article, versions: Sequence[Version] = ()) -> str:
    """An article in full, and which versions it had."""
    facts = [fact for fact in (article.source, str(article.date or ""), article.url, article.path) if fact]
    earlier = [
        f"earlier version: {version.article.title!r}, {len(version.article.text):,} characters,"
        f" replaced {version.replaced:%Y-%m-%d %H:%M} UTC"
        for version in versions
    ]
    return "\n".join([article.title, *facts, *earlier, "", *article.text.split("\n")])


def show_findings(findings: Sequence[Finding], *, repaired: bool, lost: Sequence[str]) -> str:
    """What the doctor found, and what came of it."""
    if not findings:
        return "The index is sound."
    lines = [f"{finding.kind}: {finding.what}" for finding in findings]
    if not repaired:
        return "\n".join([*lines, "Mend it with: qa doctor --repair"])
    return "\n".join([*lines, *lost, "All else is mended." if lost else "All is mended."])


def show_row(article: Article) -> str:
    """An article in one line."""
    return f"{article.id}  {article.date or 'no date   '}  {article.source or '-':20.20}  {article.title}"


def show_report(report: Report) -> str:
    """What an update did, the files that were not indexed last."""
    counts = (
        f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, {report.removed} removed;"
        f" {report.chunks_embedded} chunks embedded in {report.seconds:.1f} s"
    )
    warnings = [f"warning: {problem}" for problem in report.warnings]
    failed = [f"not indexed: {problem}" for problem in report.failed]
    return "\n".join([counts, *warnings, *failed])


@contextmanager
def progress_bar() -> Iterator[OnProgress]:
    """A bar on standard error for work that lasts longer than a second, where a person is looking."""
    from tqdm import tqdm

    units = {"reading": "file", "embedding": "chunk"}
    bars: dict[str, tqdm[Any]] = {}

    def draw(progress: Progress) -> None:
        if progress.stage not in bars:
            bars[progress.stage] = tqdm(
                desc=progress.stage,
                total=progress.total,
                unit=f" {units[progress.stage]}s",
                delay=1,
                disable=None,
                leave=False,
            )
        bar = bars[progress.stage]
        bar.update(progress.done - bar.n)
        if progress.done == progress.total:
            bar.close()

    try:
        yield draw
    finally:
        for bar in bars.values():
            bar.close()


def asking(questions: Sequence[T]) -> Iterable[T]:
    """The questions, one by one, under the same kind of bar."""
    from tqdm import tqdm

    return tqdm(questions, desc="asking", unit=" questions", delay=1, disable=None, leave=False)


def _heading(article: Article) -> str:
    return ", ".join(str(part) for part in (article.title, article.source, article.date) if part)


def _indent(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="    ", subsequent_indent="    ")
