"""The sentences of the passages that could hold the answer, each with the probability that it does.

The probability is a logistic regression over a few features of the sentence and the question. Its weights are
fitted on news questions by `tests/bench/fit_sentences.py`, which also reports how well they hold.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from index.search import Passage
from index.sentences import sentence_spans
from index.words import content_words
from qa.question import Kind, kind_of, names_in, subject_of
from qa.stems import pairs_of, stem, stems_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]


class Features(NamedTuple):
    """What a sentence's probability is made of, all in [0, 1] (the cosine may be less)."""

    cosine: float  # with the question
    words: float  # share of the question's words in the sentence, rare ones counting more
    words_with_title: float  # the same for the sentence and its article's title
    pairs: float  # share of the question's pairs of neighbouring words
    begins: float  # whether it begins with whom the question is about; 0.5 if that is nobody
    fits: float  # whether it holds something of the kind asked for; 0.5 if that has no sign
    passage: float  # the passage's score


WEIGHTS = Features(3.41, 0.48, 2.55, 0.58, 0.31, 0.8, 3.13)
CONSTANT = -8.27

# Sentences whose meaning is compared with the question's; the rest are too unlike it in words.
_COMPARED = 20
_BEGINNING = 3


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A sentence: characters `[start, end)` of its article's text; its vector float32 `[dimension]`, normalised."""

    passage: Passage
    start: int
    end: int
    vector: "NDArray[np.float32]"
    features: Features

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.passage.article.text[self.start : self.end]

    @property
    def probability(self) -> float:
        """The probability that the sentence holds the answer."""
        return 1 / (1 + math.exp(-_weigh(self.features)))


def candidates(query: str, passages: Sequence[Passage], embed: "Embed") -> list[Candidate]:
    """The sentences of the passages that have most in common with the query."""
    spans = [
        (passage, passage.start + start, passage.start + end)
        for passage in passages
        for start, end in sentence_spans(passage.text)
    ]
    rows = _wordy_features(query, spans)
    kept = sorted(range(len(spans)), key=lambda i: -_weigh(rows[i]))[:_COMPARED]
    if not kept:
        return []
    asked, *vectors = embed([query, *(_text(*spans[i]) for i in kept)])
    return [
        Candidate(*spans[i], vector, rows[i]._replace(cosine=float(vector @ asked)))
        for i, vector in zip(kept, vectors, strict=True)
    ]


def _weigh(features: Features) -> float:
    return CONSTANT + sum(weight * feature for weight, feature in zip(WEIGHTS, features, strict=True))


def _text(passage: Passage, start: int, end: int) -> str:
    return passage.article.text[start:end]


def _wordy_features(query: str, spans: Sequence[tuple[Passage, int, int]]) -> list[Features]:
    """The features, the cosine still left at 0: the others need no model."""
    kind, terms = kind_of(query), {stem(word) for word in content_words(query)}
    stems = [stems_of(_text(*span)) for span in spans]
    titles = {passage.article.id: stems_of(passage.article.title) for passage, _, _ in spans}
    pairs, subject = pairs_of(query), subject_of(query)
    rarity = _rarity(terms, stems)
    rows: list[Features] = []
    for (passage, start, end), words in zip(spans, stems, strict=True):
        text = _text(passage, start, end)
        rows.append(
            Features(
                cosine=0.0,
                words=_covered(terms, words, rarity),
                words_with_title=_covered(terms, words | titles[passage.article.id], rarity),
                pairs=len(pairs & pairs_of(text)) / len(pairs) if pairs else 0.0,
                begins=float(stem(subject) in stems_of(" ".join(text.split()[:_BEGINNING]))) if subject else 0.5,
                fits=kind.cue(_without_names_of(query, text) if kind is Kind.WHO else text),
                passage=passage.score,
            )
        )
    return rows


def _rarity(terms: set[str], stems: list[set[str]]) -> dict[str, float]:
    """How much each term tells these sentences apart: its inverse frequency among them."""
    seen = Counter(term for words in stems for term in terms & words)
    return {term: math.log(1 + (len(stems) + 1) / (seen[term] + 1)) for term in terms}


def _covered(terms: set[str], words: set[str], rarity: dict[str, float]) -> float:
    total = sum(rarity.values())
    return sum(rarity[term] for term in terms & words) / total if total else 0.0


def _without_names_of(query: str, text: str) -> str:
    """`text` without the names in the query: whoever is asked for is somebody else."""
    names = names_in(query)
    return re.sub(r"\w[\w'’.-]*\w", lambda m: "" if re.sub(r"['’]s?$", "", m[0]).lower() in names else m[0], text)
