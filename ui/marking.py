"""An article's text as HTML, with spans of it marked. Marking comes first and escaping last, piece by piece."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from ui.place import Span


def paragraphs(text: str, spans: Sequence[Span] = ()) -> str:
    """The paragraphs of `text`. The first span is marked as the one in question, the others more faintly."""
    return "\n".join(
        f'<p dir="auto">{"".join(_piece(text[a:b], level) for a, b, level in _levels(start, end, spans))}</p>'
        for start, end in _lines(text)
    )


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


def _levels(start: int, end: int, spans: Sequence[Span]) -> Iterator[tuple[int, int, int]]:
    """Cut `[start, end)` where the marking changes: 2 is the span in question, 1 another, 0 none."""
    edges = sorted({start, end, *(edge for span in spans for edge in span if start < edge < end)})
    cuts = zip(edges, edges[1:], strict=False)
    for level, run in groupby(cuts, key=lambda cut: _level(cut[0], spans)):
        pieces = list(run)
        yield pieces[0][0], pieces[-1][1], level


def _level(at: int, spans: Sequence[Span]) -> int:
    covering = [number for number, (start, end) in enumerate(spans) if start <= at < end]
    return 0 if not covering else 2 if 0 in covering else 1


def _piece(text: str, level: int) -> str:
    return f'<mark class="{("", "also", "quoted")[level]}">{escape(text)}</mark>' if level else escape(text)
