"""How right an answer is, by the rules of SQuAD (Rajpurkar et al., 2016), and whether a text holds it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from qa.same import normalise


def exact_match(answer: str | None, golds: Iterable[str]) -> float:
    """1 if the answer is one of `golds`; silence (None) is right where there are none."""
    return _best(answer, golds, lambda one, other: float(one == other))


def f1(answer: str | None, golds: Iterable[str]) -> float:
    """The words that the answer shares with the gold most like it, as the harmonic mean of precision and recall."""
    return _best(answer, golds, _overlap)


def holds(text: str, golds: Iterable[str]) -> bool:
    """Whether any of `golds` stands in the text as whole words, both normalised.

    An s may follow: without its apostrophe, "Putin's" is "putins".
    """
    normal = normalise(text)
    wanted = filter(None, map(normalise, golds))
    return any(re.search(rf"(?<!\w){re.escape(gold)}s?(?!\w)", normal) for gold in wanted)


def _best(answer: str | None, golds: Iterable[str], score: Callable[[str, str], float]) -> float:
    golds = list(golds)
    if answer is None or not golds:
        return float(answer is None and not golds)
    normal = normalise(answer)
    return max(score(normal, normalise(gold)) for gold in golds)


def _overlap(answer: str, gold: str) -> float:
    words, wanted = answer.split(), gold.split()
    if not words or not wanted:
        return float(words == wanted)
    shared = sum((Counter(words) & Counter(wanted)).values())
    return 2 * shared / (len(words) + len(wanted))
