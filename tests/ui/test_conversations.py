"""The page in a browser: conversations are kept, found again, taken away and judged, each by its own reader."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from qa import QA
from tests.ui.conftest import OpenPage, Server
from tests.ui.steps import LUKASHENKO, ask

STORY = "The lighthouse of Grenna was sold to Ottilie Brandt for 300 crowns on Monday.\n"
WHO = "Who bought the lighthouse of Grenna?"
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script> **bold** ![x](http://evil.example/p.png) ${7*7}"


@pytest.fixture
def grenna(seed_server: Server, tmp_path: Path) -> Iterator[Callable[[str | None], None]]:
    """Give the story of Grenna another text, or remove it with None, in another process than the page's."""
    file = tmp_path / "grenna.txt"

    def tell(text: str | None) -> None:
        with QA.open(seed_server.index) as session:
            if text:
                file.write_text(text)
                session.add(file)
            else:
                session.remove([article.id for article in session.articles() if article.path == str(file)])

    yield tell
    tell(None)


def conversations(page: Page) -> Locator:
    """Open the list of conversations; its rows."""
    page.get_by_role("button", name="Conversations", exact=True).click()
    expect(page.locator("#archive .rows > *").first).to_be_visible()
    return page.locator("#archive .talk")


def choose(row: Locator, choice: str) -> None:
    """Choose what to do with a conversation, from the menu in its row."""
    row.locator("summary").click()
    row.get_by_role("button", name=choice).click()


def kept(page: Page) -> str:
    """The id of the conversation on the page, once it is kept."""
    expect(page).to_have_url(re.compile(r"#c=[\w-]{16}"))
    return page.url.partition("#c=")[2].partition("&")[0]


def test_a_reload_keeps_the_conversation_and_its_citations(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    before = ask(page, LUKASHENKO).inner_html()
    kept(page)

    page.reload()

    reply = page.locator(".turn .reply")
    expect(reply.locator(".answer")).to_contain_text("Putin")
    assert reply.inner_html() == before
    reply.locator(".marker").first.click()
    expect(page.locator("mark.quoted")).to_contain_text("Putin")


def test_a_conversation_is_opened_from_the_list_and_goes_on(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    ask(page, LUKASHENKO)
    first = kept(page)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".welcome")).to_be_visible()
    assert "#" not in page.url
    ask(page, "Why did the Lady Maren sink?")
    expect(page).not_to_have_url(re.compile(first))

    rows = conversations(page)
    expect(rows.locator(".title")).to_have_text(["Why did the Lady Maren sink?", LUKASHENKO])
    expect(rows.first.locator(".facts")).to_have_text(re.compile(r"^1 question · \d+ \w+ \d{4}( at|,) \d\d:\d\d$"))
    rows.get_by_role("button", name=LUKASHENKO).click()
    expect(page.locator(".question")).to_contain_text(LUKASHENKO)
    assert kept(page) == first

    expect(ask(page, "Why did he do so?").locator(".searched q")).to_contain_text("Lukashenko")
    expect(rows.first.locator(".card")).to_contain_text(f"{LUKASHENKO}2 questions")
    page.go_back()
    expect(page.locator(".question").first).to_contain_text("Lady Maren")


def test_conversations_are_searched_renamed_and_deleted(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    ask(page, LUKASHENKO)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".welcome")).to_be_visible()
    ask(page, "How many people were aboard the Lady Isolde?")
    rows = conversations(page)
    expect(rows).to_have_count(2)

    page.get_by_label("Search questions and answers").fill("PUTIN")  # in the answer only
    expect(rows).to_have_count(1)
    choose(rows, "Rename")
    rows.get_by_label("Title").fill(f"  Minsk {HOSTILE}")
    rows.get_by_label("Title").press("Enter")
    expect(rows.locator(".title")).to_have_text(f"Minsk {HOSTILE}")
    page.get_by_label("Search questions and answers").fill("zeppelin")
    expect(page.locator("#archive .rows .note")).to_contain_text("No conversation has these words")

    page.get_by_label("Search questions and answers").fill("")
    expect(rows).to_have_count(2)
    choose(rows.last, "Delete")
    rows.last.get_by_role("button", name="Keep").click()
    choose(rows.first, "Delete")
    rows.first.get_by_role("button", name="Delete", exact=True).click()
    expect(rows).to_have_count(1)
    expect(page.locator(".welcome")).to_be_visible()  # it was the one on the page
    page.go_back()
    expect(page.locator("#conversation .note").first).to_contain_text("This conversation is not among yours.")


