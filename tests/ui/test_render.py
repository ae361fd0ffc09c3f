"""Rendering: what is said in which case, and that nothing from outside becomes markup."""

import dataclasses
import datetime
from html.parser import HTMLParser

import pytest

from index.article import Listed, Reprint, Version
from qa import Answer, Article, Citation, Passage, Statement
from ui import render, shelf, story
from ui.place import Place
from ui.related import related_html, version_note

HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script>\"'**bold** ![x](http://x.example/) $x^2$ {{7*7}} ${7*7}"
)
WHEN = datetime.datetime(2021, 3, 5, 14, 2, tzinfo=datetime.UTC)
ARTICLE = Article(
    id="a1",
    text="Grenna's lighthouse was sold. Ottilie Brandt paid 300 crowns.",
    title="Lighthouse sold",
    date=datetime.date(2021, 3, 4),
    source="Quenby Gazette",
    url="https://gazette.example/lighthouse",
)


class Tags(HTMLParser):
    """The tags and attributes in some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def citation(start: int, end: int, article: Article = ARTICLE) -> Citation:
    return Citation(article, start, end, start, end)


def answer(text: str | None, *citations: Citation, **other: object) -> Answer:
    whole = Answer("Who?", "Who?", text, 0.72, citations, ())
    return dataclasses.replace(whole, **other)  # type: ignore[arg-type]


def passage(article: Article, start: int, end: int) -> Passage:
    return Passage(article, start, end, score=1, dense=1, lexical=1, rank=1)


def test_a_citations_number_stands_behind_its_quote() -> None:
    html = render.reply(answer("Grenna's lighthouse was sold. It was dear.", citation(0, 29)))

    before, after = html.split('<button type="button" class="marker"', 1)
    assert before.endswith('Grenna&#x27;s lighthouse was <span class="kept">sold.')
    assert "[1]</button></span> It was dear." in after


def test_a_citation_that_is_not_in_the_answers_words_is_numbered_at_the_end_and_shown() -> None:
    html = render.reply(answer("Ottilie Brandt", citation(0, 29)))

    assert "[1]</button></span></p>" in html
    assert '<p class="sentence" dir="auto">Grenna&#x27;s lighthouse was sold.</p>' in html


def test_a_citation_leads_to_its_quote_first_and_then_to_the_others_of_its_article() -> None:
    html = render.reply(answer("x", citation(0, 29), citation(30, 61)))

    assert html.count(f'data-cite="{Place.of(ARTICLE, (0, 29), (30, 61)).key}"') == 2
    assert html.count(f'data-cite="{Place.of(ARTICLE, (30, 61), (0, 29)).key}"') == 2


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(1.0, "Very likely – 100%"), (0.72, "Likely – 72%"), (0.4, "Perhaps – 40%"), (0.0, "A guess – 0%")],
)
def test_confidence_is_put_in_words(confidence: float, words: str) -> None:
    assert words in render.reply(answer("x", citation(0, 29), confidence=confidence))


def test_no_answer_shows_the_nearest_passages_once_an_article() -> None:
    other = dataclasses.replace(ARTICLE, id="a2", title="Another")
    passages = (passage(ARTICLE, 0, 29), passage(ARTICLE, 30, 61), passage(other, 30, 61))

    html = render.reply(answer(None, passages=passages))

    assert "The articles do not say." in html
    assert html.count('class="card"') == 2
    assert f'data-cite="{Place.of(ARTICLE, (0, 29)).key}"' in html


def test_a_models_sentences_carry_the_numbers_of_what_they_rest_on() -> None:
    sold, paid = citation(0, 29), citation(30, 61)
    statements = (Statement("It was sold to Brandt.", (paid, sold), verified=True),)
    told = answer("It was sold to Brandt.", sold, paid, statements=statements, reader="scripted:model", confidence=None)
    html = render.reply(told)
    said = html.partition('<ol class="cards">')[0]
    assert [number for number in ("[1]", "[2]", "[3]") if number in said] == ["[1]", "[2]"]
    assert "written by scripted:model" in html and "%" not in html


def test_a_sentence_that_no_passage_says_is_flagged_and_not_cited() -> None:
    statements = (Statement("She paid 900 crowns.", (citation(30, 61),), verified=False),)
    html = render.reply(answer("She paid 900 crowns.", citation(30, 61), statements=statements))
    said = html.partition('<ol class="cards">')[0]
    assert "not verified" in said and "[1]" not in said


def test_why_another_reader_answered_is_told() -> None:
    note = "The language model did not answer within 30 s <b>"
    assert "did not answer within 30 s &lt;b&gt;" in render.reply(answer("Brandt", citation(30, 45), note=note))
    assert "did not answer within 30 s &lt;b&gt;" in render.reply(answer(None, note=note))


def test_the_day_that_a_quote_means_is_told() -> None:
    article = dataclasses.replace(ARTICLE, text="It was sold on Tuesday to Ottilie Brandt.")
    html = render.reply(answer("Tuesday", Citation(article, 15, 22, 0, 41)))
    assert "<q>Tuesday</q> is Tuesday, 2 March 2021." in html


def test_another_query_than_the_question_is_told() -> None:
    assert "Searched for: <q>Who? (Brandt)</q>" in render.reply(answer(None, query="Who? (Brandt)"))
    assert "Searched for" not in render.reply(answer(None))


def test_an_article_that_changed_since_is_shown_unmarked() -> None:
    html = story.article_page(dataclasses.replace(ARTICLE, text="Other words entirely."), Place.of(ARTICLE, (0, 29)))

    assert "has changed since" in html
    assert "<mark" not in html


@pytest.mark.parametrize("url", ["https://gazette.example/a?b=1&c=2", "http://gazette.example"])
def test_an_address_of_the_web_is_a_link_that_tells_nothing(url: str) -> None:
    html = story.article_page(dataclasses.replace(ARTICLE, url=url), Place.of(ARTICLE))

    assert 'target="_blank" rel="noopener noreferrer">gazette.example</a>' in html


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JaVaScript:alert(1)", "data:text/html,x", "//x.example", "http://[x"]
)
def test_any_other_address_is_no_link(url: str) -> None:
    html = story.article_page(dataclasses.replace(ARTICLE, url=url), Place.of(ARTICLE))

    assert "<a " not in html


def test_nothing_from_outside_becomes_markup() -> None:
    hostile = Article(HOSTILE, HOSTILE, HOSTILE, None, HOSTILE, HOSTILE, HOSTILE)
    cited = citation(0, len(HOSTILE), hostile)
    listed = Listed(HOSTILE, HOSTILE, None, HOSTILE, HOSTILE, 1, 1)
    version = Version(hostile, WHEN, WHEN)

    html = "".join(
        [
            render.turn(HOSTILE, render.reply(answer(f"It is {HOSTILE}", cited, query=HOSTILE))),
            render.reply(answer(None, passages=(passage(hostile, 0, 20),))),
            render.trouble(HOSTILE),
            render.welcome(1, [HOSTILE], sample=True),
            shelf.rows_html([listed], shelf.Wanted()),
            related_html([version], [listed]),
            version_note(version, Place.of(hostile)),
            story.article_page(hostile, Place.of(hostile, (0, 20))),
        ]
    )

    tags = Tags(html)
    assert not {"img", "script", "a"} & tags.names
    assert not {"onerror", "src", "href"} & tags.attributes
    assert HOSTILE not in html


def test_the_quote_is_emphasised_in_its_sentence() -> None:
    html = render.reply(answer("lighthouse", Citation(ARTICLE, 9, 19, 0, 29)))
    assert "Grenna&#x27;s <em>lighthouse</em> was sold." in html


def test_the_emphasis_is_where_the_quote_stands_not_where_its_letters_first_do() -> None:
    story = Article(id="a2", text="The 19 boats left on Aug. 9.", title="Boats")
    start = story.text.rindex("9")
    html = render.reply(answer("9", Citation(story, start, start + 1, 0, len(story.text))))
    assert "The 19 boats left on Aug. <em>9</em>." in html


def test_card_names_who_else_carries_the_story() -> None:
    copies = tuple(Reprint(str(n), "A title", None, f"<b>Wire {n}</b>", None) for n in range(6))
    html = render.reply(answer("lighthouse", Citation(ARTICLE, 9, 19, 0, 29, reprints=copies)))
    assert "Also carried by <bdi>&lt;b&gt;Wire 0&lt;/b&gt;</bdi>, " in html
    assert "Wire 4" not in html and "and 2 more" in html
    assert "Also carried by" not in render.reply(answer("lighthouse", citation(9, 19)))
