"""The page in a browser: articles come in, are asked about, and go; hostile ones stay plain text."""

import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qa import QA
from tests.ui.accessibility import barriers
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


def report_of(page: Page) -> str:
    """What came of the latest addition, when it is done."""
    batch = page.locator("#report .batch").first
    batch.get_by_role("status").wait_for()
    return batch.inner_text()


def upload(page: Page, *files: Path) -> str:
    """Upload files and return the report."""
    page.locator("#library input[type=file]").set_input_files(list(files))
    return report_of(page)


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
    assert "1 article added, 1 not indexed." in report
    assert re.search(r"broken.json\s+\(not indexed\): is not valid JSON", report)
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
    expect(ask(page, WHO).locator(".answer")).not_to_contain_text("Ottilie")


def test_a_file_that_is_too_large_is_refused_by_its_plain_name_and_alone(
    open_page: OpenPage, seed_server: Server, tmp_path: Path
) -> None:
    (tmp_path / "<b>big<b>.txt").write_bytes(b"x" * 20_000_001)
    page = open_page(seed_server)

    (tmp_path / "empty.txt").write_text("")
    report = upload(page, tmp_path / "<b>big<b>.txt", tmp_path / "empty.txt")

    assert re.search(r"bbigb.txt\s+\(not indexed\): has more than 20 MB. Raise --max-file-mb to allow it", report)
    assert re.search(r"empty.txt\s+\(not indexed\): the file is empty", report)
    expect(page.locator(".toast-body")).to_have_count(0)


def test_an_empty_index_explains_itself_and_offers_the_samples(
    open_page: OpenPage, start_server: StartServer, seeds: Path, tmp_path: Path
) -> None:
    server = start_server(tmp_path / "articles.index", "--port", "0", "--sample", str(seeds))
    page = open_page(server)
    expect(page.locator(".welcome")).to_contain_text("There are no articles in the index yet")
    assert barriers(page) == []
    with page.expect_file_chooser():
        page.locator(".welcome").get_by_role("button", name="Upload articles").click()

    page.get_by_role("button", name="Index the sample articles").click()

    assert "32 articles added." in report_of(page)
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
    page.locator("#limit-form").get_by_role("checkbox").check()
    expect(page.locator(".chip")).to_contain_text(HOSTILE)
    ask(page, WHO)
    remove_open_article(page)
    expect(page.locator(".page .note")).to_contain_text(HOSTILE)

    assert page.locator("#desk img, #desk script, #desk b:not(.items b), #desk strong, .katex").count() == 0
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


def test_files_are_dropped_anywhere_on_the_panel(open_page: OpenPage, new_server: Server) -> None:
    page = open_page(new_server)
    drop = """(selector, text) => {
        const carried = new DataTransfer(), options = { dataTransfer: carried, bubbles: true, cancelable: true };
        carried.items.add(new File([text], "dropped.txt", { type: "text/plain" }));
        document.querySelector(selector).dispatchEvent(new DragEvent("dragover", options));
        const shown = getComputedStyle(document.querySelector(".landing")).display !== "none";
        document.querySelector(selector).dispatchEvent(new DragEvent("drop", options));
        return shown;
    }"""
    assert not page.evaluate(f"({drop})('#chat', 'The ferry sank.')")
    assert page.evaluate(f"({drop})('#list', 'The pier of Grenna was sold.')")

    assert "1 article added." in report_of(page)
    find_in_list(page, "pier").click()
    remove_open_article(page)
    expect(page.locator("#list")).to_contain_text("No article")


def test_a_pasted_text_is_asked_about_and_keeps_its_words(open_page: OpenPage, new_server: Server) -> None:
    page = open_page(new_server)
    page.get_by_role("button", name="Paste text").click()
    form = page.get_by_role("form", name="Paste a text")
    form.get_by_label("Text").fill(f"{STORY} {HOSTILE}")
    form.get_by_label("Title").fill("Lighthouse <b>sold</b>")
    form.get_by_label("Date").fill("2021-03-04")
    form.get_by_role("button", name="Add text").click()

    assert "1 article added." in report_of(page)
    expect(form).to_be_hidden()
    expect(ask(page, WHO).locator(".answer")).to_contain_text("Ottilie Brandt")
    page.locator("#report").get_by_role("button", name="Lighthouse <b>sold</b>").click()
    expect(page.locator(".story .text")).to_contain_text(HOSTILE)
    expect(page.locator(".story")).to_contain_text("4 March 2021")
    remove_open_article(page)


