"""What a reader is: it answers a query from passages, or says that they do not say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from index.search import Passage


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the answer stands: a span in the article of `passage`, and the sentence around it."""

    passage: Passage
    start: int
    end: int
    sentence_start: int
    sentence_end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of the passages.

    `text` is None when they do not say, and `evidence` then empty. `confidence` is the probability that the
    best answer found is right, also when it was too low to give it.
    """

    text: str | None
    confidence: float
    evidence: tuple[Evidence, ...] = ()


class Reader(Protocol):
    """Answers from passages, and from nothing else."""

    def read(self, query: str, passages: Sequence[Passage]) -> Reading:
        """Answer `query`, a question that stands by itself, from `passages`, best first."""
        ...
