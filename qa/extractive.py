"""The sentence reader: answers with the sentences of the passages that most probably hold the answer.

Each sentence gets a probability by a logistic regression over a few features of it and the question. The
weights are fitted on news questions by `tests/bench/fit_sentences.py`, which also reports how well they hold.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.search import Passage
from index.sentences import sentence_spans
from index.words import content_words
from qa.question import Kind, is_broad, kind_of, names_in
from qa.reader import Evidence, Reading
from qa.stems import stem, stems_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]

# Of the cosine with the question; the share of the question's words in the sentence, and in it or the title;
# whether it holds something of the kind asked for; the passage's score; and the constant.
WEIGHTS = (3.44, 1.11, 2.29, 0.8, 3.26, -8.03)

# Sentences whose meaning is compared with the question's; the rest are too unlike it in words.
_COMPARED = 20
_BROAD_SENTENCES = 3
# Cosine from which two sentences report the same, or tell nothing new.
_SAME_REPORT = 0.72


@dataclass(frozen=True, slots=True)
class Sentence:
    """A candidate: the span of a sentence in its article."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.passage.article.text[self.start : self.end]


class SentenceReader:
    """Picks sentences and abstains when the best one is less sure than `min_confidence`."""

    def __init__(self, embed: "Embed", *, min_confidence: float) -> None:
        self._embed = embed
        self._min_confidence = min_confidence

    def read(self, query: str, passages: Sequence[Passage]) -> Reading:
        """See `Reader.read`."""
        sentences, vectors, rows = candidates(query, passages, self._embed)
        if not sentences:
            return Reading(None, 0.0)
        sure = [probability(row) for row in rows]
        order = sorted(range(len(sentences)), key=lambda i: -sure[i])
        best = order[0]
        if sure[best] < self._min_confidence:
            return Reading(None, sure[best])
        alike = vectors @ vectors.T
        chosen = [best]
        for i in order[1:] if is_broad(query) else ():
            is_new = all(alike[i][j] < _SAME_REPORT for j in chosen)
            if len(chosen) < _BROAD_SENTENCES and is_new and sure[i] >= max(self._min_confidence, sure[best] / 2):
                chosen.append(i)
        others = [
            i
            for i in order
            if any(_same_report(sentences[i], sentences[j], float(alike[i][j])) for j in chosen) and i not in chosen
        ]
        text = " ".join(sentences[i].text for i in chosen)
        cited = _once_per_article([sentences[i] for i in others], {sentences[i].passage.article.id for i in chosen})
        return Reading(text, sure[best], tuple(_evidence(s) for s in [*(sentences[i] for i in chosen), *cited]))


def candidates(
    query: str, passages: Sequence[Passage], embed: "Embed"
) -> "tuple[list[Sentence], NDArray[np.float32], list[tuple[float, ...]]]":
    """The sentences most like the query, their vectors `[n, dimension]`, and their features without constant."""
    sentences = [
        Sentence(passage, passage.start + start, passage.start + end)
        for passage in passages
        for start, end in sentence_spans(passage.text)
    ]
    kind = kind_of(query)
    titles = {passage.article.id: stems_of(passage.article.title) for passage in passages}
    terms = {stem(word) for word in content_words(query)}
    stems = [stems_of(sentence.text) for sentence in sentences]
    rarity = _rarity(terms, stems)

    def features(number: int) -> tuple[float, ...]:
        sentence = sentences[number]
        about = titles[sentence.passage.article.id]
        cue = kind.cue(_without(sentence.text, query) if kind is Kind.WHO else sentence.text)
        return (
            _covered(terms, stems[number], rarity),
            _covered(terms, stems[number] | about, rarity),
            cue,
            sentence.passage.score,
        )

    rows = [features(number) for number in range(len(sentences))]
    plain = [_weigh((0.0, *row)) for row in rows]
    kept = sorted(range(len(sentences)), key=lambda i: -plain[i])[:_COMPARED]
    sentences = [sentences[i] for i in kept]
    if not sentences:
        return [], embed([]), []
    vectors = embed([query, *(sentence.text for sentence in sentences)])
    likeness = vectors[1:] @ vectors[0]
    return sentences, vectors[1:], [(float(cos), *rows[i]) for cos, i in zip(likeness, kept, strict=True)]


def probability(row: Sequence[float]) -> float:
    """The probability that a sentence with these features holds the answer."""
    return 1 / (1 + math.exp(-_weigh(row)))


def _weigh(row: Sequence[float]) -> float:
    return sum(weight * feature for weight, feature in zip(WEIGHTS, (*row, 1.0), strict=True))


def _rarity(terms: set[str], stems: list[set[str]]) -> dict[str, float]:
    """How much each term tells these sentences apart: its inverse frequency among them."""
    seen = Counter(term for words in stems for term in terms & words)
    return {term: math.log(1 + (len(stems) + 1) / (seen[term] + 1)) for term in terms}


def _covered(terms: set[str], words: set[str], rarity: dict[str, float]) -> float:
    total = sum(rarity.values())
    return sum(rarity[term] for term in terms & words) / total if total else 0.0


def _without(text: str, query: str) -> str:
    """`text` without the names that the query already has: whoever it asks for is another."""
    names = names_in(query)
    return re.sub(r"\w[\w'’.-]*\w", lambda m: "" if re.sub(r"['’]s?$", "", m[0]).lower() in names else m[0], text)


def _same_report(one: Sentence, other: Sentence, alike: float) -> bool:
    figures = [set(re.findall(r"\d[\d.,]*\d|\d", sentence.text)) for sentence in (one, other)]
    return alike >= _SAME_REPORT and (not all(figures) or bool(figures[0] & figures[1]))


def _once_per_article(sentences: list[Sentence], taken: set[str]) -> list[Sentence]:
    first: dict[str, Sentence] = {}
    for sentence in sentences:
        if sentence.passage.article.id not in taken:
            first.setdefault(sentence.passage.article.id, sentence)
    return list(first.values())


def _evidence(sentence: Sentence) -> Evidence:
    return Evidence(sentence.passage, sentence.start, sentence.end, sentence.start, sentence.end)