def test_two_browsers_do_not_see_each_others(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    ask(page, LUKASHENKO)
    first = kept(page)

    other = open_page(seed_server)
    expect(conversations(other)).to_have_count(0)
    expect(other.locator("#archive .note")).to_contain_text("Nothing is kept yet.")
    linked = other.context.new_page()
    linked.goto(f"{seed_server.url}/#c={first}&t=1&n=1")

    expect(linked.locator("#conversation .note")).to_contain_text("This conversation is not among yours.")
    expect(linked.locator(".turn")).to_have_count(0)
    expect(linked.locator(".welcome")).to_be_visible()
    expect(linked).to_have_url(f"{seed_server.url}/")


def test_a_link_opens_its_conversation_at_its_citation(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    ask(page, "Why did the Lady Maren sink?")
    reply = ask(page, LUKASHENKO)
    expect(reply.locator(".marker").nth(1)).to_be_visible()
    link = f"{seed_server.url}/#c={kept(page)}&t=2&n=2"

    fresh = page.context.new_page()
    fresh.goto(link)

    expect(fresh.locator('.turn:nth-child(2) .marker[aria-current="true"]')).to_have_text("[2]")
    expect(fresh.locator("mark.quoted")).to_be_in_viewport()
    assert fresh.url == link


@pytest.mark.parametrize("form", ["Markdown", "Page to print", "JSON"])
def test_a_conversation_is_saved(form: str, open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    ask(page, LUKASHENKO)
    row = conversations(page).first

    with page.expect_download() as started:
        choose(row, form)

    suffix = {"Markdown": "md", "Page to print": "html", "JSON": "json"}[form]
    name = started.value.suggested_filename
    assert re.fullmatch(rf"who-did-lukashenko-ask-for-help-\d{{4}}-\d\d-\d\d\.{suffix}", name)
    text = Path(started.value.path()).read_text("utf-8")
    if form == "JSON":
        (answer,) = json.loads(text)["answers"]
        assert answer["question"] == LUKASHENKO and "Putin" in answer["citations"][0]["quote"]
    else:
        assert "Lukashenko has turned to Russian President Vladimir Putin" in text
    if form == "Page to print":
        printed = page.context.new_page()
        printed.set_content(text)
        printed.locator("sup a").first.click()
        assert printed.locator("#n1").is_visible() and printed.locator("script").count() == 0


def test_thumbs_and_notes_stay_with_their_answer(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    reply = ask(page, LUKASHENKO)

    reply.get_by_role("button", name="A good answer", exact=True).click()
    reply.get_by_label("Note on this answer").fill(HOSTILE)
    reply.get_by_label("Note on this answer").press("Enter")
    expect(reply.get_by_role("status")).to_have_text("Kept.")
    reply.get_by_role("button", name="Not a good answer").press("Enter")
    expect(reply.get_by_role("button", name="Not a good answer")).to_be_focused()
    page.reload()

    expect(reply.get_by_role("button", name="Not a good answer")).to_have_attribute("aria-pressed", "true")
    expect(reply.get_by_role("button", name="A good answer", exact=True)).to_have_attribute("aria-pressed", "false")
    expect(reply.get_by_label("Note on this answer")).to_have_value(HOSTILE)
    reply.get_by_role("button", name="Not a good answer").click()
    expect(reply.get_by_label("Note on this answer")).to_have_count(0)


def test_questions_and_titles_are_plain_text_in_the_list_and_after_a_reload(
    open_page: OpenPage, seed_server: Server
) -> None:
    page = open_page(seed_server)
    ask(page, HOSTILE)
    kept(page)

    page.reload()

    expect(page.locator(".question")).to_contain_text(HOSTILE)
    expect(conversations(page).locator(".title")).to_have_text(HOSTILE)
    assert page.locator("#desk :is(img, script, strong, b)").count() == 0


def test_what_became_of_cited_articles_is_told_when_a_conversation_is_opened_again(
    open_page: OpenPage, seed_server: Server, grenna: Callable[[str | None], None]
) -> None:
    grenna(STORY)
    page = open_page(seed_server)
    reply = ask(page, WHO)
    expect(reply.locator(".answer")).to_contain_text("Ottilie Brandt")
    kept(page)

    grenna(f"Corrected since.\n\n{STORY}")
    page.reload()
    expect(reply.locator(".since").first).to_contain_text("the quote now stands at another place")
    reply.locator(".marker").first.click()
    expect(page.locator("mark.quoted")).to_contain_text("Ottilie Brandt")

    grenna(STORY.replace("Ottilie Brandt", "nobody"))
    page.reload()
    expect(reply.locator(".since").first).to_contain_text("does not stand in it any more. It did until")

    grenna(None)
    page.reload()
    expect(reply.locator(".since").first).to_contain_text("This article was removed since")
    expect(reply.locator(".answer")).to_contain_text("Ottilie Brandt")
    expect(reply).to_contain_text(STORY.strip())
