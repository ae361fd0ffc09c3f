"""What the page's tests share: a server as users start it, a browser, and an eye on what the page must not do."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

_SECONDS = 60  # a busy machine is no fault of the page
expect.set_options(timeout=_SECONDS * 1000)

_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
ROOT = Path(__file__).parents[2]

# As root there is no sandbox; the rest keeps the browser itself from calling home.
_FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Server:
    """A running `python -m ui`: its address, its index folder, and what it said on standard error."""

    url: str
    index: Path
    process: "subprocess.Popen[str]"
    errors: list[str] = field(default_factory=list)


StartServer = Callable[..., Server]


@contextmanager
def servers_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    """Start servers with `start(index, *arguments, **environment)`; all are stopped at the end."""
    servers: list[Server] = []

    def start(index: Path, *arguments: str, **environment: str) -> Server:
        temporary = tmp_path_factory.mktemp("received")
        process = subprocess.Popen(
            [sys.executable, "-m", "ui", "--index", str(index), *(arguments or ("--port", "0"))],
            env={**os.environ, "TMPDIR": str(temporary), **environment},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        server = Server("", index, process)
        servers.append(server)
        assert process.stdout and process.stderr
        threading.Thread(target=lambda: server.errors.extend(process.stderr or ()), daemon=True).start()
        ready = process.stdout.readline()
        assert ready.startswith("Ready: "), f"the server did not start: {server.errors}"
        server.url = ready.removeprefix("Ready: ").strip()
        return server

    yield start
    for server in servers:
        server.process.send_signal(signal.SIGINT)
    for server in servers:
        try:
            server.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()


@pytest.fixture(scope="module")
def start_server(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> Iterator[StartServer]:
    """Start servers for the tests of a module."""
    with servers_in(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def seed_server(seed_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over a copy of the seeds' index. Tests leave it as they found it."""
    index = tmp_path_factory.mktemp("served") / "articles.index"
    shutil.copytree(seed_index, index)
    with servers_in(tmp_path_factory) as start:
        yield start(index)


@pytest.fixture(scope="module")  # a session-wide one would keep other tests from running event loops
def browser() -> Iterator[Browser]:
    """A browser that is installed on this machine."""
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        no_browser = "no browser: install chromium (apt-get install chromium), or Google Chrome, to test the page"
        if os.environ.get("CI"):
            pytest.fail(no_browser)
        pytest.skip(no_browser)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_FLAGS)
        yield browser
        browser.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open the page with `open_page(server, **context_options)`; `enter` is what to do first, such as signing in.

    Afterwards nothing may have gone wrong in it: no request beyond loopback, no error, no dialog.
    """
    offences: list[str] = []
    contexts = []

    def watch(page: Page, url: str) -> None:
        def ours(address: str) -> bool:
            return address.startswith((url, "data:", "blob:"))

        def note(told: ConsoleMessage) -> None:
            signing_out = "status of 401" in told.text  # a list may be on its way then
            if told.type == "error" and not signing_out:
                offences.append(f"{told.text} {told.location}")

        page.on("request", lambda request: None if ours(request.url) else offences.append(f"request: {request.url}"))
        page.on("pageerror", lambda error: offences.append(f"page error: {error}"))
        page.on("dialog", lambda dialog: (offences.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", note)

    def open_(server: Server, *, enter: Callable[[Page], object] = lambda page: None, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(_SECONDS * 1000)
        watch(page, server.url)
        page.goto(server.url)
        enter(page)
        page.locator(".welcome").wait_for()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not offences
