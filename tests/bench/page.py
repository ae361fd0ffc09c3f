"""How quick the page is in a real browser: `python -m tests.bench.page [--index FOLDER] [--questions JSONL]`.

Without an index, the seeds are indexed and asked about. Times are those of the browser's own clock: from the server's
first byte until a question can be typed; from pressing Enter until the answer stands there; from clicking a citation
until its sentence is marked and in view.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.bench.__main__ import SEEDS

ROOT = Path(__file__).parent.parent.parent
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_LOADS, _WARM = 7, 2

# Each resolves to milliseconds, seen by the browser: no round trip to this program is in them.
_USABLE = """() => new Promise((done) => {
    const ready = () => document.querySelector("#question textarea") && document.querySelector(".welcome");
    const look = () => ready() ? done(performance.now() - performance.getEntriesByType("navigation")[0].responseStart)
        : requestAnimationFrame(look);
    look();
})"""
_ANSWER = """(question) => new Promise((done) => {
    const box = document.querySelector("#question textarea"), turns = () => document.querySelectorAll(".turn");
    const before = turns().length;
    box.value = question;
    box.dispatchEvent(new Event("input", {bubbles: true}));
    setTimeout(() => {
        const started = performance.now();
        document.querySelector("#send").click();
        const look = () => turns().length > before && !turns()[before].querySelector(".pending")
            ? done(performance.now() - started) : requestAnimationFrame(look);
        look();
    }, 50);
})"""
_QUOTE = """() => new Promise((done) => {
    const turns = document.querySelectorAll(".turn"), card = turns[turns.length - 1].querySelector(".card");
    document.querySelector(".page").innerHTML = "";
    const started = performance.now();
    card.click();
    const look = () => {
        const mark = document.querySelector(".page mark");
        if (!mark) return requestAnimationFrame(look);
        const box = mark.getBoundingClientRect();
        box.top >= 0 && box.bottom <= innerHeight ? done(performance.now() - started) : requestAnimationFrame(look);
    };
    look();
})"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the page in a browser.")
    parser.add_argument("--index", type=Path, help="an index folder (default: the seeds are indexed)")
    parser.add_argument("--questions", type=Path, help="a JSONL of questions to ask, with --index")
    parser.add_argument("--asks", type=int, default=30, help="how many questions are asked (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        index, asked = options.index, SEEDS
        if index is None:
            index = Path(scratch) / "seeds.index"
            subprocess.run([sys.executable, "-m", "qa", "index", "seeds", "--index", str(index)], cwd=ROOT, check=True)
        if options.questions:
            asked = [json.loads(line)["question"] for line in options.questions.read_text().splitlines()]
        with _server(index) as url:
            usable, answers, quotes = _measure(url, asked[: options.asks])
    print("\n| in the browser | p50, ms | p95, ms |\n|---|---|---|")
    for name, times in (
        ("page usable after the server's first byte", usable),
        ("asked to answer visible", answers),
        ("click to the sentence marked in view", quotes),
    ):
        print(f"| {name} | {statistics.median(times):.0f} | {statistics.quantiles(times, n=20)[-1]:.0f} |")


@contextmanager
def _server(index: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "ui", "--index", str(index), "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().removeprefix("Ready: ").strip()
    finally:
        process.terminate()
        process.wait()


def _measure(url: str, questions: list[str]) -> tuple[list[float], list[float], list[float]]:
    found = next(path for name in _BROWSERS if (path := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        usable = [_load(browser.new_page(), url) for _ in range(_LOADS)]
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        _load(page, url)
        answers, quotes = [], []
        for question in questions:
            answers.append(page.evaluate(_ANSWER, question))
            if page.locator(".turn").last.locator(".card").count():
                quotes.append(page.evaluate(_QUOTE))
            time.sleep(0.2)
        browser.close()
    return usable[_WARM:], answers[_WARM:], quotes[_WARM:]


def _load(page: Page, url: str) -> float:
    page.goto(url, wait_until="commit")
    return float(page.evaluate(_USABLE))


if __name__ == "__main__":
    main()
