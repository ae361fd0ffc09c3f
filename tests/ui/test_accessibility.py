"""Every state of the page can be read and worked by everybody: axe-core finds nothing against it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.ui.accessibility import barriers
from tests.ui.conftest import OpenPage, Server
from tests.ui.steps import LUKASHENKO, ask


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["wide and light", "narrow and dark"])
def page(open_page: OpenPage, seed_server: Server, request: pytest.FixtureRequest) -> Page:
    width, colours = request.param
    return open_page(seed_server, viewport={"width": width, "height": 800}, color_scheme=colours)


def test_a_barrier_is_found(page: Page) -> None:
    page.locator(".welcome").evaluate("(welcome) => welcome.append(document.createElement('img'))")
    assert [barrier.split()[0] for barrier in barriers(page)] == ["image-alt"]


def test_a_conversation(page: Page) -> None:
    assert barriers(page) == []

    ask(page, LUKASHENKO)
    follow_up = ask(page, "What did he offer?")
    assert barriers(page) == []

    follow_up.get_by_role("button", name="Edit").click()
    assert barriers(page) == []

    ask(page, "Who won the 1998 World Cup?")
    assert barriers(page) == []


def test_the_limits_of_a_search(page: Page) -> None:
    page.get_by_role("button", name="Limit the search").click()
    page.locator("#limit-form").get_by_label("Strait Observer").check()
    expect(page.locator("#scope")).to_contain_text("within these limits")
    assert barriers(page) == []


def test_a_cited_article(page: Page) -> None:
    ask(page, LUKASHENKO).locator(".marker").first.click()
    expect(page.locator("mark.quoted").first).to_be_visible()
    assert barriers(page) == []


def test_the_articles(page: Page, tmp_path: Path) -> None:
    page.get_by_role("button", name="Articles", exact=True).click()
    page.get_by_role("button", name="Paste text").click()
    assert barriers(page) == []

    page.get_by_role("button", name="Add by address").click()
    assert barriers(page) == []

    (tmp_path / "broken.json").write_text("{")
    page.locator("#library input[type=file]").set_input_files(tmp_path / "broken.json")
    expect(page.locator("#report")).to_contain_text("not indexed")
    assert barriers(page) == []

    page.locator("#list .pick").first.check()
    page.locator("#upkeep summary").click()
    page.get_by_role("button", name="Rebuild …").click()
    assert barriers(page) == []

    page.get_by_label("Search the articles").fill("xylophone")
    expect(page.locator("#list")).to_contain_text("No article matches")
    assert barriers(page) == []


def test_the_conversations(page: Page) -> None:
    ask(page, LUKASHENKO)
    page.get_by_role("button", name="Conversations", exact=True).click()
    expect(page.locator("#archive .talk")).to_have_count(1)
    assert barriers(page) == []
