"""What came of asking one question."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qa.evaluation.questions import Question
from qa.evaluation.scores import exact_match, f1, holds

# From this F1 on, a guess counts as right: longer or shorter than the gold, it names the same thing.
_RIGHT_F1 = 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """The best guess at a question, None where nothing was found, and whether it was given as the answer.

    `sentences` are those it cites, `gold_rank` the rank of the first passage that holds the gold answer, if any does.
    """

    question: Question
    guess: str | None
    confidence: float
    answered: bool
    sentences: tuple[str, ...] = ()
    gold_rank: int | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def given(self) -> str | None:
        """The answer given, or None."""
        return self.guess if self.answered else None

    @property
    def is_right(self) -> bool:
        """Whether the guess, given or not, is right."""
        return f1(self.guess, self.question.golds) >= _RIGHT_F1

    @property
    def gold_in_sentence(self) -> bool:
        """Whether an answer was given, and a sentence that it cites holds the gold answer."""
        return self.answered and any(holds(sentence, self.question.golds) for sentence in self.sentences)

    def to_dict(self) -> dict[str, Any]:
        """One line of the details; `em` and `f1` are the guess's, given or not."""
        return {
            "id": self.question.id,
            "question": self.question.text,
            "golds": list(self.question.golds),
            "answerable": self.question.answerable,
            "guess": self.guess,
            "confidence": round(self.confidence, 4),
            "em": exact_match(self.guess, self.question.golds),
            "f1": round(f1(self.guess, self.question.golds), 4),
            "answered": self.answered,
            "sentence": self.sentences[0] if self.sentences else None,
            "gold_rank": self.gold_rank,
        }
