"""The conversations of TREC CAsT 2021, and what is learnt from how their questions were written out by hand."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.sentences import sentence_spans
from qa.stems import stems_of
from qa.subject import Features, words
from qa.turn import Turn

Weights = tuple[Features, float]


@dataclass(frozen=True, slots=True)
class Said:
    """A turn: the question as typed, as written out by hand, and the passage that answers it."""

    id: str
    utterance: str
    rewritten: str
    passage: str

    def turn(self, query: str = "") -> Turn:
        """The turn as a conversation keeps it, the canonical passage cited."""
        return Turn(self.utterance, query or self.utterance, None, (self.passage,))

    def short(self) -> Turn:
        """The turn with but one sentence cited: that which has most of the question's words for its length."""
        asked = stems_of(self.rewritten)
        sentences = [self.passage[start:end] for start, end in sentence_spans(self.passage)]
        best = max(sentences, key=lambda text: len(asked & stems_of(text)) / (5 + len(text.split())) ** 0.5)
        return Turn(self.utterance, self.utterance, None, (best,))


Conversation = Sequence[Said]


def read(folder: Path) -> list[Conversation]:
    """The conversations of `cast-2021.json`."""
    topics = json.loads((folder / "cast-2021.json").read_text())
    return [[Said(**turn) for turn in topic["turns"]] for topic in topics]


def fit(conversations: Sequence[Conversation]) -> Weights:
    """The weights with which the words of earlier turns are told that were written in by hand.

    Each conversation counts twice, once with whole passages cited and once with single sentences, and the first
    question of each is asked behind the conversation before it, too, whose words it does not need.
    """
    from sklearn.linear_model import LogisticRegression

    rows: list[Features] = []
    taken: list[bool] = []
    for make in (Said.turn, Said.short):
        for number, said in enumerate(conversations):
            turns = [make(one) for one in said]
            before = [make(one) for one in conversations[number - 1]]
            asked = [(one, turns[:at], one.rewritten) for at, one in enumerate(said) if at]
            for one, earlier, written in [*asked, (said[0], before, said[0].utterance)]:
                full = stems_of(written)
                for word in words(one.utterance, earlier):
                    rows.append(word.features)
                    taken.append(bool(stems_of(word.text) & full))
    model = LogisticRegression(max_iter=3000).fit(np.array(rows), np.array(taken))
    return Features(*map(float, model.coef_[0])), float(model.intercept_[0])
