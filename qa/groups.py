"""Spans that give the same answer stand together, and are weighed together.

A group's probability is a conditional logit (McFadden, 1974) over all groups and the choice that the articles do
not say; so evidence is compared across passages, as in Clark & Gardner (ACL 2018), and what speaks for one answer
speaks against the others. Its few weights are fitted by `qa.training.fit`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from index.search import Passage
from index.sentences import sentence_spans
from index.words import content_words
from qa.answer_kind import fits
from qa.question import kind_of
from qa.same import is_same, normalise
from qa.spans import Span
from qa.stems import stem, stems_of

_GROUPS = 12
_NEARLY = 3.0


class Features(NamedTuple):
    """What speaks for a group; each is of the order of 1."""

    best: float  # the best span's score, in tens
    total: float  # the log of the sum of the exponentials of its articles' best scores, in tens
    found: float  # the search's best score of the spans' passages
    near: float  # their best cosine to the question
    words: float  # share of the question's words in the best span's sentence or title
    fits: float  # whether the answer is of the kind asked for
    asked: float  # share of the answer's words that the question has already
    title: float  # whether a title does
    repeats: float  # the log of the number of spans


@dataclass(frozen=True, slots=True)
class Group:
    """Spans with one answer, best first."""

    spans: tuple[Span, ...]
    features: Features

    @property
    def fullest(self) -> Span:
        """The longest of the spans that are nearly as good as the best: the full name rather than the surname."""
        good = (span for span in self.spans if span.score >= self.spans[0].score - _NEARLY)
        return max(good, key=lambda span: len(span.text.split()))

    @property
    def text(self) -> str:
        """The answer, in the words of the fullest span."""
        return self.fullest.text


def gather(query: str, passages: Sequence[Passage], spans: Sequence[Span]) -> list[Group]:
    """Group the spans, best first, of the passages; the groups come with that of the best span first."""
    groups: list[list[Span]] = []
    for span in spans:
        home = next((group for group in groups if is_same(group[0].text, span.text)), None)
        if home is not None:
            home.append(span)
        elif len(groups) < _GROUPS:
            groups.append([span])
    weigh = _Scales(query, passages)
    return [Group(tuple(group), weigh.features(group)) for group in groups]


def sentence_of(span: Span) -> tuple[int, int]:
    """The sentence, or sentences, of the article that hold the span: characters `[start, end)`."""
    begin, end = span.start - span.passage.start, span.end - span.passage.start
    touched = [(s, e) for s, e in sentence_spans(span.passage.text) if s < end and begin < e]
    start = min([begin, *(s for s, _ in touched)])
    stop = max([end, *(e for _, e in touched)])
    return span.passage.start + start, span.passage.start + stop


class _Scales:
    """Weighs the answers to one query from the same passages."""

    def __init__(self, query: str, passages: Sequence[Passage]) -> None:
        self._kind = kind_of(query)
        self._asked = {stem(word) for word in content_words(query)}
        self._titles = [_bare(passage.article.title) for passage in passages]

    def features(self, group: Sequence[Span]) -> Features:
        """What speaks for the group of these spans, best first."""
        best = group[0]
        by_article: dict[str, float] = {}
        for span in group:
            by_article.setdefault(span.passage.article.id, span.score)
        start, end = sentence_of(best)
        around = stems_of(best.passage.article.text[start:end] + " " + best.passage.article.title)
        answer, bare = {stem(word) for word in content_words(best.text)}, _bare(best.text)
        return Features(
            best=best.score / 10,
            total=_log_sum(list(by_article.values())) / 10,
            found=max(span.passage.score for span in group),
            near=max(span.passage.dense for span in group),
            words=len(self._asked & around) / max(1, len(self._asked)),
            fits=fits(self._kind, best.text),
            asked=len(self._asked & answer) / max(1, len(answer)),
            title=float(any(bare in title for title in self._titles)),
            repeats=math.log(len(group)),
        )


def _bare(text: str) -> str:
    """Normalised, and so spaced that only whole words are found in it."""
    return f" {normalise(text)} "


def _log_sum(values: Sequence[float]) -> float:
    top = max(values)
    return top + math.log(sum(math.exp(value - top) for value in values))


# All fitted but `asked`, of which the questions fitted on say nothing (0.05): its weight is that of the fit before.
WEIGHTS = Features(1.64, 1.65, 1.85, 1.29, 0.73, 0.46, -0.13, 0.66, 0.41)
NOTHING = 4.44


def probabilities(groups: Sequence[Features], weights: Features = WEIGHTS, nothing: float = NOTHING) -> list[float]:
    """The probability of each group that it is the answer; what is missing to 1, that there is none."""
    utilities = [sum(w * f for w, f in zip(weights, features, strict=True)) for features in groups]
    total = _log_sum([nothing, *utilities])
    return [math.exp(utility - total) for utility in utilities]
