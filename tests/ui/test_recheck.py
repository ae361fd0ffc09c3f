"""Answers shown again: as they were kept, and honest about what became of their articles."""

import dataclasses
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from index.article import Version
from qa import QA, Answer, Article, Citation, Passage, Statement
from ui import recheck
from ui.recheck import CHANGED, GONE, MOVED, Recheck

ARTICLE = Article(
    id="a1",
    text="A lighthouse. Grenna's was sold to Ottilie Brandt. She paid 300 crowns.",
    title="Lighthouse sold",
    date=date(2021, 3, 4),
    source="Quenby Gazette",
    url="https://gazette.example/lighthouse",
)
START = ARTICLE.text.index("Ottilie")
CITATION = Citation(ARTICLE, START, START + 14, 14, 50)
NOW = datetime(2021, 5, 6, tzinfo=UTC)


class Shelf:
    """A session over these articles, and what they were before."""

    def __init__(self, *articles: Article, before: tuple[Article, ...] = ()) -> None:
        self.index = self
        self._articles = {article.id: article for article in articles}
        self._before = [Version(article, NOW, NOW) for article in before]

    def article(self, article_id: str) -> Article | None:
        return self._articles.get(article_id)

    def versions(self, article_id: str) -> list[Version]:
        return [version for version in self._before if version.article.id == article_id]


def answer(text: str | None = "Ottilie Brandt", *citations: Citation, **other: Any) -> Answer:
    passage = Passage(ARTICLE, 14, 50, score=0.5, dense=0.5, lexical=0.5, rank=1)
    return Answer("Who bought it?", "Who bought it? (Grenna)", text, 0.72, citations, (passage,), **other)


def again(kept: Answer, shelf: Shelf) -> recheck.Rechecked:
    stored = json.loads(json.dumps(recheck.keep(kept)))
    return Recheck(shelf)(stored)  # type: ignore[arg-type]


def changed(text: str) -> Article:
    return dataclasses.replace(ARTICLE, text=text)


def test_an_answer_whose_articles_are_as_they_were_is_the_same_again() -> None:
    statement = Statement("Brandt bought it.", (CITATION,), verified=True)
    whole = answer("Ottilie Brandt", CITATION, statements=(statement,), note="as ever", timings_ms={"total": 1.5})

    same = again(whole, Shelf(ARTICLE))

    assert same.since == ("",)
    assert same.answer.to_dict() == whole.to_dict()
    assert same.answer.citations == whole.citations and same.answer.statements == whole.statements


def test_a_quote_that_stands_elsewhere_now_is_found_there() -> None:
    now = changed(f"Corrected. {ARTICLE.text}")

    found = again(answer("Ottilie Brandt", CITATION), Shelf(now))

    (citation,) = found.answer.citations
    assert (found.since, citation.article, citation.quote) == ((MOVED,), now, "Ottilie Brandt")
    assert citation.sentence == CITATION.sentence and citation.start == START + 11


@pytest.mark.parametrize("text", ["Nothing of it.", f"X {CITATION.sentence} X {CITATION.sentence}"])
def test_a_quote_that_is_gone_or_ambiguous_is_shown_from_the_version_that_had_it(text: str) -> None:
    found = again(answer("Ottilie Brandt", CITATION), Shelf(changed(text), before=(changed("older"), ARTICLE)))

    assert found.since == (f"{CHANGED} It did until 6 May 2021.",)
    assert found.answer.citations == (CITATION,)


@pytest.mark.parametrize(("shelf", "since"), [(Shelf(), GONE), (Shelf(changed("Other words.")), CHANGED)])
def test_without_any_article_that_has_it_the_kept_quote_is_shown(shelf: Shelf, since: str) -> None:
    found = again(answer("Ottilie Brandt", CITATION), shelf)

    (citation,) = found.answer.citations
    assert found.since == (since,)
    assert (citation.quote, citation.sentence) == (CITATION.quote, CITATION.sentence)
    assert (citation.start, citation.end) == (CITATION.start, CITATION.end)
    assert citation.article.title == ARTICLE.title and citation.article.date == ARTICLE.date


def test_a_quote_in_another_sentence_does_not_count_as_standing() -> None:
    denied = changed(ARTICLE.text.replace("was sold to", "was n't to "))
    assert denied.text[CITATION.start : CITATION.end] == CITATION.quote

    assert again(answer("Ottilie Brandt", CITATION), Shelf(denied)).since == (CHANGED,)


def test_where_the_articles_did_not_say_the_nearest_passages_are_shown_again() -> None:
    for shelf, title in ((Shelf(ARTICLE), ARTICLE.title), (Shelf(), ARTICLE.title)):
        found = again(answer(None, related=False), shelf).answer
        assert found.text is None and not found.related
        assert [(passage.text, passage.article.title) for passage in found.passages] == [(ARTICLE.text[14:50], title)]


def test_each_article_is_looked_up_once() -> None:
    shelf, asked = Shelf(ARTICLE), []
    look_up = shelf.article
    shelf.article = lambda id_: asked.append(id_) or look_up(id_)  # type: ignore[method-assign, func-returns-value]
    check = Recheck(shelf)  # type: ignore[arg-type]

    for _ in range(3):
        check(recheck.keep(answer("Ottilie Brandt", CITATION)))

    assert asked == ["a1"]


def test_a_conversation_goes_on_after_kept_turns(seed_index: Path) -> None:
    with QA.open(seed_index) as session:
        first = session.conversation()
        kept = json.loads(json.dumps(recheck.keep(first.ask("Who did Lukashenko ask for help?"))))
        second = session.conversation(recheck.turns_of([kept]))

        assert second.turns == first.turns
        assert second.standalone("What did he offer?") == first.standalone("What did he offer?")
        assert Recheck(session)(kept).since == ("",) * len(kept["answer"]["citations"])
