"""Adding: batches of which each piece is told by itself, and what comes from a browser is never trusted."""

import time
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from qa import QA, Article, IndexBusy, Problem, Progress, Report
from ui import uploads
from ui.additions import Additions
from ui.indexing import Batch, Item
from ui.library import Library
from ui.place import Place
from ui.progress import batch_html, time_words

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> QA:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "received"))
    (tmp_path / "received").mkdir()
    return QA.open(tmp_path / "articles.index", create=True)


@pytest.fixture
def additions(session: QA) -> Additions:
    return Additions(session)


def arrived(tmp_path: Path, name: str, text: str) -> str:
    file = tmp_path / "received" / name
    file.write_text(text)
    return str(file)


def finished(additions: Additions, begun: dict[str, Any]) -> str:
    """What is told of a batch at its end."""
    for _ in range(2400):  # the first one compiles the model
        told = additions.progress(begun["key"])
        if told["done"]:
            return unescape(str(told["html"]))
        time.sleep(0.05)
    raise AssertionError(f"not done: {told}")


def only(session: QA) -> Article:
    (article,) = session.articles()
    return article


def test_a_bad_file_spoils_no_other_and_is_not_kept(additions: Additions, session: QA, tmp_path: Path) -> None:
    names = {"bad.json": "{", "good.txt": "The lighthouse was sold.", "empty.txt": ""}
    paths = [arrived(tmp_path, name, text) for name, text in names.items()]

    html = finished(additions, additions.files({"paths": paths, "refused": [["big.pdf", "has more than 20 MB"]]}))

    assert "1 article added, 3 not indexed." in html
    assert (
        '<b dir="auto">bad.json</b> <span class="said"><span class="problem" dir="auto">(not indexed): is not' in html
    )
    assert (
        '<b dir="auto">empty.txt</b> <span class="said"><span class="problem" dir="auto">(not indexed): the file'
        in html
    )
    assert '<b dir="auto">big.pdf</b> <span class="said">(not indexed): has more than 20 MB' in html
    assert f'data-cite="{Place.of(only(session)).key}">The lighthouse was sold.</button>' in html
    assert [path.name for path in uploads.folder_of(session).iterdir()] == ["good.txt"]


def test_a_bad_new_version_leaves_the_article_and_its_file(additions: Additions, session: QA, tmp_path: Path) -> None:
    for text in ('{"text": "The lighthouse was sold."}', "{"):
        html = finished(additions, additions.files({"paths": [arrived(tmp_path, "a.json", text)]}))

    assert "is not valid JSON" in html
    assert only(session).text == "The lighthouse was sold."
    assert (uploads.folder_of(session) / "a.json").exists()


