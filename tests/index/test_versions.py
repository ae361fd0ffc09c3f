import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from index.article import Article, Chunk
from index.ledger import Ledger
from index.schema import pack_text
from index.store import Index

BOTH_SETUPS = True

FERRY = Article("a", "The ferry sank.", "Ferry", date(2020, 8, 22), "Mail", "https://a.example/1", "/a.txt")


def put(ledger: Ledger, article: Article) -> None:
    chunk = Chunk(article.id, 0, len(article.text))
    ledger.replace([(article, [(chunk, np.ones(3, dtype=np.float32))])])


def test_first_text_has_no_version_before_it(ledger: Ledger) -> None:
    put(ledger, FERRY)
    assert ledger.versions("a") == ledger.versions("unknown") == []


def test_article_that_is_replaced_is_kept_as_it_was(ledger: Ledger) -> None:
    put(ledger, FERRY)
    put(ledger, replace(FERRY, text="The ferry was saved.", path="/b.txt"))
    (version,) = ledger.versions("a")
    assert version.article == FERRY


@pytest.mark.parametrize(
    "change", [{"text": "Other."}, {"title": "Other"}, {"date": date(2020, 8, 23)}, {"source": None}, {"url": None}]
)
def test_whatever_a_reader_sees_makes_another_version(ledger: Ledger, change: dict[str, object]) -> None:
    put(ledger, FERRY)
    put(ledger, replace(FERRY, **change))
    assert len(ledger.versions("a")) == 1


@pytest.mark.parametrize("again", [FERRY, replace(FERRY, path="/elsewhere.txt")], ids=["same", "moved"])
def test_same_content_again_makes_no_version(ledger: Ledger, again: Article) -> None:
    put(ledger, FERRY)
    put(ledger, again)
    assert ledger.versions("a") == []


def test_versions_come_latest_first(ledger: Ledger) -> None:
    for text in ("One.", "Two.", "Three."):
        put(ledger, replace(FERRY, text=text))
    assert [version.article.text for version in ledger.versions("a")] == ["Two.", "One."]


def test_text_that_comes_back_is_kept_twice(ledger: Ledger) -> None:
    for text in ("One.", "Two.", "One.", "Two."):
        put(ledger, replace(FERRY, text=text))
    assert [version.article.text for version in ledger.versions("a")] == ["One.", "Two.", "One."]


def test_version_tells_from_when_to_when_it_was_the_one(ledger: Ledger) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)  # the ledger counts whole ones
    put(ledger, replace(FERRY, text="One."))
    time.sleep(1.1)
    put(ledger, replace(FERRY, text="Two."))
    put(ledger, replace(FERRY, text="Three."))
    two, one = ledger.versions("a")
    assert before < one.indexed < one.replaced <= two.indexed <= two.replaced <= datetime.now(UTC)


def test_versions_of_one_article_are_not_those_of_another(ledger: Ledger) -> None:
    for article in (FERRY, replace(FERRY, id="b")):
        put(ledger, article)
        put(ledger, replace(article, text=f"Other text of {article.id}."))
    assert [version.article.id for version in ledger.versions("b")] == ["b"]


def test_earlier_text_is_found_no_more(index: Index, articles: Path) -> None:
    (articles / "a.txt").write_text("The ferry Lady Isolde sank.")
    index.update([articles])
    (articles / "a.txt").write_text("The vote is over.")
    index.update([articles])
    assert [passage.text for passage in index.search("Lady Isolde")] == ["The vote is over."]


def test_changed_file_keeps_the_text_it_had(index: Index, articles: Path) -> None:
    for text in ("The ferry sank.", "The vote is over.", "The vote is over."):
        (articles / "a.txt").write_text(text)
        index.update([articles])
    (article,) = index.articles()
    assert [version.article.text for version in index.versions(article.id)] == ["The ferry sank."]


def test_removing_an_article_erases_its_versions_from_the_file(ledger: Ledger, tmp_path: Path) -> None:
    first = replace(FERRY, text="The zyxomma flew over the quagga.", title="Wolpertinger")
    put(ledger, first)
    put(ledger, FERRY)
    put(ledger, replace(FERRY, id="b"))
    needles = [b"zyxomma", b"quagga", b"wolpertinger", pack_text(first.text)[2:]]
    ledger.remove(["a"])
    assert ledger.versions("a") == []
    ledger.close()
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not [needle for needle in needles if needle in left or needle in left.lower()]


def test_file_that_vanished_takes_its_versions_along(index: Index, articles: Path) -> None:
    (articles / "b.txt").write_text("The comet shone.")
    for text in ("The ferry sank.", "The vote is over."):
        (articles / "a.txt").write_text(text)
        index.update([articles])
    (vote,) = (article for article in index.articles() if article.text == "The vote is over.")
    (articles / "a.txt").unlink()
    index.update([articles])
    assert index.versions(vote.id) == []
