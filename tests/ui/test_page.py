"""The page in a browser: asking, and reading the articles that answers are quoted from."""

import re

from playwright.sync_api import expect

from tests.ui.conftest import OpenPage, Server
from tests.ui.steps import LUKASHENKO, ask, find_in_list, in_view


def test_an_answer_shows_its_words_its_confidence_and_its_citations(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)

    reply = ask(page, LUKASHENKO)

    expect(reply.locator(".answer")).to_contain_text("Putin")
    expect(reply.locator(".marker").first).to_have_text("[1]")
    expect(reply.locator(".card").first).to_contain_text("August 2020")
    expect(reply.locator(".note").first).to_have_text(
        re.compile(r"^(Very likely|Likely|Perhaps|A guess) – \d+% · \d articles say so$")
    )
    expect(page.get_by_label("Your question")).to_have_value("")
    assert page.title() == "Ask the articles"
    assert page.locator("html").get_attribute("lang") == "en"


def test_a_citations_number_opens_its_article_at_the_sentence(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server, viewport={"width": 1280, "height": 420})  # low, so that it has to scroll
    reply = ask(page, LUKASHENKO)

    reply.locator(".marker").first.click()

    mark = page.locator("mark.quoted")
    expect(mark).to_contain_text("Putin")
    assert mark.text_content() in (reply.locator(".answer").text_content() or "")
    assert in_view(mark)


def test_citations_are_opened_with_the_keyboard(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    ask(page, LUKASHENKO)
    page.get_by_label("Your question").focus()

    for _ in range(4):  # from the question back over the limits and the two thumbs to the last card
        page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.matches('.card:focus-visible')")
    page.keyboard.press("Enter")

    expect(page.locator("mark.quoted")).to_be_focused()


def test_the_answers_sentence_stands_under_it_with_the_answer_emphasised(
    open_page: OpenPage, seed_server: Server
) -> None:
    reply = ask(open_page(seed_server), LUKASHENKO)

    answer = (reply.locator(".answer").text_content() or "").partition("[")[0].strip()
    expect(reply.locator(".sentence em")).to_have_text(answer)
    expect(reply.locator(".card").first.locator(".excerpt")).to_have_count(0)  # it would be the same sentence again


def test_the_citations_of_an_answer_are_walked_through(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    reply = ask(page, LUKASHENKO)
    count = reply.locator(".card").count()
    assert count > 1

    reply.locator(".marker").first.click()
    expect(page.locator(".walk .where")).to_have_text(f"1 of {count}")
    expect(page.get_by_role("button", name="Previous citation")).to_be_disabled()
    page.get_by_role("button", name="Next citation").click()
    expect(page.locator(".walk .where")).to_have_text(f"2 of {count}")
    expect(reply.locator(".card").nth(1)).to_have_attribute("aria-current", "true")
    expect(page.locator("mark.quoted")).to_be_focused()

    page.keyboard.press("ArrowLeft")
    expect(page.locator(".walk .where")).to_have_text(f"1 of {count}")


def test_an_article_of_the_list_has_no_citations_to_walk_through(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    page.locator("#list .card").first.click()
    expect(page.locator(".story")).to_be_visible()
    expect(page.locator(".walk")).to_be_hidden()


def test_a_link_to_a_citation_is_copied_and_stands_in_the_address(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server, permissions=["clipboard-read", "clipboard-write"])
    ask(page, LUKASHENKO).locator(".marker").nth(1).click()

    page.get_by_role("button", name="Copy link").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert re.search(r"#(c=\S+&)?t=1&n=2$", page.url)
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_what_was_searched_for_is_shown_and_can_be_edited(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    ask(page, LUKASHENKO)
    reply = ask(page, "What did he offer?")
    expect(reply.locator(".searched q")).to_contain_text("Putin")

    reply.get_by_role("button", name="Edit").click()
    reply.get_by_label("Search for").fill("How many people were aboard the Lady Isolde?")
    reply.get_by_role("button", name="Search again").click()

    last = page.locator(".turn").nth(2)
    expect(last.locator(".question")).to_contain_text("What did he offer?")
    expect(last.locator(".searched q")).to_have_text("How many people were aboard the Lady Isolde?")
    expect(last.locator(".answer")).to_contain_text("96")


def test_an_example_question_is_asked_by_its_button(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)

    page.get_by_role("button", name=LUKASHENKO).click()

    expect(page.locator(".answer")).to_contain_text("Putin")
    expect(page.locator(".welcome")).to_have_count(0)


def test_a_conversation_is_its_readers_own_and_can_be_begun_anew(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    ask(page, LUKASHENKO)
    expect(ask(page, "Why did he do so?").locator(".searched q")).to_contain_text("Lukashenko")

    other = open_page(seed_server)
    expect(other.locator(".turn")).to_have_count(0)
    expect(ask(other, "Why did he do so?").locator(".searched")).to_have_count(0)

    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator(".welcome")).to_be_visible()


def test_a_question_that_is_refused_is_told_calmly_and_kept(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    long = "Why? " * 500

    reply = ask(page, long)

    expect(reply.locator(".trouble")).to_contain_text("characters; 2,000 are allowed")
    expect(page.get_by_label("Your question")).to_have_value(long)
    expect(page.locator(".toast-body")).to_have_count(0)


def test_the_list_opens_articles_and_can_be_filtered(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    expect(page.locator("#list .card")).to_have_count(32)

    found = find_in_list(page, "kessary mail comet")
    found.click()

    expect(page.locator(".story h2")).to_contain_text("comet")
    expect(page.locator(".story")).to_contain_text("Kessary Mail · 2 March 2021")
    page.get_by_role("button", name="All articles").click()
    expect(found).to_be_visible()


def test_on_a_narrow_screen_the_article_lies_over_the_chat_and_closes(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server, viewport={"width": 390, "height": 844})
    marker = ask(page, LUKASHENKO).locator(".marker").first
    expect(page.locator("#panel")).to_be_hidden()

    marker.click()
    expect(page.locator("mark.quoted")).to_be_in_viewport()
    assert page.locator("#panel").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}

    page.get_by_role("button", name="Close").click()
    expect(page.locator("#panel")).to_be_hidden()
    expect(marker).to_be_focused()
    marker.press("Enter")
    expect(page.locator("mark.quoted")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
