"""What came of asking one question."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qa.evaluation.generated import Generated
from qa.evaluation.questions import Question
from qa.evaluation.scores import exact_match, f1, holds

# From this F1 on, a guess counts as right: longer or shorter than the gold, it names the same thing.
_RIGHT_F1 = 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """The best guess at a question, None where nothing was found, and whether it was given as the answer.

    `sentences` are those it cites, `gold_rank` the rank of the first passage that holds the gold answer, if any does.
    A language model gives no `confidence`; what it wrote is in `generated`, which is None for an extracted answer.
    """

    question: Question
    guess: str | None
    confidence: float | None
    answered: bool
    sentences: tuple[str, ...] = ()
    gold_rank: int | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    generated: Generated | None = None

    @property
    def score(self) -> float:
        """The confidence; without one, 1 for a guess and 0 for none."""
        return float(self.guess is not None) if self.confidence is None else self.confidence

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
            "confidence": None if self.confidence is None else round(self.confidence, 4),
            "em": exact_match(self.guess, self.question.golds),
            "f1": round(f1(self.guess, self.question.golds), 4),
            "answered": self.answered,
            "sentence": self.sentences[0] if self.sentences else None,
            "gold_rank": self.gold_rank,
            "generated": self.generated.to_dict() if self.generated else None,
        }
