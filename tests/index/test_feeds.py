"""RSS and Atom feeds."""

from pathlib import Path

import pytest

from index.article import Article
from index.errors import LoadError
from index.intake import article_of
from index.loaders import read_articles
from index.loaders.record import Record


def read(path: Path, content: str) -> list[Record | LoadError]:
    path.write_text(content, encoding="utf-8")
    return list(read_articles(path, max_bytes=1_000_000))


def read_one(path: Path, content: str) -> Record:
    (record,) = read(path, content)
    assert isinstance(record, Record), record
    return record


def articles(path: Path, content: str) -> list[Article]:
    return [article_of(record, str(path))[0] for record in read(path, content) if isinstance(record, Record)]


def rss(*items: str, title: str = "Saltmarsh Daily") -> str:
    spaces = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:atom="http://www.w3.org/2005/Atom"'
    )
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0" {spaces}><channel><title>{title}</title>{inside}</channel></rss>'


def atom(*entries: str) -> str:
    inside = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Saltmarsh Daily</title>{inside}</feed>'


ITEM = "<title>Ferry aground</title><link>https://a.example/1</link><description>It sank.</description>"


def test_entry_is_an_article_with_the_feed_as_its_source(tmp_path: Path) -> None:
    item = ITEM + "<pubDate>Sun, 23 Aug 2020 23:30:00 -1100</pubDate>"
    (article,) = articles(tmp_path / "a.rss", rss(item))
    assert (article.title, article.text, article.source) == ("Ferry aground", "It sank.", "Saltmarsh Daily")
    assert (article.url, str(article.date)) == ("https://a.example/1", "2020-08-23")


@pytest.mark.parametrize("suffix", [".rss", ".atom", ".xml", ".rdf"])
def test_feed_is_told_by_what_it_holds_not_by_its_suffix(tmp_path: Path, suffix: str) -> None:
    assert read_one(tmp_path / f"a{suffix}", rss(ITEM)).text == "It sank."
    entry = "<title>Ferry</title><id>urn:1</id><summary>It sank.</summary>"
    assert read_one(tmp_path / f"a{suffix}", atom(entry)).text == "It sank."


def test_whole_text_goes_before_the_summary_and_loses_its_markup(tmp_path: Path) -> None:
    whole = "<content:encoded><![CDATA[<p>It <b>sank</b> off&nbsp;Orvay.</p><p>All are safe.</p>]]></content:encoded>"
    assert articles(tmp_path / "a.rss", rss(ITEM + whole))[0].text == "It sank off Orvay.\nAll are safe."


@pytest.mark.parametrize(
    "content",
    [
        "<content type='html'>&lt;p&gt;It sank.&lt;/p&gt;&lt;p&gt;End.&lt;/p&gt;</content>",
        "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>It sank.</p><p>End.</p></div></content>",
    ],
)
def test_content_of_an_atom_entry_is_read(tmp_path: Path, content: str) -> None:
    entry = f"<title>Ferry</title><id>urn:1</id>{content}"
    assert articles(tmp_path / "a.atom", atom(entry))[0].text == "It sank.\nEnd."


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("<published>2020-08-23T06:30:00Z</published><updated>2021-01-05T00:00:00Z</updated>", "2020-08-23"),
        ("<updated>2021-01-05T00:00:00Z</updated>", "None"),
        ("<published>03/04/2020</published>", "None"),
    ],
)
def test_date_of_an_update_is_not_taken_for_that_of_publication(tmp_path: Path, stated: str, day: str) -> None:
    entry = f"<title>Ferry</title><id>urn:1</id><summary>It sank.</summary>{stated}"
    assert str(articles(tmp_path / "a.atom", atom(entry))[0].date) == day


def test_dublin_core_date_of_an_rss_entry_is_its_date(tmp_path: Path) -> None:
    assert str(articles(tmp_path / "a.rss", rss(ITEM + "<dc:date>2020-08-23</dc:date>"))[0].date) == "2020-08-23"


def test_entry_of_a_headline_only_is_that_headline(tmp_path: Path) -> None:
    assert read_one(tmp_path / "a.rss", rss("<title>Ferry &amp;amp; dam</title>")).text == "Ferry & dam"


def test_entry_without_anything_is_reported_by_number_and_the_rest_is_read(tmp_path: Path) -> None:
    bad, good = read(tmp_path / "a.rss", rss("<category>x</category>", ITEM))
    assert str(bad).startswith("entry 1: has neither text nor a title") and isinstance(good, Record)


def test_entries_without_addresses_are_told_apart(tmp_path: Path) -> None:
    items = ["<guid isPermaLink='false'>1</guid><title>A</title>", "<title>B</title>", "<description>C</description>"]
    assert len({article.id for article in articles(tmp_path / "a.rss", rss(*items))}) == 3


def test_identifier_that_is_no_address_is_not_taken_for_one(tmp_path: Path) -> None:
    assert read_one(tmp_path / "a.atom", atom("<title>A</title><id>urn:uuid:1</id>")).url is None


def test_broken_feed_gives_what_can_be_read(tmp_path: Path) -> None:
    whole = rss(ITEM, ITEM.replace("/1", "/2").replace("sank", "sank & burnt"))
    assert [article.text for article in articles(tmp_path / "a.rss", whole)] == ["It sank.", "It sank & burnt."]


@pytest.mark.parametrize("bad", ["&#xD800;", "&#55296;", "&#x110000;", "&#99999999999999999999;"])
def test_number_of_no_character_spoils_no_feed(tmp_path: Path, bad: str) -> None:
    items = [ITEM, ITEM.replace("/1", "/2").replace("sank", f"sank{bad} &#233;")]
    assert [article.text for article in articles(tmp_path / "a.rss", rss(*items))] == ["It sank.", "It sank é."]


@pytest.mark.parametrize("content", ["<urlset><url><loc>https://a.example</loc></url></urlset>", "It sank.", "<a>"])
def test_xml_that_is_no_feed_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(LoadError, match="neither an RSS nor an Atom feed"):
        read(tmp_path / "a.xml", content)


def test_feed_without_entries_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="no entries"):
        read(tmp_path / "a.rss", rss())


def test_name_of_a_file_in_the_place_of_a_feed_is_not_opened(tmp_path: Path) -> None:
    """feedparser would open it, or fetch it."""
    (tmp_path / "secret.xml").write_text(rss(ITEM))
    for content in (str(tmp_path / "secret.xml"), "http://192.0.2.1/feed"):
        with pytest.raises(LoadError, match="neither"):
            read(tmp_path / "a.xml", content)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret words")
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "laugh"}">' for n in range(10))
    doctype = f'<!DOCTYPE rss [{entities}<!ENTITY file SYSTEM "file://{tmp_path}/secret">]>'
    feed = rss("<title>A &l9; &file;</title>").replace("?>", f"?>{doctype}", 1)
    for record in read(tmp_path / "a.xml", feed):
        assert isinstance(record, Record) and len(record.text) < 100 and "secret" not in record.text
