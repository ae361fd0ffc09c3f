"""Lines of printed pages, put together to paragraphs by where they stand."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

_EDGE = 2  # lines at the top and at the bottom of a page that may be its number or a running title
_HYPHEN = "\ufffe"  # what PDFium reads a hyphen at a line's end as, the next line following at once
_SENTENCE_END = re.compile(r"[.!?:;…。！？][\"'”’»)\]]*\Z")
_ITEM = re.compile(r"[•‣▪●○◦·*–-]\s|\(?[0-9a-z]{1,2}[.)]\s")


class Line(NamedTuple):
    """A line of a page. Places are in points, rightwards and upwards.

    `begins` is how high its first letter stands and `ends` its last one, which may be a line lower after a hyphen;
    `height` is that of its letters.
    """

    text: str
    left: float
    right: float
    begins: float
    ends: float
    height: float


class _Layout:
    """How the lines of a page are set: where they end on the right, and how far one is below the other."""

    def __init__(self, lines: list[Line]) -> None:
        self._rights: dict[int, float] = {}
        for line in lines:
            column = self._column(line)
            self._rights[column] = max(line.right, self._rights.get(column, 0))
        steps = sorted(one.ends - two.begins for one, two in pairwise(lines) if _is_step(one, two))
        # Not the median: on a page of short paragraphs most steps are those between them.
        self._leading = steps[len(steps) // 4] if steps else 0.0

    def goes_on(self, line: Line, next_: Line) -> bool:
        """Whether the second line belongs to the paragraph of the first."""
        step = line.ends - next_.begins
        if step <= 0 or step > 10 * next_.height:  # the next column
            return not _SENTENCE_END.search(line.text)
        item = _ITEM.match(line.text)
        width = self._rights[self._column(line)] - line.left
        return not (
            _ITEM.match(next_.text)
            or not 0.85 < next_.height / max(line.height, 0.1) < 1.18
            or step > 1.3 * max(self._leading, line.height)
            or (next_.left > line.left + 0.6 * line.height and not item)  # the first line of a paragraph, set in
            or (line.right - line.left < 0.8 * width and _SENTENCE_END.search(line.text))
        )

    @staticmethod
    def _column(line: Line) -> int:
        return round(line.left / 40)


def _is_step(one: Line, two: Line) -> bool:
    return 0.5 * one.height < one.ends - two.begins < 3 * one.height


def paragraphs(pages: list[list[Line]]) -> Iterator[str]:
    """The paragraphs, also those that run on to the next page; page numbers and running titles are left out."""
    parts: list[str] = []
    before: Line | None = None
    for lines in _without_furniture(pages):
        layout = _Layout(lines)
        for number, line in enumerate(lines):
            if before and (layout.goes_on(before, line) if number else not _SENTENCE_END.search(before.text)):
                parts.append(line.text)
            else:
                yield _joined(parts)
                parts = [line.text]
            before = line
    yield _joined(parts)


def _joined(parts: list[str]) -> str:
    return " ".join(parts).replace(_HYPHEN, "")


def _without_furniture(pages: list[list[Line]]) -> Iterator[list[Line]]:
    """The pages without the lines at their edges that are the same on most of them but for a number."""
    edges = [_edges(lines) for lines in pages]
    counts = Counter(key for edge in edges for key in set(edge.values()))
    for page, (lines, edge) in enumerate(zip(pages, edges, strict=True)):
        furniture = {
            number
            for number, key in edge.items()
            if _repeats(key, counts[key], len(pages)) and (page or key == "#")  # on the first page it is the title
        }
        yield [line for number, line in enumerate(lines) if number not in furniture]


def _edges(lines: list[Line]) -> dict[int, str]:
    edge = min(_EDGE, len(lines) // 4)  # a page of a few lines is all story
    numbers = [*range(edge), *range(len(lines) - edge, len(lines))]
    return {number: re.sub(r"\d+", "#", lines[number].text) for number in numbers}


def _repeats(key: str, count: int, pages: int) -> bool:
    return count >= (2 if key == "#" else 3) and 2 * count > pages
