"""What a reader is: it answers a query from passages, or says that they do not say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

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
class Claim:
    """A sentence that a language model wrote; what it was found to rest on, if it is `verified`.

    `cited` are the ranks of the passages that the model named.
    """

    text: str
    evidence: tuple[Evidence, ...]
    verified: bool
    cited: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of the passages.

    `text` is None when they do not say, and `evidence` then empty. `confidence` is the probability that the
    best answer found is right, also when it was too low to give it; None where there is no such probability.
    The rest is as in `Answer`: a language model's `claims` become its statements.
    """

    text: str | None
    confidence: float | None
    evidence: tuple[Evidence, ...] = ()
    claims: tuple[Claim, ...] = ()
    reader: str = "extractive"
    note: str | None = None
    usage: dict[str, int] = field(default_factory=dict)


class Reader(Protocol):
    """Answers from passages, and from nothing else."""

    def read(self, query: str, passages: Sequence[Passage]) -> Reading:
        """Answer `query`, a question that stands by itself, from `passages`, best first."""
        ...


@runtime_checkable
class StreamingReader(Reader, Protocol):
    """A reader that takes its time, and tells what it has so far."""

    def stream(self, query: str, passages: Sequence[Passage]) -> Iterator[Reading]:
        """Answer as `read` does: readings, each more complete than the one before. The last is what `read` returns."""
        ...
