"""What a conversation is about: the words of earlier turns that a question leaves out.

Each word of the earlier questions and of what was cited for them gets the probability that a question written out in
full would have it, as in QuReTeC (Voskarides et al., "Query Resolution for Conversational Search with Limited
Supervision", SIGIR 2020), by logistic regression on a few plain features instead of a network.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from index.query import Query
from index.sentences import sentence_spans
from index.words import content_words
from qa.stems import stem
from qa.turn import Turn

_MOST = 4
_LEAST = 0.1
_TURNS_TOLD = 2
_SHORT = 3
_FADING = 0.5

# Words of conversation, not of its subject; the days on which things are reported are none, either.
_IDLE = frozenset(
    re.findall(
        r"\w+",
        """
        against ahh best better cool example examples expect expected get good great heard hmm interesting
        kind knew know let like make many meant mentioned mind need never okay one please really remember said
        saw say seems since sound sounds sure take talk talked tell thank thanks thing things think thought
        two type types use used using want wanted within without wow yes monday tuesday wednesday thursday
        friday saturday sunday
        """,
    )
)


class Features(NamedTuple):
    """What speaks for a word; each is of the order of 1."""

    asked: float  # 1 if the last question has it, half as much for each question further back
    first: float  # whether the question that opened the subject has it
    told: float  # the log of how often what was last cited has it, and one
    lasting: float  # share of the turns in which what was cited has it
    name: float  # whether it is written as a name
    beside: float  # whether a sentence that was last cited has it beside a word of the question


WEIGHTS = Features(2.15, 1.21, 0.8, 1.6, 1.16, 0.42)
CONSTANT = -5.59


class Word(NamedTuple):
    """A word of earlier turns, as it was written there."""

    text: str
    features: Features

    def probability(self, weights: Features, constant: float) -> float:
        """That the question, written out in full, would have it."""
        utility = constant + sum(w * f for w, f in zip(weights, self.features, strict=True))
        return 1 / (1 + math.exp(-utility))


def left_out(
    question: str, turns: Sequence[Turn], *, weights: Features = WEIGHTS, constant: float = CONSTANT
) -> list[str]:
    """The words that `question` is most likely to leave out, as written, in the order in which they came up."""
    found = words(question, turns)
    chances = [word.probability(weights, constant) for word in found]
    best = sorted(range(len(found)), key=lambda i: -chances[i])[:_MOST]
    return [found[i].text for i in sorted(best) if chances[i] >= _LEAST]


def words(question: str, turns: Sequence[Turn]) -> list[Word]:
    """The words to choose from: of all questions, and of what was cited for the last ones."""
    asked = [_stems(Query.parse(turn.query).asked) for turn in turns]
    told = [_stems(_told(turn)) for turn in turns]
    latest = _told(turns[-1]) if turns else ""
    sentences = [_stems(latest[start:end]) for start, end in sentence_spans(latest)]
    often = Counter(map(stem, re.findall(r"\w+", latest.lower())))
    names = {stem(name.lower()) for turn in turns for name in _names(f"{_told(turn)} {turn.query}")}
    own = _stems(question).keys()

    candidates: dict[str, str] = {}
    for text in (*asked, *told[-_TURNS_TOLD:]):
        candidates = text | candidates
    return [
        Word(
            written,
            Features(
                asked=max((_FADING ** (len(turns) - 1 - i) for i, text in enumerate(asked) if word in text), default=0),
                first=float(word in asked[0]),
                told=math.log1p(often[word]),
                lasting=sum(word in text for text in told) / len(turns),
                name=float(word in names),
                beside=float(any(word in sentence and own & sentence.keys() for sentence in sentences)),
            ),
        )
        for word, written in candidates.items()
        if word not in own
    ]


def _told(turn: Turn) -> str:
    """What was cited; where the articles did not say, what was asked has to stand for it."""
    return " ".join(turn.sentences) or Query.parse(turn.query).asked


def _names(text: str) -> list[str]:
    return re.findall(r"(?<=[a-z,] )[A-Z]\w+", text)


def _stems(text: str) -> dict[str, str]:
    """The stems of a text's telling words, each with how the word is first written there, in that order."""
    telling = {word for word in content_words(text) if len(word) >= _SHORT and word not in _IDLE}
    found: dict[str, str] = {}
    for written in re.findall(r"\w+", text):
        if written.lower() in telling:
            found.setdefault(stem(written.lower()), written)
    return found
