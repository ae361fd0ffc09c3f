"""Serving: ports, errors, headers, the endpoint for programs, and a polite end."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.ui.conftest import ROOT, Server, StartServer
from tests.ui.http import send
from tests.ui.steps import LUKASHENKO


class Loaded(HTMLParser):
    """The addresses that a browser fetches by itself when it opens some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Not `<meta property="og:image">`: Gradio's page has it for networks that preview links; no browser loads it.
        self.addresses += [value for name, value in attrs if name in ("src", "href") and value]


def test_a_taken_port_gives_way_to_the_next_and_the_end_is_polite(
    start_server: StartServer, seed_server: Server, tmp_path: Path
) -> None:
    taken = urlsplit(seed_server.url).port
    assert taken

    server = start_server(tmp_path / "articles.index", "--port", str(taken))

    port = urlsplit(server.url).port
    assert port and port > taken
    assert f"port {taken} is taken; serving on {port}\n" in server.errors
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(timeout=60) == 0
    assert not any("Traceback" in line for line in server.errors)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_page_that_is_stopped_finishes_what_it_has_begun(
    start_server: StartServer, seed_server: Server, stop: signal.Signals
) -> None:
    server = start_server(seed_server.index, "--port", "0")
    ask = {"question": LUKASHENKO}
    assert send(f"{server.url}/api/ask", data=ask).status == 200  # it is warm
    with (
        urllib.request.urlopen(f"{server.url}/gradio_api/heartbeat/someone") as page,  # which must not hold it up
        ThreadPoolExecutor(12) as pool,
    ):
        page.readline()
        asked = [pool.submit(send, f"{server.url}/api/ask", data=ask) for _ in range(12)]
        while not any(future.done() for future in asked):
            time.sleep(0.01)
        server.process.send_signal(stop)
        told = [future.result().status for future in asked]

    assert set(told) <= {200, 503} and told.count(200) >= 2
    assert server.process.wait(timeout=60) == 0
    assert not any("Traceback" in line or "ASGI" in line for line in server.errors), server.errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--host", "203.0.113.9", "--public"), "cannot listen on 203.0.113.9"),
        ((), "is a folder with other things in it"),
    ],
)
def test_errors_are_told_without_a_traceback(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    (tmp_path / "novel.txt").write_text("Chapter one.")
    index = tmp_path / "new" if arguments else tmp_path

    command = [sys.executable, "-m", "ui", "--index", str(index), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and message in done.stderr
    assert "Traceback" not in done.stderr


def test_the_page_loads_nothing_from_elsewhere_and_says_so(seed_server: Server) -> None:
    with urllib.request.urlopen(seed_server.url) as response:
        policy, html = response.headers["content-security-policy"], response.read().decode()

    assert policy.startswith("default-src 'self'") and "http" not in policy
    assert all(not urlsplit(address).netloc for address in Loaded(html).addresses)
    assert "url(" not in html.partition("<style>")[2].partition("</style>")[0]


def test_other_names_for_this_machine_are_refused(seed_server: Server) -> None:
    request = urllib.request.Request(seed_server.url, headers={"Host": "rebound.example"})

    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(request)


def test_files_of_this_machine_are_not_served(seed_server: Server) -> None:
    ledger = seed_server.index / "ledger.sqlite3"

    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{seed_server.url}/gradio_api/file={ledger}")


def test_programs_ask_through_a_documented_endpoint(seed_server: Server) -> None:
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    client = Client(seed_server.url, verbose=False)

    answer = client.predict(LUKASHENKO, api_name="/ask")
    assert "Putin" in answer["answer"]
    assert answer["citations"][0]["quote"]
    json.dumps(answer)
    with pytest.raises(AppError, match="the question is empty"):
        client.predict(" ", api_name="/ask")
    named = client.view_api(return_format="dict")["named_endpoints"]
    assert sorted(named) == ["/article", "/articles", "/ask", "/index", "/remove", "/search"]
