import datetime
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.spool import Spool

FERRY = Article("a", "Text 😀.\nMore.", "Title", datetime.date(2020, 8, 23), "Mail", "https://a.example/1", "/a.txt")
COMET = Article("b", "A comet\u2028shone.", "")

_MAYBE = st.none() | st.text()
_ARTICLE = st.builds(Article, st.text(), st.text(), st.text(), st.none() | st.dates(), _MAYBE, _MAYBE, _MAYBE)


def test_articles_come_out_in_the_order_they_were_put_in() -> None:
    with Spool(list) as spool:
        spool.put(COMET, "first")
        spool.put(FERRY, "second")
        assert list(spool) == [(COMET, "first"), (FERRY, "second")]


@given(st.lists(_ARTICLE, max_size=5))
def test_article_comes_out_as_it_was_put_in(articles: list[Article]) -> None:
    with Spool(list) as spool:
        for article in articles:
            spool.put(article, None)
        assert [article for article, _ in spool] == articles


def test_note_may_be_nested() -> None:
    with Spool(list) as spool:
        spool.put(FERRY, ["Title", [[0, 5], [6, 9]]])
        assert [note for _, note in spool] == [["Title", [[0, 5], [6, 9]]]]


def test_spool_can_be_gone_through_again() -> None:
    with Spool(list) as spool:
        spool.put(FERRY, 1)
        assert list(spool) == list(spool) == [(FERRY, 1)]


def test_empty_spool_holds_nothing() -> None:
    with Spool(list) as spool:
        assert list(spool) == []


def test_nothing_stays_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(KeyboardInterrupt), Spool(list) as spool:
        spool.put(FERRY, 1)
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
