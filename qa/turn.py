"""What a conversation keeps of a turn: enough to complete the next question, and plain enough to be stored."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from qa.answer import Answer


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, the query that was searched for, and what the articles said.

    `answer` is None where they did not say. `sentences` are the cited ones, and `articles` the ids of their articles,
    each in the order of the citations.
    """

    question: str
    query: str
    answer: str | None = None
    sentences: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """The turn that ended in this answer."""
        return cls(
            question=answer.question,
            query=answer.query,
            answer=answer.text,
            sentences=tuple(dict.fromkeys(citation.sentence for citation in answer.citations)),
            articles=tuple(dict.fromkeys(citation.article.id for citation in answer.citations)),
        )

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """The turn that `to_dict` gave."""
        return cls(**stored | {name: tuple(stored[name]) for name in ("sentences", "articles")})

    def to_dict(self) -> dict[str, Any]:
        """The turn in plain types, for JSON."""
        return asdict(self)
