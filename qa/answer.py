"""What comes back for a question: an answer, bound to quotes at exact places of real articles."""

from dataclasses import dataclass, field
from typing import Any

from index.article import Article
from index.search import Passage


@dataclass(frozen=True, slots=True)
class Citation:
    """An article, a span in it, and the verbatim quote: `quote == article.text[start:end]`.

    The sentence around the quote is `article.text[sentence_start:sentence_end]`.
    """

    article: Article
    start: int
    end: int
    sentence_start: int
    sentence_end: int

    @property
    def quote(self) -> str:
        """The article's own words."""
        return self.article.text[self.start : self.end]

    @property
    def sentence(self) -> str:
        """The sentence that holds the quote."""
        return self.article.text[self.sentence_start : self.sentence_end]

    def to_dict(self) -> dict[str, Any]:
        """The citation as it stands in JSON."""
        return {
            "article_id": self.article.id,
            "title": self.article.title,
            "date": self.article.date.isoformat() if self.article.date else None,
            "source": self.article.source,
            "url": self.article.url,
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
            "sentence_start": self.sentence_start,
            "sentence_end": self.sentence_end,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to `question`; `text` is None when the articles do not say.

    `query` is the standalone form that was searched for. `confidence` is the probability that the answer is
    right; where none is given, that the best one found would have been. `passages` are what was read, best first,
    and `related` whether any of them is about what was asked: it tells articles that do not say from none.
    """

    question: str
    query: str
    text: str | None
    confidence: float
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    related: bool = True
    timings_ms: dict[str, float] = field(default_factory=dict)

    @property
    def sentence(self) -> str | None:
        """The sentence that holds the answer, from the first citation."""
        return self.citations[0].sentence if self.citations else None

    def to_dict(self) -> dict[str, Any]:
        """The answer as `qa ask --json` prints it."""
        return {
            "question": self.question,
            "query": self.query,
            "answer": self.text,
            "confidence": round(self.confidence, 4),
            "sentence": self.sentence,
            "citations": [citation.to_dict() for citation in self.citations],
            "passages": [
                {
                    "article_id": passage.article.id,
                    "start": passage.start,
                    "end": passage.end,
                    "text": passage.text,
                    "score": round(passage.score, 4),
                    "rank": passage.rank,
                }
                for passage in self.passages
            ],
            "timings_ms": {stage: round(ms, 1) for stage, ms in self.timings_ms.items()},
            "related": self.related,
        }
