"""What comes back for a question: an answer, bound to quotes at exact places of real articles."""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from index.article import Article, Reprint
from index.search import Passage
from qa.days import day_meant


@dataclass(frozen=True, slots=True)
class Citation:
    """An article, a span in it, and the verbatim quote: `quote == article.text[start:end]`.

    The sentence around the quote is `article.text[sentence_start:sentence_end]`. `reprints` are other articles that
    carry nearly the same text.
    """

    article: Article
    start: int
    end: int
    sentence_start: int
    sentence_end: int
    reprints: tuple[Reprint, ...] = ()

    @property
    def quote(self) -> str:
        """The article's own words."""
        return self.article.text[self.start : self.end]

    @property
    def sentence(self) -> str:
        """The sentence that holds the quote."""
        return self.article.text[self.sentence_start : self.sentence_end]

    @property
    def day(self) -> date | None:
        """The day that the quote names, be it by its weekday: "on Friday" is one, seen from the article's date."""
        return day_meant(self.quote, sentence=self.sentence, published=self.article.date)

    @property
    def also_carried_by(self) -> list[str]:
        """The names of those who carry nearly the same text, or else its titles there."""
        return list(dict.fromkeys(reprint.source or reprint.title for reprint in self.reprints))

    def to_dict(self) -> dict[str, Any]:
        """The citation as it stands in JSON."""
        return {
            "article_id": self.article.id,
            "title": self.article.title,
            "date": _iso(self.article.date),
            "source": self.article.source,
            "url": self.article.url,
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
            "sentence_start": self.sentence_start,
            "sentence_end": self.sentence_end,
            "reprints": [asdict(reprint) | {"date": _iso(reprint.date)} for reprint in self.reprints],
            "day": _iso(self.day),
        }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer that a language model wrote, and the quotes that it rests on.

    It is `verified` when those quotes were found to say what it says; only then is it shown as cited. `cited` are the
    ranks of the passages that the model itself named.
    """

    text: str
    citations: tuple[Citation, ...]
    verified: bool
    cited: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The statement as it stands in JSON."""
        return {
            "text": self.text,
            "verified": self.verified,
            "cited": list(self.cited),
            "citations": [citation.to_dict() for citation in self.citations],
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to `question`; `text` is None when the articles do not say.

    `query` is the standalone form that was searched for. `confidence` is the probability that the answer is
    right; where none is given, that the best one found would have been; None where a language model answered, which
    gives no probability that could be held against the outcome. `passages` are what was read, best first,
    and `related` whether any of them is about what was asked: it tells articles that do not say from none.

    `reader` names what answered. A language model's answer consists of `statements`, which are empty where the answer
    is extractive; `text` has those that are verified. `usage` has the `input_tokens` and `output_tokens` of the model.
    `note` says, in words for the user, why another reader answered than the one that was to.
    """

    question: str
    query: str
    text: str | None
    confidence: float | None
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    related: bool = True
    timings_ms: dict[str, float] = field(default_factory=dict)
    reader: str = "extractive"
    statements: tuple[Statement, ...] = ()
    note: str | None = None
    usage: dict[str, int] = field(default_factory=dict)

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
            "confidence": None if self.confidence is None else round(self.confidence, 4),
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
            "reader": self.reader,
            "statements": [statement.to_dict() for statement in self.statements],
            "note": self.note,
            "usage": self.usage,
        }
