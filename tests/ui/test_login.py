"""Signing in: with --auth nothing at all is served to whoever shows no password, and passwords cannot be guessed."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.ui.accessibility import barriers
from tests.ui.conftest import ROOT, OpenPage, Server, StartServer
from tests.ui.http import send
from tests.ui.steps import LUKASHENKO, ask

PASSWORD = "correct horse battery"
ADA = f"ada:{PASSWORD}"


def add_user(index: Path, name: str, password: str = PASSWORD) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "qa", "ui", "--index", str(index), "--add-user", name]
    return subprocess.run(command, cwd=ROOT, input=f"{password}\n", capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def locked_index(seed_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    index = tmp_path_factory.mktemp("locked") / "articles.index"
    shutil.copytree(seed_index, index)
    for name in ("ada", "bob"):
        assert add_user(index, name).returncode == 0
    return index


@pytest.fixture(scope="module")
def locked(start_server: StartServer, locked_index: Path) -> Server:
    return start_server(locked_index, "--port", "0", "--auth", "--mcp")


def sign_in(password: str = PASSWORD, name: str = "ada") -> Callable[[Page], None]:
    def enter(page: Page) -> None:
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()

    return enter


def test_nothing_is_served_without_a_password(locked: Server) -> None:
    paths = [
        *("/", "/config", "/theme.css", "/assets/index.js", "/static/img/logo.svg", "/favicon.ico", "/robots.txt"),
        *("/gradio_api/info", "/gradio_api/app_id", "/gradio_api/heartbeat/x", "/gradio_api/queue/data"),
        *(
            "/gradio_api/file=/etc/passwd",
            "/gradio_api/upload_progress",
            "/gradio_api/user",
            "/gradio_api/startup-events",
        ),
        *("/gradio_api/mcp/", "/gradio_api/mcp/schema", "/gradio_api/mcp/sse", "/gradio_api/openapi.json"),
        *("/api/articles", "/openapi.json"),
    ]
    posts = [
        *("/gradio_api/queue/join", "/gradio_api/upload", "/gradio_api/component_server", "/gradio_api/call/ask"),
        *("/gradio_api/run/ask_json", "/gradio_api/cancel", "/gradio_api/reset", "/gradio_api/mcp/"),
        *("/api/ask", "/api/search", "/api/index"),
    ]

    told = {path: send(locked.url + path).status for path in paths}
    told |= {f"POST {path}": send(locked.url + path, "POST", data={}).status for path in posts}
    told["DELETE"] = send(f"{locked.url}/api/articles/x", "DELETE").status

    assert set(told.values()) == {401}, told


def test_what_the_page_does_not_need_of_gradio_is_not_there_at_all(locked: Server) -> None:
    paths = ["/monitoring", "/monitoring/summary", "/gradio_api/deep_link", "/gradio_api/vibe-code", "/gradio_api/runs"]
    paths += [
        "/gradio_api/proxy=https://x.hf.space/",
        "/gradio_api/dev/reload",
        "/gradio_api/token",
        "/svelte/x",
        "/docs",
    ]

    assert {send(locked.url + path, user=ADA).status for path in paths} == {404}


def test_a_person_signs_in_on_the_page_asks_and_signs_out(open_page: OpenPage, locked: Server) -> None:
    page = open_page(locked, enter=sign_in())

    expect(ask(page, LUKASHENKO).locator(".answer")).to_contain_text("Putin")
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"

    sign_out = page.get_by_role("button", name="Sign out")
    expect(sign_out).to_be_in_viewport(ratio=1)
    expect(sign_out).to_have_attribute("title", "You are signed in as ada")
    assert barriers(page) == []
    sign_out.click()
    expect(page.get_by_role("heading", name="Ask the articles")).to_be_visible()
    assert send(f"{locked.url}/config", headers={"Cookie": f"{cookie['name']}={cookie['value']}"}).status == 401
    page.goto(locked.url)
    expect(page.get_by_label("Password")).to_be_visible()
    assert barriers(page) == []


def test_conversations_are_a_users_own_also_in_one_browser(open_page: OpenPage, locked: Server) -> None:
    page = open_page(locked, enter=sign_in())
    ask(page, LUKASHENKO)
    expect(page).to_have_url(re.compile("#c="))
    mine = page.url

    page.get_by_role("button", name="Sign out").click()
    sign_in(name="bob")(page)
    page.locator(".welcome").wait_for()
    page.get_by_role("button", name="Conversations", exact=True).click()
    expect(page.locator("#archive .rows")).to_contain_text("Nothing is kept yet")
    page.goto(mine)
    expect(page.locator("#conversation")).to_contain_text("This conversation is not among yours")

    page.get_by_role("button", name="Sign out").click()
    sign_in()(page)
    page.goto(mine)
    page.reload()
    expect(page.locator(".turn .answer")).to_contain_text("Putin")


def test_who_was_on_the_way_somewhere_gets_there(browser: Browser, locked: Server) -> None:
    page = browser.new_context().new_page()

    page.goto(f"{locked.url}/?turn=2#there")
    sign_in()(page)

    page.locator(".welcome").wait_for()
    assert page.url == f"{locked.url}/?turn=2#there"
    page.context.close()


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "/%0d%0aX:y", "evil"])
def test_signing_in_leads_nowhere_else(locked: Server, onward: str) -> None:
    data = f"username=ada&password={PASSWORD.replace(' ', '+')}".encode()
    headers = {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}

    reply = send(f"{locked.url}/login?next={onward}", data=data, headers=headers)

    assert (reply.status, reply.headers["Location"]) == (303, "/")


def test_a_wrong_password_is_refused_in_words_and_a_name_in_the_form_is_plain_text(
    browser: Browser, locked: Server
) -> None:
    page = browser.new_context().new_page()
    page.goto(locked.url)

    sign_in("wrong password", name="<img src=x onerror=alert(1)>")(page)

    expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
    assert page.locator("img").count() == 0
    page.context.close()


def test_programs_show_the_password_with_each_request_or_sign_in_as_gradio_client_does(locked: Server) -> None:
    from gradio_client import Client

    assert send(f"{locked.url}/api/articles", user=ADA).json["total"] == 32
    client = Client(locked.url, auth=("ada", PASSWORD), verbose=False)
    assert "Putin" in client.predict(LUKASHENKO, api_name="/ask")["answer"]
    with pytest.raises(Exception, match="Invalid credentials"):
        Client(locked.url, auth=("ada", "wrong password"), verbose=False)


def test_passwords_cannot_be_tried_without_end(start_server: StartServer, locked_index: Path) -> None:
    server = start_server(locked_index, "--port", "0", "--auth")

    told = [send(f"{server.url}/api/articles", user="ada:guess")]
    # Each try takes its time, in which another may be earned; the last one leaves some seconds without.
    while told[-1].status == 401 or int(told[-1].headers["Retry-After"]) < 5:
        told.append(send(f"{server.url}/api/articles", user=f"ada:guess number {len(told)}"))

    assert [reply.status for reply in told[:10]] == [401] * 10
    assert told[-1].status == 429 and int(told[-1].headers["Retry-After"]) <= 10
    assert send(f"{server.url}/api/articles", user=ADA).status == 429  # not even by guessing right


def test_a_user_who_is_removed_is_out_at_once(start_server: StartServer, seed_index: Path, tmp_path: Path) -> None:
    index = tmp_path / "articles.index"
    shutil.copytree(seed_index, index)
    add_user(index, "ada")
    add_user(index, "bob")
    server = start_server(index, "--port", "0", "--auth")
    assert send(f"{server.url}/api/articles", user=ADA).status == 200

    command = [sys.executable, "-m", "ui", "--index", str(index), "--remove-user", "ada"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60).returncode == 0

    assert send(f"{server.url}/api/articles", user=ADA).status == 401
    assert send(f"{server.url}/api/articles", user=f"bob:{PASSWORD}").status == 200


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--auth"], "there are no users in .*users.json yet. Add one: qa ui --add-user NAME"),
        (["--host", "0.0.0.0"], "0.0.0.0 is reached from other machines.* --auth, or say --public"),
        (["--behind", "https://news.example/qa"], "news.example is reached from other machines"),
        (["--behind", "news.example"], "is no address of a page"),
        (["--add-user", "../ada"], "cannot be a name"),
        (["--remove-user", "ada"], "there is no user ada"),
    ],
)
def test_what_would_be_unsafe_is_refused_with_cause_and_remedy(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    command = [sys.executable, "-m", "qa", "ui", "--index", str(tmp_path / "articles.index"), *arguments]
    done = subprocess.run(command, cwd=ROOT, input="long enough\n", capture_output=True, text=True, timeout=60)

    assert done.returncode == 1
    assert re.search(message, done.stderr) and done.stderr.startswith("error: ")
