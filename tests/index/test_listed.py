"""The list of articles: found by words, limits and pages, without their texts."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from index.article import Article, Chunk, Listed
from index.ledger import Ledger
from index.scope import Scope

FERRY = Article("a", "The steamer sank off Kessary.", "Ferry lost", date(2020, 8, 22), "Morning Mail")
COMET = Article("b", "A bright comet was seen.", "100% of the_sky", date(2021, 3, 2), "Gazette")
UNDATED = Article("c", "Nobody knows when the Färöer sank.", "Undated")


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    for article in (FERRY, COMET, UNDATED):
        put(ledger, article)
    return ledger


def put(ledger: Ledger, article: Article) -> None:
    chunk = Chunk(article.id, 0, len(article.text))
    ledger.replace([(article, [(chunk, np.ones(3, dtype=np.float32))])])


def ids(ledger: Ledger, *words: str, scope: Scope | None = None) -> str:
    found, total = ledger.listed(words, scope or Scope(), limit=10)
    assert total == len(found)
    return "".join(listed.id for listed in found)


def test_the_latest_comes_first_and_what_has_no_date_last(filled: Ledger) -> None:
    assert ids(filled) == "bac"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["lost"], "a"),
        (["ERR"], "a"),
        (["morning"], "a"),
        (["steam"], "a"),
        (["sank"], "ac"),
        (["mail", "ferry", "kessary"], "a"),
        (["mail", "comet"], ""),
        (["faroer"], "c"),
        (["100%"], "b"),
        (["%"], "b"),
        (["_"], "b"),
        (['"'], ""),
        (["ferry*"], "a"),
        (["NEAR(a"], ""),
    ],
)
def test_words_are_looked_for_in_title_source_and_text(filled: Ledger, words: list[str], found: str) -> None:
    assert ids(filled, *words) == found


def test_short_words_are_looked_for_in_title_and_source_only(filled: Ledger) -> None:
    assert ids(filled, "a", "br") == ""
    assert ids(filled, "fe") == "a"


def test_words_and_limits_go_together(filled: Ledger) -> None:
    assert ids(filled, "sank", scope=Scope(since=date(2020, 1, 1))) == "a"
    assert ids(filled, scope=Scope(sources=("Gazette", "Morning Mail"))) == "ba"
    assert ids(filled, scope=Scope(articles=("c", "gone"))) == "c"


def test_a_page_of_the_list_tells_how_many_there_are(filled: Ledger) -> None:
    found, total = filled.listed([], Scope(), limit=1, offset=1)
    assert ([listed.id for listed in found], total) == (["a"], 3)


def test_a_row_has_what_a_list_shows(filled: Ledger) -> None:
    put(filled, replace(FERRY, text="The steamer was saved."))
    (row,), _ = filled.listed(["ferry"], Scope(), limit=10)
    now = filled.article("a")
    assert now
    assert row == Listed("a", "Ferry lost", date(2020, 8, 22), "Morning Mail", now.content_hash, versions=1)


def test_reprints_are_counted(ledger: Ledger) -> None:
    text = " ".join(f"word{number}" for number in range(60))
    for name in "xyz":
        put(ledger, Article(name, text, f"Story {name}"))
    found, _ = ledger.listed([], Scope(), limit=10)
    assert [listed.reprints for listed in found] == [2, 2, 2]
