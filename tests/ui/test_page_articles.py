"""The page in a browser: articles come in, are asked about, and go; hostile ones stay plain text."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import OpenPage, Server, StartServer
from tests.ui.steps import LUKASHENKO, ask, find_in_list

STORY = "The lighthouse of Grenna was sold to Ottilie Brandt for 300 crowns on Monday.\n"
WHO = "Who bought the lighthouse of Grenna?"

HOSTILE = (
    "<img src=x onerror=alert(1)> <script>alert(2)</script> **bold** ![x](http://evil.example/p.png) $x^2$"
    " ${7*7} {{7*7}}"
)


@pytest.fixture(scope="module")
def new_server(start_server: StartServer, seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server with nothing in its index yet."""
    index = tmp_path_factory.mktemp("empty") / "articles.index"
    return start_server(index, "--port", "0", "--sample", str(seeds))


def upload(page: Page, *files: Path) -> str:
    """Upload files and return the report."""
    report = page.locator("#report")
    page.locator("#library input[type=file]").set_input_files(list(files))
    expect(report.locator(".note")).to_have_text(re.compile(r"(added|changed|indexed|unchanged|removed)[^.]*\."))
    return report.text_content() or ""


def remove_open_article(page: Page) -> None:
    page.get_by_role("button", name="Remove from the index").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator(".page .note")).to_contain_text("Removed: ")


def test_an_upload_is_asked_about_at_once_and_removed_again(
    open_page: OpenPage, seed_server: Server, tmp_path: Path
) -> None:
    (tmp_path / "grenna.txt").write_text(STORY)
    (tmp_path / "broken.json").write_text("{")
    page = open_page(seed_server)

    report = upload(page, tmp_path / "grenna.txt", tmp_path / "broken.json")
    assert "1 article added." in report
    assert "broken.json (not indexed): is not valid JSON" in report
    reply = ask(page, WHO)
    expect(reply.locator(".answer")).to_contain_text("Ottilie Brandt")

    find_in_list(page, "grenna").click()
    page.get_by_role("button", name="Remove from the index").click()
    page.get_by_role("button", name="Keep").click()
    remove_open_article(page)
    expect(page.locator("#list .card")).to_have_count(0)
    assert not (seed_server.index / "uploads" / "grenna.txt").exists()

    reply.locator(".marker").first.click()
    expect(page.locator(".page .trouble")).to_have_text("This article is no longer in the index.")
    expect(ask(page, WHO)).not_to_contain_text("Ottilie")


def test_a_file_that_is_too_large_is_refused_by_its_plain_name(
    open_page: OpenPage, seed_server: Server, tmp_path: Path
) -> None:
    (tmp_path / "<b>big<b>.txt").write_bytes(b"x" * 20_000_001)
    page = open_page(seed_server)

    page.locator("#library input[type=file]").set_input_files(tmp_path / "<b>big<b>.txt")

    expect(page.locator("#report .trouble")).to_have_text(
        "Nothing was uploaded: <b>big<b>.txt has more than 20 MB. Raise --max-file-mb to allow it."
    )
    expect(page.locator(".toast-body")).to_have_count(0)


def test_an_empty_index_explains_itself_and_offers_the_samples(
    open_page: OpenPage, start_server: StartServer, seeds: Path, tmp_path: Path
) -> None:
    server = start_server(tmp_path / "articles.index", "--port", "0", "--sample", str(seeds))
    page = open_page(server)
    expect(page.locator(".welcome")).to_contain_text("There are no articles in the index yet")
    with page.expect_file_chooser():
        page.locator(".welcome").get_by_role("button", name="Upload articles").click()

    page.get_by_role("button", name="Index the sample articles").click()

    expect(page.locator("#report")).to_contain_text("32 articles added.", timeout=60_000)
    expect(page.get_by_role("button", name=LUKASHENKO)).to_be_visible()
    expect(page.locator("#list .card")).to_have_count(32)


def test_a_hostile_article_is_plain_text_everywhere(open_page: OpenPage, new_server: Server, tmp_path: Path) -> None:
    article = {
        "title": f"Grenna {HOSTILE}",
        "text": f"The lighthouse of Grenna was sold to Ottilie Brandt, who wrote {HOSTILE} on its door.",
        "source": f"Gazette {HOSTILE}",
        "url": "javascript:alert(3)",
        "date": "2021-03-04",
    }
    (tmp_path / "<img src=x onerror=alert(4)>.json").write_text(json.dumps(article))
    (tmp_path / "<b>broken<b> **x**.json").write_text("{")
    page = open_page(new_server)

    report = upload(page, *tmp_path.glob("*.json"))
    assert "javascript:alert(3)" in report
    expect(page.locator("#list .title")).to_have_text(article["title"])
    expect(page.locator("#list .facts")).to_have_text(f"{article['source']} · 4 March 2021")

    reply = ask(page, f"{WHO} {HOSTILE}")
    expect(page.locator(".question").last).to_contain_text(HOSTILE)
    expect(reply).to_contain_text(HOSTILE)
    reply.locator("[data-cite]").first.click()
    expect(page.locator(".story h2")).to_have_text(article["title"])
    expect(page.locator(".story .text")).to_have_text(article["text"])
    expect(page.locator(".story a")).to_have_count(0)

    page.get_by_role("button", name="Limit the search").click()
    page.get_by_role("combobox", name="Source").click()
    page.get_by_role("option", name="Gazette").click()
    expect(page.locator("#limits")).to_contain_text(HOSTILE)
    ask(page, WHO)
    remove_open_article(page)
    expect(page.locator(".page .note")).to_contain_text(HOSTILE)

    assert page.locator("#desk img, #desk script, #desk b:not(.problems b), #desk strong, .katex").count() == 0
    assert page.evaluate("[...document.querySelectorAll('*')].every((tag) => !tag.getAttribute('onerror'))")


def test_where_nothing_is_sure_enough_the_nearest_passages_are_shown(
    open_page: OpenPage, start_server: StartServer, seed_server: Server
) -> None:
    server = start_server(seed_server.index, QA_MIN_CONFIDENCE="1")
    page = open_page(server)

    reply = ask(page, LUKASHENKO)

    expect(reply.locator(".answer")).to_have_text("The articles do not say.")
    expect(reply.locator(".card")).to_have_count(3)
    reply.locator(".card").first.click()
    expect(page.locator("mark.quoted").first).to_be_in_viewport()
