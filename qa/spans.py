"""The spans of the passages that the network takes for answers, cut at clean boundaries."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.search import Passage
from qa.network import Scored
from qa.same import HONORIFICS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PER_PASSAGE = 4
_LONGEST = 30  # word pieces
_STARTS = 12


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `[start, end)` of the article of `passage`.

    `score` is the network's, a logit: how much rather this is the answer than that the passage has none.
    """

    passage: Passage
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        """The span, verbatim."""
        return self.passage.article.text[self.start : self.end]


def spans_of(passage: Passage, scored: Scored) -> list[Span]:
    """The best few spans of a passage that do not overlap, best first."""
    found: list[Span] = []
    for first, last, score in best_pairs(scored.start, scored.end):
        start, end = trim(passage.text, scored.places[first][0], scored.places[last][1])
        start, end = passage.start + start, passage.start + end
        if start == end or "\n" in passage.article.text[start:end]:  # no answer goes over the end of a paragraph
            continue
        if not any(start < other.end and other.start < end for other in found):
            found.append(Span(passage, start, end, score - scored.nothing))
        if len(found) == _PER_PASSAGE:
            break
    return found


def best_pairs(start: "NDArray[np.float32]", end: "NDArray[np.float32]") -> list[tuple[int, int, float]]:
    """First and last word piece and score of the likeliest spans, best first."""
    pairs = []
    for first in (-start).argsort()[:_STARTS].tolist():
        reach = end[first : first + _LONGEST]
        for last in (-reach).argsort()[:_PER_PASSAGE].tolist():
            pairs.append((first, first + last, float(start[first] + reach[last])))
    return sorted(pairs, key=lambda pair: -pair[2])


_LOOSE = " \t\n,;:.!?'\"“”‘’«»()[]-–—*_"
_PAIRS = (("(", ")"), ("[", "]"), ("“", "”"), ("«", "»"), ('"', '"'))
_HONORIFIC = re.compile(rf"\b(?:{'|'.join(HONORIFICS)}|St)\.? $")
_ABBREVIATION = re.compile(r"(?:\b[A-Za-z]\.)+$|\b(?:Jr|Sr|Inc|Co|Corp|Ltd|No|St|a\.m|p\.m)\.$")
_MULTIPLIER = re.compile(
    r"[ -]?(?:hundred|thousand|million|billion|trillion|percent|per cent|percentage points|%|bn|m)\b|%"
)
_NUMBER_END = re.compile(r"\d$|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand)$")


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Move a span's boundaries to clean places.

    Whole words only; no dangling quotes, brackets and punctuation; honorifics stay with names, currency signs and
    multipliers with numbers.
    """
    while start > 0 and _joins(text, start):
        start -= 1
    while end < len(text) and _joins(text, end):
        end += 1
    while start < end and text[start] in _LOOSE and not _opens(text, start, end):
        start += 1
    while start < end and text[end - 1] in _LOOSE and not _closes(text, start, end):
        end -= 1
    if start >= end:
        return start, end
    if text[end : end + 1] == "." and _ABBREVIATION.search(text[start : end + 1]):
        end += 1
    if _NUMBER_END.search(text[start:end]) and (more := _MULTIPLIER.match(text, end)):
        end = more.end()
    if start > 0 and text[start].isdigit() and text[start - 1] in "$€£¥":
        start -= 1
    if honorific := _HONORIFIC.search(text[:start]):
        start = honorific.start()
    return start, end


def _joins(text: str, place: int) -> bool:
    """Whether `place` is inside a word or number."""
    before, after = text[place - 1], text[place]
    if before.isalnum() and after.isalnum():
        return True
    inner = place + 1 < len(text) and before.isdigit() and after in ".,:" and text[place + 1].isdigit()
    return inner or (before in ".,:" and after.isdigit() and place > 1 and text[place - 2].isdigit())


def _opens(text: str, start: int, end: int) -> bool:
    """Whether the span begins with a quote or bracket that it also closes."""
    return any(text[start] == one and other in text[start + 1 : end] for one, other in _PAIRS)


def _closes(text: str, start: int, end: int) -> bool:
    last = text[end - 1]
    if last == ".":
        return bool(_ABBREVIATION.search(text[start:end]))
    return any(last == other and one in text[start : end - 1] for one, other in _PAIRS)


def read_spans(passages: Sequence[Passage], scored: Sequence[Scored]) -> list[Span]:
    """The spans of all passages, best first."""
    found = [span for passage, each in zip(passages, scored, strict=True) for span in spans_of(passage, each)]
    return sorted(found, key=lambda span: -span.score)
