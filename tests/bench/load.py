"""Many ask a served page at once: `python -m tests.bench.load --clients 20 --seconds 120 [--index DIR]`.

Each client asks one question after the other, without a pause, over a connection of its own: as the page's script does,
in one conversation; by the HTTP API; or as `gradio_client` does, through Gradio's queue. Without `--index` the sample
articles are asked.
"""

import argparse
import http.client
import json
import os
import secrets
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent.parent
_SETTLE_SECONDS = 10.0
_QUESTIONS = (
    "Who did Lukashenko ask for help?",
    "Why did the Lady Maren sink?",
    "How many people were aboard the Lady Isolde?",
    "When did Pompeo go to Minsk?",
    "Where did the Lady Isolde run aground?",
    "Who succeeded Tobias Quill as mayor of Greyfold?",
    "Who is the president of France?",
)

Ask = Callable[[str], object]


@dataclass
class Load:
    """What the clients met: the seconds of each answer, and what went wrong; and the server's memory over time."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory_mb: list[tuple[float, float]] = field(default_factory=list)

    def memory_at(self, moment: float) -> float:
        """The memory at the sample next to a moment, in seconds from the start."""
        return min(self.memory_mb, key=lambda sample: abs(sample[0] - moment))[1]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--index", type=Path, help="an index to ask (default: of the sample articles)")
    parser.add_argument("--by", choices=_WAYS, default="page")
    options = parser.parse_args(arguments)
    with _server(options.index) as (url, process):
        ask = _WAYS[options.by]
        ask(url)(_QUESTIONS[0])  # the models are loaded
        load = _measure(url, process.pid, ask, clients=options.clients, seconds=options.seconds)
    _print(load, options)


def _measure(url: str, pid: int, asks: Callable[[str], Ask], *, clients: int, seconds: float) -> Load:
    load = Load()
    ready, began = threading.Barrier(clients + 1), 0.0

    def client(number: int) -> None:
        ask = asks(url)
        ready.wait()
        turn = number  # each begins with another question
        while time.monotonic() - began < seconds:
            start = time.monotonic()
            try:
                ask(_QUESTIONS[turn % len(_QUESTIONS)])
                load.seconds.append(time.monotonic() - start)
            except Exception as error:
                load.errors.append(f"{type(error).__name__}: {error}")
            turn += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    ready.wait()
    while any(thread.is_alive() for thread in threads):
        load.memory_mb.append((time.monotonic() - began, _memory_mb(pid)))
        time.sleep(1)
    return load


def _by_page(url: str) -> Ask:
    post = _posting(url)
    with urllib.request.urlopen(f"{url}/config") as response:
        parts = json.load(response)["components"]
    called = {
        "session_hash": secrets.token_hex(8),
        "component_id": next(part["id"] for part in parts if part["props"].get("elem_id") == "conversation"),
    }
    page = {"reader": secrets.token_hex(24), "key": ""}

    def ask(question: str) -> None:
        path = "/gradio_api/component_server"
        told = post(path, called | {"fn_name": "ask_articles", "data": page | {"question": question}})
        while not told["done"]:
            looked = {"key": told["key"], "seen": told["seen"]}
            told = post(path, called | {"fn_name": "look_for_more", "data": looked})
        if not told["accepted"]:
            raise RuntimeError(told["html"][:200])
        page["key"] = told["key"]

    return ask


def _by_http(url: str) -> Ask:
    post = _posting(url)
    return lambda question: post("/api/ask", {"question": question})


def _posting(url: str) -> Callable[[str, object], Any]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)

    def post(path: str, given: object) -> Any:
        connection.request("POST", path, json.dumps(given), {"Content-Type": "application/json"})
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status} {body[:200]!r}")
        return json.loads(body)

    return post


def _by_gradio(url: str) -> Ask:
    from gradio_client import Client

    client = Client(url, verbose=False)
    return lambda question: client.predict(question, api_name="/ask")


_WAYS: dict[str, Callable[[str], Ask]] = {"page": _by_page, "http": _by_http, "gradio": _by_gradio}


@contextmanager
def _server(index: Path | None) -> "Iterator[tuple[str, subprocess.Popen[str]]]":
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "articles.index"
        if index is None:
            subprocess.run([sys.executable, "-m", "qa", "index", str(ROOT / "seeds"), "--index", str(own)], check=True)
        else:
            shutil.copytree(index, own)
        # All clients come from one address, which a person would not.
        command = [sys.executable, "-m", "ui", "--index", str(own), "--port", "0", "--rate", "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        try:
            assert process.stdout
            yield process.stdout.readline().removeprefix("Ready: ").strip(), process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _memory_mb(pid: int) -> float:
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    return int(shown) * 1024 / 1e6


def _print(load: Load, options: argparse.Namespace) -> None:
    times = statistics.quantiles(load.seconds, n=100)
    settled, end = load.memory_at(_SETTLE_SECONDS), load.memory_mb[-1][1]
    asked = len(load.seconds) + len(load.errors)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", file=sys.stderr)
    for error in sorted(set(load.errors)):
        print(f"{load.errors.count(error)} x {error}", file=sys.stderr)
    print("| clients | by | questions | a second | errors | p50 / p95, s | slowest, s | MB after 10 s / at the end |")
    print("|---|---|---|---|---|---|---|---|")
    print(
        f"| {options.clients} | {options.by} | {asked:,} | {asked / options.seconds:.1f} | {len(load.errors)} |"
        f" {times[49]:.2f} / {times[94]:.2f} | {max(load.seconds):.2f} | {settled:,.0f} / {end:,.0f} |"
    )


if __name__ == "__main__":
    main()