def test_files_that_were_not_received_are_not_touched(additions: Additions, session: QA, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("The code is 4711.")

    finished(additions, additions.files({"paths": [str(secret)]}))

    assert secret.exists() and not session.index.counts()[0]


@pytest.mark.parametrize("given", [None, [], {"paths": 3}, {"paths": [], "refused": [["a"]]}])
def test_nonsense_from_a_browser_is_refused(additions: Additions, given: object) -> None:
    assert "Load the page again" in additions.files(given)["trouble"]


def test_a_pasted_text_is_an_article_as_it_stands(additions: Additions, session: QA) -> None:
    text = f"The lighthouse was sold. {HOSTILE} {{{{7*7}}}} **bold**"
    given = {"text": text, "title": HOSTILE, "source": "Gazette", "date": "2021-03-04"}

    html = additions.progress(additions.text(given)["key"])["html"]
    assert HOSTILE not in html
    for _ in range(2):  # pasted again, it is the same article
        finished(additions, additions.text(given))

    article = only(session)
    assert (article.text, article.title, article.source, str(article.date)) == (text, HOSTILE, "Gazette", "2021-03-04")


@pytest.mark.parametrize(
    ("given", "trouble"),
    [
        ({"text": " \n"}, "no text yet"),
        ({"text": "x" * 20_000_001}, "20 MB"),
        ({"text": "x", "title": "x" * 1001}, "1,000"),
    ],
)
def test_a_text_that_cannot_be_taken_is_told(additions: Additions, given: dict[str, str], trouble: str) -> None:
    assert trouble in additions.text(given)["trouble"]


def test_addresses_that_are_none_and_private_ones_are_told(additions: Additions) -> None:
    html = finished(additions, additions.addresses("http://127.0.0.1:9/a javascript:alert(1)"))

    assert "127.0.0.1 is the private address 127.0.0.1" in html
    assert "--allow-private-urls true allows it" in html
    assert 'javascript:alert(1)</b> <span class="said">(not indexed): is not a web address' in html
    assert "no address yet" in additions.addresses(" ")["trouble"]
    assert (
        "most at once"
        in additions.addresses("http://a.example/" + " http://a.example/".join(map(str, range(60))))["trouble"]
    )


def test_a_rebuild_embeds_everything_again(additions: Additions, session: QA) -> None:
    finished(additions, additions.text({"text": "The lighthouse was sold."}))

    assert "The index is rebuilt: 1 passage of 1 article." in finished(additions, additions.rebuild())


def test_an_unknown_batch_is_one_of_an_earlier_program(additions: Additions) -> None:
    told = additions.progress({"any": "thing"})
    assert told["done"] and "started anew" in told["html"]


def test_what_goes_wrong_is_told_where_it_does(session: QA) -> None:
    def busy(_: object) -> Report:
        raise IndexBusy("another process is writing")

    def broken(_: object) -> Report:
        raise RuntimeError("secret detail")

    works = {"one.txt": busy, "two.txt": broken, "three.txt": lambda _: Report(added=1)}
    items = [Item(name, work, path="https://a.example/") for name, work in works.items()]
    batch = Batch(session, items, name="Adding 3 files")
    batch.run()

    html = batch_html(batch)
    assert [item.state for item in items] == ["failed", "failed", "done"]
    assert "1 article added, 2 not indexed." in html
    assert "another process is writing" in html and "RuntimeError" in html and "secret detail" not in html


def test_a_rebuild_that_fails_leaves_what_there_is(session: QA) -> None:
    def busy(_: object) -> Report:
        raise IndexBusy("another process is writing")

    batch = Batch(session, [Item("All articles", busy)], name="Rebuilding the index")
    batch.run()

    assert "The index was not rebuilt; the one before is still in use." in batch_html(batch)


def test_progress_is_told_in_files_passages_and_time(session: QA, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("ui.indexing.time.monotonic", lambda: now)
    seen = []

    def work(tell: Any) -> Report:
        nonlocal now
        now += 30
        tell(Progress("embedding", 6, 12))
        seen.append(batch_html(batch))
        return Report(added=1)

    batch = Batch(session, [Item("a.txt", work), Item("b.txt", work)], name="Adding 2 files")
    batch.run()

    assert "Adding 2 files: 0 of 2 done" in seen[0] and "embedding 6 of 12 passages" in seen[0]
    assert "about 1 minute left" in seen[0] or "about 2 minutes left" in seen[0]
    assert '<b dir="auto">b.txt</b> <span class="said">waiting</span>' in seen[0]
    assert "1 of 2 done" in seen[1]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "a few seconds"),
        (24, "about 20 seconds"),
        (59, "about 60 seconds"),
        (61, "about 1 minute"),
        (9000, "about 2 hours"),
    ],
)
def test_times_are_told_as_estimates(seconds: float, words: str) -> None:
    assert time_words(seconds) == words


def test_thousands_of_problems_of_one_file_are_summed_up(session: QA) -> None:
    failed = [Problem("a.jsonl", f"record {number}: {HOSTILE}") for number in range(2000)]
    batch = Batch(session, [Item("a.jsonl", lambda _: Report(failed=failed))], name="Adding 1 file")
    batch.run()

    html = batch_html(batch)
    assert "and 1,995 more like these" in html and HOSTILE not in html and len(html) < 2000


def test_the_list_tells_what_there_is(additions: Additions, session: QA) -> None:
    library = Library(session)
    assert library.list(None)["empty"] and "No articles yet" in library.list({})["html"]
    finished(additions, additions.text({"text": "The lighthouse was sold.", "source": "Gazette"}))

    listed = library.list({"words": "lighth", "since": "", "source": "Gazette"})
    assert (listed["summary"], listed["sources"], listed["rows"]) == ("1 of 1 article", ["Gazette"], 1)
    assert listed["generation"] == library.news()
    assert "No article matches" in library.list({"words": "ferry"})["html"]
    assert "trouble" in library.list({"since": "yesterday"})
    assert library.within("")["count"] == 1
    assert library.within('{"sources": ["Mail"]}')["count"] == 0
    assert "is not a date" in library.within('{"since": "yesterday"}')["trouble"]


def test_earlier_versions_and_reprints_are_opened_from_an_article(additions: Additions, session: QA) -> None:
    library = Library(session)
    long = " ".join(f"word{number}" for number in range(60))
    finished(additions, additions.text({"text": f"It was sold for 300 crowns. {long}", "title": "Sold"}))
    before = only(session)
    finished(additions, additions.text({"text": f"It was sold for 400 crowns. {long}", "title": "Sold"}))
    finished(additions, additions.text({"text": f"It was sold for 400 crowns. {long}", "title": "Sold too"}))
    now = session.index.article(before.id)
    assert now, "pasted again, it is a new version of the same article"
    copy = next(article for article in session.articles() if article.id != now.id)

    html = library.open(Place.of(now).key)
    assert "Earlier versions" in html and f'data-cite="{Place.of(before).key}"' in html
    assert "Also carried by" in html and f'data-cite="{Place.of(copy).key}"' in html

    old = library.open(Place.of(before, (16, 26)).key)
    assert "This is how it read until" in old and '<mark class="quoted">300 crowns</mark>' in old
    assert 'data-do="remove"' not in old and f'data-cite="{Place.of(now).key}"' in old
