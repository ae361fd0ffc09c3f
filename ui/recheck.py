"""Answers as they are kept, and held against the articles as they are when they are shown again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from qa import QA, Answer, Article, Citation, Passage, Statement, Turn

GONE = "This article was removed since; the quote is what it said then."
CHANGED = "This article has changed since, and the quote does not stand in it any more."
MOVED = "This article has changed since; the quote now stands at another place in it."


@dataclass(frozen=True, slots=True)
class Rechecked:
    """An answer again; `since` tells for each of its citations what became of the article, empty where nothing did."""

    answer: Answer
    since: tuple[str, ...]


def keep(answer: Answer) -> dict[str, Any]:
    """An answer in plain types: all that is needed to show it again, even when its articles are gone by then."""
    told = answer.to_dict()
    cited = [(told["citations"], answer.citations)]
    cited += [(row["citations"], s.citations) for row, s in zip(told["statements"], answer.statements, strict=True)]
    for rows, citations in cited:
        for row, citation in zip(rows, citations, strict=True):
            row["sentence"] = citation.sentence
    for row, passage in zip(told["passages"], answer.passages, strict=True):
        article = passage.article
        day = article.date.isoformat() if article.date else None
        row |= {"title": article.title, "date": day, "source": article.source, "url": article.url}
    return {"answer": told, "turn": Turn.of(answer).to_dict()}


def words_of(answer: Answer) -> list[str]:
    """What an answer can be found by, the question first."""
    return [answer.question, answer.text or "", *dict.fromkeys(citation.sentence for citation in answer.citations)]


def turns_of(kept: Iterable[dict[str, Any]]) -> list[Turn]:
    """What a conversation needs of kept answers to go on after them."""
    return [Turn.from_dict(stored["turn"]) for stored in kept]


class Recheck:
    """Makes answers of kept ones. Each article is looked up once, so make a new one each time."""

    def __init__(self, session: QA) -> None:
        self._index = session.index
        self._found: dict[str, Article | None] = {}

    def __call__(self, kept: dict[str, Any]) -> Rechecked:
        """The kept answer, its citations bound to the articles that hold their quotes now, or held them last."""
        told = kept["answer"]
        cited = [self._citation(row) for row in told["citations"]]
        answer = Answer(
            question=told["question"],
            query=told["query"],
            text=told["answer"],
            confidence=told["confidence"],
            citations=tuple(citation for citation, _ in cited),
            passages=tuple(self._passage(row) for row in told["passages"]),
            related=told["related"],
            timings_ms=told["timings_ms"],
            reader=told["reader"],
            statements=tuple(
                Statement(
                    row["text"],
                    tuple(self._citation(citation)[0] for citation in row["citations"]),
                    row["verified"],
                    tuple(row["cited"]),
                )
                for row in told["statements"]
            ),
            note=told["note"],
            usage=told["usage"],
        )
        return Rechecked(answer, tuple(since for _, since in cited))

    def _citation(self, row: dict[str, Any]) -> tuple[Citation, str]:
        at, sentence = row["sentence_start"], row["sentence"]
        article, now, since = self._home(row["article_id"], at, sentence)
        if article is None:
            article = _remains(row, at, sentence)
        moved = now - at
        return Citation(article, row["start"] + moved, row["end"] + moved, now, now + len(sentence)), since

    def _home(self, article_id: str, at: int, sentence: str) -> tuple[Article | None, int, str]:
        """The article in the version that has the sentence, where it stands there, and what became of it."""
        article = self._article(article_id)
        if article is None:
            return None, at, GONE
        if article.text.startswith(sentence, at):
            return article, at, ""
        found = article.text.find(sentence)
        if found >= 0 and article.text.find(sentence, found + 1) < 0:
            return article, found, MOVED
        for version in self._index.versions(article_id):
            if version.article.text.startswith(sentence, at):
                return version.article, at, f"{CHANGED} It did until {_day(version.replaced)}."
        return None, at, CHANGED

    def _passage(self, row: dict[str, Any]) -> Passage:
        article = self._article(row["article_id"])
        if article is None or not article.text.startswith(row["text"], row["start"]):
            article = _remains(row, row["start"], row["text"])
        return Passage(article, row["start"], row["end"], row["score"], dense=0.0, lexical=0.0, rank=row["rank"])

    def _article(self, article_id: str) -> Article | None:
        if article_id not in self._found:
            self._found[article_id] = self._index.article(article_id)
        return self._found[article_id]


def _remains(row: dict[str, Any], at: int, words: str) -> Article:
    """What is left of an article: these words at their old place, and nothing before them."""
    day = date.fromisoformat(row["date"]) if row["date"] else None
    return Article(row["article_id"], " " * at + words, row["title"], day, row["source"], row["url"])


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
