"""Whether confidence keeps what it promises, and what comes of answering only when it is high.

Everywhere, a pair is the confidence of a guess, and how right it is or what it is to be told from.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import mean
from typing import TypeVar

_BINS = 10

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bin:
    """The guesses with a confidence in [low, high), the last bin's end included: their mean and the share right.

    Of none, both are 0.
    """

    low: float
    high: float
    count: int
    confidence: float
    right: float


def bins(pairs: Iterable[tuple[float, bool]]) -> list[Bin]:
    """Ten bins of equal width."""
    sorted_in: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for confidence, right in pairs:
        sorted_in[min(int(confidence * _BINS), _BINS - 1)].append((confidence, right))
    return [_bin(number, inside) for number, inside in enumerate(sorted_in)]


def _bin(number: int, inside: Sequence[tuple[float, bool]]) -> Bin:
    low, high = number / _BINS, (number + 1) / _BINS
    if not inside:
        return Bin(low, high, 0, 0.0, 0.0)
    confidences, rights = zip(*inside, strict=True)
    return Bin(low, high, len(inside), mean(confidences), mean(map(float, rights)))


def expected_calibration_error(table: Sequence[Bin]) -> float | None:
    """How far the bins' confidence is from the share right, weighted by count (Naeini, Cooper & Hauskrecht, 2015)."""
    total = sum(bin.count for bin in table)
    gaps = (bin.count * abs(bin.right - bin.confidence) for bin in table if bin.count)
    return sum(gaps) / total if total else None


def auc(pairs: Iterable[tuple[float, bool]]) -> float | None:
    """How often a positive scores above a negative, a tie counting half; None where either is missing."""
    pairs = list(pairs)
    positives = [score for score, positive in pairs if positive]
    negatives = sorted(score for score, positive in pairs if not positive)
    if not positives or not negatives:
        return None
    below = sum(bisect_left(negatives, score) + bisect_right(negatives, score) for score in positives) / 2
    return below / (len(positives) * len(negatives))


def risk_coverage(pairs: Iterable[tuple[float, bool]]) -> list[tuple[float, float]]:
    """The share answered and the share of those wrong, as ever less sure guesses are given (Geifman et al., 2019).

    Guesses of the same confidence share their errors evenly, so that their order does not matter.
    """
    errors = [sum(not right for right in tied) / len(tied) for _, tied in _tied(pairs) for _ in tied]
    wrong, curve = 0.0, []
    for number, error in enumerate(errors, start=1):
        wrong += error
        curve.append((number / len(errors), wrong / number))
    return curve


def best_threshold(triples: Iterable[tuple[float, float, float]]) -> tuple[float | None, float]:
    """The threshold with the best mean score, None being never to answer, and that score.

    Each triple is a confidence, the score of the guess, and the score of silence.
    """
    triples = list(triples)
    total = sum(silence for _, _, silence in triples)
    threshold, best = None, total
    for confidence, gains in _tied((confidence, guess - silence) for confidence, guess, silence in triples):
        total += sum(gains)
        if total > best:
            threshold, best = confidence, total
    return threshold, best / len(triples)


def _tied(pairs: Iterable[tuple[float, T]]) -> Iterator[tuple[float, list[T]]]:
    """Each confidence, the highest first, with all that goes with it."""
    ranked = sorted(pairs, key=lambda pair: -pair[0])
    for confidence, group in groupby(ranked, key=lambda pair: pair[0]):
        yield confidence, [value for _, value in group]
