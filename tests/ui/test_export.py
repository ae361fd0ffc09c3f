"""Conversations taken away: complete, and inert in every form."""

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.ui.test_recheck import ARTICLE, CITATION, answer
from ui import export, recheck
from ui.history import Entry, Kept

WHEN = datetime(2021, 3, 4, 5, 6, tzinfo=UTC)
HOSTILE = (
    "<img src=x onerror=alert(1)></title><script>alert(2)</script> **b** _i_ `c` ![x](http://x.example/) [l](http://y)"
    " ~~s~~ $x$ | a | &amp; <http://z.example> www.w.example http://v.example a@b.example [^1-1] # h"
)
PIECES = st.text(st.sampled_from("ab1 .\n\\`*_{}[]()<>#+-!|~$&:;@=^\"'/?wx%é"), min_size=1, max_size=40)
STARTS = ("- x", "1. x", "> x", "    x", "---", "www.x.example", "&lt;b&gt;")
TEXTS = st.one_of(PIECES, st.sampled_from([HOSTILE, *STARTS]))


def entry(title: str = "Who?") -> Entry:
    return Entry("c1", title, WHEN, WHEN, 1)


def kept(**other: Any) -> Kept:
    stored = recheck.keep(answer("Ottilie Brandt", CITATION))
    stored["answer"] |= {name: value for name, value in other.items() if name in stored["answer"]}
    row = stored["answer"]["citations"][0]
    row |= {name: value for name, value in other.items() if name in row}
    return Kept(1, WHEN, stored, "up", "")


def hostile(text: str) -> Kept:
    words = dict.fromkeys(("question", "query", "answer", "note", "title", "source", "quote", "sentence"), text)
    return kept(**words, url=f"javascript:{text}")


class Page(HTMLParser):
    """The tags, addresses and words of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: set[str] = set()
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses |= {str(value) for name, value in attrs if name in ("href", "src", "style", "onerror")}

    def handle_data(self, data: str) -> None:
        self.words += data


@given(TEXTS)
@settings(deadline=None)
def test_nothing_becomes_markup_in_markdown(text: str) -> None:
    written = export.as_markdown(entry(text), [hostile(text)], [[text]])

    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(written)
    inline = [child for token in tokens for child in token.children or []]
    assert {token.type.removesuffix("_open").removesuffix("_close") for token in tokens} <= {
        "heading",
        "paragraph",
        "inline",
    }
    assert {child.type for child in inline} <= {"text", "text_special"}
    shown = " ".join(text.split())
    titles = [token.content for token in tokens if token.type == "inline"]
    assert titles and "".join(child.content for child in tokens[1].children or []) == shown.strip()


@given(TEXTS)
@settings(deadline=None)
def test_nothing_becomes_markup_in_html(text: str) -> None:
    plain = Page(export.as_html(entry("x"), [hostile("x")], [["x"]]))

    page = Page(export.as_html(entry(text), [hostile(text)], [[text]]))

    assert page.tags == plain.tags and page.addresses == plain.addresses == {"#n1", "#r1"}
    assert page.words.count(text) >= 3


@given(TEXTS)
@settings(deadline=None)
def test_everything_comes_through_json(text: str) -> None:
    whole = json.loads(export.as_json(entry(text), [hostile(text)], [[text]]))

    (told,) = whole["answers"]
    assert whole["title"] == told["question"] == told["citations"][0]["quote"] == told["citations"][0]["since"] == text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//x.example", "http://[x", "", None])
def test_only_addresses_of_the_web_are_links(url: str | None) -> None:
    assert export.web_address(url) is None
    assert "href" not in export.as_html(entry(), [kept(url=url)], [[""]]).replace('href="#', "")


def test_an_address_cannot_end_its_link() -> None:
    url = "https://x.example/<b> \"'`\\\n)é"

    address = export.web_address(url)

    assert address == "https://x.example/%3Cb%3E%20%22'%60%5C)%C3%A9" or address and not set('<>"`\\ \n') & set(address)
    assert f"<{address}>" in export.as_markdown(entry(), [kept(url=url)], [[""]])


@pytest.mark.parametrize("form", ["md", "html"])
def test_a_footnote_names_the_article_its_source_date_address_quote_and_place(form: str) -> None:
    saved = export.export(form, entry(), [kept()], [["It was removed."]])

    assert saved and saved.name == f"who-2021-03-04.{form}"
    for words in ("Lighthouse sold", "Quenby Gazette", "2021", "gazette.example/lighthouse", "Ottilie Brandt"):
        assert words in saved.text, words
    assert f"{CITATION.start}–{CITATION.end}" in saved.text and "It was removed" in saved.text
    assert "Searched for" in saved.text and "Confidence 72%" in saved.text
    assert ("[^1-1]: " if form == "md" else '<li id="n1">') in saved.text


def test_silence_is_exported_as_such_and_unknown_forms_are_not() -> None:
    silent = Kept(1, WHEN, recheck.keep(answer(None)), None, "")

    for form in ("md", "html"):
        saved = export.export(form, entry(), [silent], [[]])
        assert saved and "The articles do not say." in saved.text and "Confidence" not in saved.text
    assert export.export("exe", entry(), [silent], [[]]) is None


def test_a_file_name_holds_nothing_but_letters_digits_and_dashes() -> None:
    saved = export.export("md", entry("../../<b>é x\u202e.exe"), [], [])
    assert saved and saved.name == "b-x-exe-2021-03-04.md"
    assert (nameless := export.export("md", entry("???"), [], [])) and nameless.name == "conversation-2021-03-04.md"
    assert ARTICLE.url and export.web_address(ARTICLE.url) == ARTICLE.url
