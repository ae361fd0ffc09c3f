"""The sentence reader: answers with the sentences of the passages that most probably hold the answer."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from index.search import Passage
from qa.candidates import Candidate, candidates
from qa.question import is_broad
from qa.reader import Evidence, Reading

if TYPE_CHECKING:
    from qa.candidates import Embed

_BROAD_SENTENCES = 3

# Cosine from which two sentences report the same.
_ALIKE = 0.72


class SentenceReader:
    """Answers with one sentence, or up to three for a broad question; cites every article that reports the same."""

    def __init__(self, embed: "Embed", *, min_confidence: float) -> None:
        """`embed` gives the vectors of texts; below `min_confidence` the articles do not say."""
        self._embed = embed
        self._min_confidence = min_confidence

    def read(self, query: str, passages: Sequence[Passage]) -> Reading:
        """See `Reader.read`."""
        found = sorted(candidates(query, passages, self._embed), key=lambda candidate: -candidate.probability)
        if not found:
            return Reading(None, 0.0)
        confidence = found[0].probability
        if confidence < self._min_confidence:
            return Reading(None, confidence)
        chosen = self._several(found) if is_broad(query) else found[:1]
        text = " ".join(candidate.text for candidate in chosen)
        return Reading(text, confidence, tuple(map(_evidence, [*chosen, *_repeats(chosen, found)])))

    def _several(self, found: Sequence[Candidate]) -> list[Candidate]:
        """The best, and what else is of the kind asked for, nearly as probable, and tells something new."""
        least = max(self._min_confidence, found[0].probability / 2)
        chosen: list[Candidate] = []
        for candidate in found:
            is_new = not any(_alike(candidate, other) for other in chosen)
            if not chosen or (candidate.probability >= least and candidate.features.fits and is_new):
                chosen.append(candidate)
        return chosen[:_BROAD_SENTENCES]


def _repeats(chosen: Iterable[Candidate], found: Iterable[Candidate]) -> list[Candidate]:
    """The best sentence of every other article that reports the same as one of the chosen."""
    cited = {candidate.passage.article.id for candidate in chosen}
    repeats: dict[str, Candidate] = {}
    for candidate in found:
        article = candidate.passage.article.id
        if article not in cited and any(_same_report(candidate, other) for other in chosen):
            repeats.setdefault(article, candidate)
    return list(repeats.values())


def _alike(one: Candidate, other: Candidate) -> bool:
    return float(one.vector @ other.vector) >= _ALIKE


def _same_report(one: Candidate, other: Candidate) -> bool:
    """Alike, and with no other figures: 12 dead are not 17 dead."""
    figures, others = (set(re.findall(r"\d[\d.,]*\d|\d", candidate.text)) for candidate in (one, other))
    return _alike(one, other) and (not figures or not others or bool(figures & others))


def _evidence(sentence: Candidate) -> Evidence:
    return Evidence(sentence.passage, sentence.start, sentence.end, sentence.start, sentence.end)