@pytest.fixture
def web_page(tmp_path: Path) -> Iterator[str]:
    """The address of a page about Grenna on a server of this machine."""
    (tmp_path / "grenna.html").write_text(f"<html><title>Lighthouse sold</title><body><p>{STORY}</p></body></html>")
    handler = partial(SilentHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/grenna.html"
        server.shutdown()


class SilentHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_a_web_page_is_fetched_by_its_address_where_that_is_allowed(
    open_page: OpenPage, start_server: StartServer, new_server: Server, web_page: str, tmp_path: Path
) -> None:
    allowing = start_server(tmp_path / "articles.index", QA_ALLOW_PRIVATE_URLS="true")
    reports = []
    for server in (new_server, allowing):
        page = open_page(server)
        page.get_by_role("button", name="Add by address").click()
        page.get_by_label("Addresses of pages").fill(f"{web_page}\nftp://x.example/a")
        page.get_by_role("button", name="Fetch").click()
        reports.append(report_of(page))

    refused, fetched = reports
    assert "127.0.0.1 is the private address 127.0.0.1, from which pages are not fetched" in refused
    assert "2 not indexed." in refused
    assert "1 article added" in fetched
    assert "ftp://x.example/a (not indexed): is not a web address" in fetched
    expect(ask(page, WHO).locator(".answer")).to_contain_text("Ottilie Brandt")


def test_the_list_is_searched_in_title_source_and_text_and_limited(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    rows, tally = page.locator("#list .card"), page.locator("#tally")
    expect(tally).to_have_text("32 articles")

    page.get_by_label("Search the articles").fill("lukashenko")
    expect(tally).not_to_have_text("32 articles")
    assert 0 < rows.count() < 32
    page.get_by_label("Search the articles").fill("nowhere to be found")
    expect(page.locator("#list")).to_contain_text("No article matches")
    page.get_by_role("button", name="Show all articles").click()
    expect(rows).to_have_count(32)

    page.locator("#finder").get_by_label("Source").select_option("Quenby Gazette")
    expect(tally).to_have_text(re.compile(r"^\d of 32 articles$"))
    assert all("Quenby Gazette" in text for text in page.locator("#list .facts").all_text_contents())
    page.locator("#finder").get_by_label("From").fill("2021-05-01")
    expect(tally).to_have_text("1 of 32 articles")
    expect(rows).to_contain_text("27 May 2021")


def test_a_long_list_comes_in_pages(open_page: OpenPage, start_server: StartServer, tmp_path: Path) -> None:
    with QA.open(tmp_path / "articles.index", create=True) as session:
        records = [{"title": f"Report {number}", "text": f"Report {number} was read."} for number in range(120)]
        (tmp_path / "reports.json").write_text(json.dumps(records))
        session.add([tmp_path / "reports.json"])
    page = open_page(start_server(tmp_path / "articles.index"))
    rows = page.locator("#list .card")

    expect(rows).to_have_count(50)
    page.get_by_role("button", name="Show 50 more").click()
    expect(rows).to_have_count(100)
    page.get_by_role("button", name="Show 20 more").click()
    expect(rows).to_have_count(120)
    expect(page.get_by_role("button", name=re.compile("^Show"))).to_be_hidden()


def test_earlier_versions_are_read_and_quoted_from(open_page: OpenPage, new_server: Server, tmp_path: Path) -> None:
    page = open_page(new_server)
    (tmp_path / "grenna.txt").write_text(STORY)
    upload(page, tmp_path / "grenna.txt")
    reply = ask(page, WHO)
    (tmp_path / "grenna.txt").write_text(STORY.replace("Ottilie Brandt", "Tobias Quill"))
    assert "1 article changed." in upload(page, tmp_path / "grenna.txt")

    reply.locator(".marker").first.click()  # quoted from what was there before
    expect(page.locator(".story .trouble")).to_contain_text("This is how it read until")
    expect(page.locator("mark.quoted")).to_contain_text("Ottilie Brandt")
    page.get_by_role("button", name="Read it as it is now").click()
    expect(page.locator(".story .text")).to_contain_text("Tobias Quill")
    page.locator(".related .card").click()
    expect(page.locator(".story .text")).to_contain_text("Ottilie Brandt")
    expect(page.get_by_role("button", name="Remove from the index")).to_have_count(0)

    page.get_by_role("button", name="Read it as it is now").click()
    remove_open_article(page)


def test_reprints_lead_to_one_another(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    row = page.locator("#list li", has_text="reprint").first
    row.locator(".card").click()

    section = page.locator(".related")
    expect(section).to_contain_text("Also carried by")
    title = section.locator(".title").first.text_content() or ""
    section.locator(".card").first.click()
    expect(page.locator(".story h2")).to_have_text(title)


def test_a_rebuild_asks_first_and_answers_meanwhile(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    page.get_by_text("Rebuild the index").click()
    page.get_by_role("button", name="Rebuild …").click()
    page.get_by_role("button", name="Leave as it is").click()
    page.get_by_role("button", name="Rebuild …").click()
    page.get_by_role("button", name="Rebuild", exact=True).click()

    expect(ask(page, LUKASHENKO).locator(".answer")).to_contain_text("Putin")
    assert re.search(r"The index is rebuilt: \d+ passages of 32 articles", report_of(page))


def test_another_tab_sees_what_changed_and_stays_where_it_is(
    open_page: OpenPage, seed_server: Server, tmp_path: Path
) -> None:
    page, other = open_page(seed_server), open_page(seed_server)
    row = other.locator("#list .card").nth(20)
    row.scroll_into_view_if_needed()
    row.focus()
    title, before = row.text_content(), row.bounding_box()
    (tmp_path / "grenna.txt").write_text("Published: 2022-01-01\n" + STORY)

    upload(page, tmp_path / "grenna.txt")
    expect(other.locator("#tally")).to_have_text("33 articles")
    expect(other.locator(".welcome")).to_contain_text("33 articles")
    assert other.evaluate("document.activeElement.textContent") == title
    after = other.locator("#list .card", has_text=title).bounding_box()
    assert before and after and abs(before["y"] - after["y"]) < 2

    with QA.open(seed_server.index) as session:  # and from another process
        (article,) = (article for article in session.articles() if "Grenna" in article.text)
        session.remove([article.id])
    for tab in (page, other):
        expect(tab.locator("#tally")).to_have_text("32 articles")


def test_questions_are_limited_to_chosen_articles(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    comet = find_in_list(page, "kessary mail comet")
    comet.locator("xpath=..").get_by_role("checkbox").check()
    page.get_by_role("button", name="Ask only this one").click()

    chip = page.get_by_role("button", name=re.compile("^Clear limit: .*comet"))
    expect(page.get_by_text("1 article is within these limits.")).to_be_visible()
    expect(ask(page, LUKASHENKO).locator(".answer")).to_have_text("The articles do not say.")
    expect(chip).to_be_visible()  # still there for the next question
    page.get_by_role("button", name="New conversation").click()
    chip.click()
    expect(chip).to_have_count(0)
    expect(ask(page, LUKASHENKO).locator(".answer")).to_contain_text("Putin")


def test_days_and_sources_limit_a_search_and_are_cleared_each_or_all(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)
    page.get_by_role("button", name="Limit the search").click()
    form = page.get_by_role("form", name="Limit the search")
    for source in ("Quenby Gazette", "Kessary Mail"):
        form.get_by_role("checkbox", name=source).check()
    cards = ask(page, "What is Torrenia to do about Tarrow fever?").locator(".card .facts")
    assert cards.count() and all("Gazette" in text or "Mail" in text for text in cards.all_text_contents())

    form.get_by_label("From").fill("1990-01-01")
    form.get_by_label("To", exact=True).fill("1990-12-31")
    expect(page.locator(".chip")).to_have_text(
        ["from 1 January 1990 ✕", "to 31 December 1990 ✕", "Kessary Mail ✕", "Quenby Gazette ✕"]
    )
    expect(page.get_by_text("No article is within these limits.")).to_be_visible()
    expect(ask(page, LUKASHENKO)).to_contain_text("No article was found to look in.")

    page.reload()  # they stay in this tab
    page.get_by_role("button", name="Limit the search").click()
    expect(page.get_by_text("No article is within these limits.")).to_be_visible()
    page.get_by_role("button", name="Clear limit: Kessary Mail").click()
    expect(page.locator(".chip")).to_have_count(3)
    expect(form.get_by_role("checkbox", name="Kessary Mail")).not_to_be_checked()
    page.get_by_role("button", name="Clear all limits").click()
    expect(page.locator(".limits")).to_be_hidden()
    expect(form.get_by_label("From")).to_have_value("")
    expect(ask(page, LUKASHENKO).locator(".answer")).to_contain_text("Putin")


def test_the_panel_is_worked_with_the_keyboard_and_everything_has_a_name(
    open_page: OpenPage, seed_server: Server
) -> None:
    page = open_page(seed_server)
    page.get_by_role("button", name="Paste text").press("Enter")
    expect(page.get_by_role("textbox", name="Text")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Paste text")).to_be_focused()

    nameless = page.evaluate(
        """[...document.querySelectorAll("#library, #scope")].flatMap((part) => [...part.querySelectorAll(
            "button, input, select, textarea, summary")]).filter((control) => !control.textContent.trim()
            && !control.labels?.length && !control.ariaLabel).map((control) => control.outerHTML)"""
    )
    assert nameless == []
