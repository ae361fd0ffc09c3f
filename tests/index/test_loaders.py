import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import index.loaders
from index.errors import LoadError
from index.intake import article_of
from index.loaders import article_files, known_formats, loaders, read_articles
from index.loaders.file import File
from index.loaders.record import Record

MAX_BYTES = 1_000_000


def read(path: Path, content: str | bytes, *, max_bytes: int = MAX_BYTES) -> list[Record | LoadError]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_articles(path, max_bytes=max_bytes))


def read_one(path: Path, content: str | bytes) -> Record:
    (record,) = read(path, content)
    assert isinstance(record, Record), record
    return record


def lines(record: Record) -> list[str]:
    return [line for line in record.text.split("\n") if line.strip()]


# Plain text ----------------------------------------------------------------------------------------------


def test_text_file_is_one_article(tmp_path: Path) -> None:
    record = read_one(tmp_path / "a.txt", "The ferry sank.\nNobody was hurt.")
    assert record.text == "The ferry sank.\nNobody was hurt."
    assert record.date is record.title is record.url is None


@pytest.mark.parametrize(
    "start", ["date 2020-08-23 ", " date 2020-08-23 ", "\ufeffdate 2020-08-23\n", "Date 2020-08-23\r\n"]
)
def test_leading_date_of_a_text_file_is_no_part_of_the_story(tmp_path: Path, start: str) -> None:
    record = read_one(tmp_path / "a.txt", start + "The ferry sank.")
    assert (record.date, record.text) == ("2020-08-23", "The ferry sank.")


@pytest.mark.parametrize("story", ["Date palms are dying.", "Date 5 of the tour drew thousands."])
def test_story_that_begins_with_the_word_date_is_left_whole(tmp_path: Path, story: str) -> None:
    assert read_one(tmp_path / "a.txt", story).text == story


def test_wrapped_paragraphs_are_joined(tmp_path: Path) -> None:
    record = read_one(tmp_path / "a.txt", "The ferry\nsank on\nTuesday.\n\nNobody\nwas hurt.\n")
    assert record.text.split("\n") == ["The ferry sank on Tuesday.", "Nobody was hurt."]


def test_long_lines_stay_paragraphs_of_their_own(tmp_path: Path) -> None:
    lines = ["The ferry sank. " * 10, "Nobody was hurt. " * 10]
    record = read_one(tmp_path / "a.txt", f"{lines[0]}\n{lines[1]}\n\nThe end.")
    assert record.text.split("\n") == [*lines, "The end."]


# Markdown ------------------------------------------------------------------------------------------------


def test_front_matter_gives_the_fields(tmp_path: Path) -> None:
    record = read_one(
        tmp_path / "a.md",
        "---\ntitle: 'Ferry: 12 dead'\ndate: 2020-08-23\nsource: Mail\nurl: https://a.example/1\n---\n\nIt sank.\n",
    )
    assert (record.title, record.date, record.source) == ("Ferry: 12 dead", "2020-08-23", "Mail")
    assert (record.url, lines(record)) == ("https://a.example/1", ["It sank."])


def test_front_matter_date_with_a_time_zone_keeps_its_day(tmp_path: Path) -> None:
    record = read_one(tmp_path / "a.md", "---\ndate: 2020-08-23T23:30:00-05:00\n---\nText.")
    assert record.date is not None and record.date.startswith("2020-08-23")


def test_markup_is_dropped_and_words_are_kept(tmp_path: Path) -> None:
    record = read_one(
        tmp_path / "a.md",
        "The **ferry** [sank](https://a.example) `fast`.\n\n![map](m.png)\n\n## Why\n\n- Rust\n- Rain\n\n> He\n> left.",
    )
    assert lines(record) == ["The ferry sank fast.", "Why", "Rust", "Rain", "He left."]


def test_first_heading_is_the_title_and_no_part_of_the_story(tmp_path: Path) -> None:
    record = read_one(tmp_path / "a.md", "# Ferry *sinks*\n\nNobody was hurt.\n")
    assert (record.title, lines(record)) == ("Ferry sinks", ["Nobody was hurt."])


def test_title_in_the_front_matter_wins_over_a_heading(tmp_path: Path) -> None:
    record = read_one(tmp_path / "a.md", "---\ntitle: One\n---\n# Two\n\nText.")
    assert (record.title, lines(record)) == ("One", ["Two", "Text."])


def test_markdown_with_windows_line_ends_is_read(tmp_path: Path) -> None:
    record = read_one(tmp_path / "a.md", "---\r\ntitle: One\r\n---\r\nText.\r\n")
    assert (record.title, lines(record)) == ("One", ["Text."])


def test_rule_in_the_middle_is_no_front_matter(tmp_path: Path) -> None:
    assert read_one(tmp_path / "a.md", "One.\n\n---\n\nTwo.\n").text.split() == ["One.", "Two."]


@pytest.mark.parametrize(
    "matter",
    ["title: [unclosed", "title: 'open", "a: b: c", "- just\n- a list", "? [a]\n: b\n: c", "a: " + "[" * 5000],
    ids=["bracket", "quote", "colons", "list", "key", "deep"],
)
def test_bad_front_matter_is_named_as_the_cause(tmp_path: Path, matter: str) -> None:
    with pytest.raises(LoadError, match="front matter"):
        read(tmp_path / "a.md", f"---\n{matter}\n---\nText.")


# Web pages -----------------------------------------------------------------------------------------------

PARAGRAPH = "The ferry Lady Isolde ran aground off Tarnsey on Tuesday, and all on board were brought to safety. "


def page(head: str = "", body: str = "") -> str:
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">{head}</head><body>
        <nav><ul><li><a href="/">Home page</a></li><li><a href="/sport">Sport pages</a></li></ul></nav>
        <main><article><h1>Ferry aground</h1>{body or f"<p>{PARAGRAPH}</p>" * 3}</article></main>
        <footer><p>Copyright Saltmarsh Media, all rights reserved</p></footer></body></html>"""


def test_only_the_main_text_of_a_page_is_read(tmp_path: Path) -> None:
    text = read_one(tmp_path / "a.html", page()).text
    assert PARAGRAPH.strip() in text
    assert not any(word in text for word in ("Home page", "Sport pages", "Copyright"))


def test_page_gives_title_site_and_canonical_url(tmp_path: Path) -> None:
    record = read_one(
        tmp_path / "a.html",
        page(
            '<title>Ferry aground off Tarnsey</title><meta property="og:site_name" content="Saltmarsh Daily">'
            '<link rel="canonical" href="https://saltmarsh.example/2020/11/21/ferry">'
        ),
    )
    assert record.title in ("Ferry aground", "Ferry aground off Tarnsey")
    assert (record.source, record.url) == ("Saltmarsh Daily", "https://saltmarsh.example/2020/11/21/ferry")


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2020-11-21T06:30:00+00:00">',
        '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",'
        ' "headline": "Ferry aground", "datePublished": "2020-11-21T06:30:00+00:00"}</script>',
        '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",'
        ' "dateModified": "2021-01-05", "datePublished": "2020-11-21"}</script>',
    ],
    ids=["meta", "json-ld", "json-ld modified later"],
)
def test_date_that_the_page_states_is_read(tmp_path: Path, head: str) -> None:
    assert date_of(tmp_path, head) == date(2020, 11, 21)


def date_of(folder: Path, head: str = "", body: str = "") -> date | None:
    record = read_one(folder / "a.html", page(head, f"{body}<p>{PARAGRAPH}</p><p>{PARAGRAPH}</p>"))
    return article_of(record, "a.html")[0].date


def json_ld(content: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(content)}</script>'


ARTICLE = {"@context": "https://schema.org", "@type": "NewsArticle", "datePublished": "2020-11-21"}


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (json_ld({"@graph": [{"@type": "WebPage", "datePublished": "2020-01-01"}, ARTICLE]}), ""),
        (json_ld([{"@type": "ItemList", "itemListElement": [ARTICLE | {"datePublished": "2019-01-01"}]}, ARTICLE]), ""),
        (json_ld(ARTICLE | {"comment": [{"@type": "Comment", "datePublished": "2021-01-01"}]}), ""),
        (json_ld({"@type": ["ReportageNewsArticle"], "datePublished": "2020-11-21T23:30:00-11:00"}), ""),
        ('<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2020-11-21",}</script>', ""),
        ('<meta name="parsely-pub-date" content="2020-11-21T06:30:00Z">', ""),
        ('<meta itemprop="datePublished" content="Nov. 21, 2020">', ""),
        ('<meta name="date" content="11/10/2020"><meta name="pubdate" content="11/21/2020">', ""),
        ("", '<time class="entry-date published" datetime="2020-11-21">today</time>'),
        ("", '<p>By us, <span itemprop="datePublished">21 November 2020</span></p>'),
        ('<link rel="canonical" href="https://saltmarsh.example/2020/11/21/ferry">', ""),
    ],
)
def test_date_is_found_wherever_the_page_states_it(tmp_path: Path, head: str, body: str) -> None:
    assert date_of(tmp_path, head, body) == date(2020, 11, 21)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<meta property="article:modified_time" content="2021-01-05T06:30:00+00:00">', ""),
        (json_ld({"@type": "NewsArticle", "dateModified": "2021-01-05"}), ""),
        (json_ld({"@type": "NewsArticle", "comment": {"@type": "Comment", "datePublished": "2021-01-05"}}), ""),
        ('<meta property="article:published_time" content="03/04/2020">', ""),
        ('<meta property="article:published_time" content="2020-11">', ""),
        ('<link rel="canonical" href="https://saltmarsh.example/2020/11/ferry">', ""),
        ("", "<p>On March 3, 1987 another ferry sank.</p>"),
        ("", '<p>The ferry sank on <time datetime="1987-03-03">March 3, 1987</time>.</p>'),
        ("", '<aside><time datetime="2019-05-05">May 5, 2019</time> Another story</aside>'),
        ("", '<time class="updated published" datetime="2021-01-05">Updated</time>'),
        ("", "<p>Copyright 2018 Saltmarsh. Updated May 5, 2019.</p>"),
    ],
)
def test_date_of_anything_else_is_not_taken_for_the_date_of_the_story(tmp_path: Path, head: str, body: str) -> None:
    assert date_of(tmp_path, head, body) is None


def test_site_and_address_are_those_the_page_gives(tmp_path: Path) -> None:
    publisher = {"publisher": {"@type": "Organization", "name": "Saltmarsh Daily"}}
    record = read_one(
        tmp_path / "a.html",
        page(json_ld(ARTICLE | publisher) + '<meta property="og:url" content="https://saltmarsh.example/ferry">'),
    )
    assert (record.source, record.url) == ("Saltmarsh Daily", "https://saltmarsh.example/ferry")


def test_page_of_very_many_elements_takes_no_time(tmp_path: Path) -> None:
    bold = read_one(tmp_path / "a.html", page(body="<p>" + "<b>word</b> " * 50_000 + "</p>"))
    assert bold.text.count("word") == 50_000
    with pytest.raises(LoadError, match="too many elements"):
        read(tmp_path / "a.html", page(body="<p>" + "<q>word</q>" * 50_000 + "</p>"))


def test_page_in_a_legacy_encoding_that_it_states_is_read(tmp_path: Path) -> None:
    html = page(body=f"<p>Le maire de Tarnsey a été élu à l'unanimité. {PARAGRAPH}</p>" * 3)
    data = html.replace("utf-8", "iso-8859-1").encode("latin-1")
    assert "a été élu à l'unanimité" in read_one(tmp_path / "a.htm", data).text


@pytest.mark.parametrize(
    "html", ["<html></html>", "<div>" * 3000, "no markup at all", "<html><body><nav>x</nav></body>"]
)
def test_page_without_a_story_is_refused_or_read_as_plain_text(tmp_path: Path, html: str) -> None:
    try:
        records = read(tmp_path / "a.html", html)
    except LoadError as error:
        assert "no article text" in str(error)
    else:
        assert all(isinstance(record, Record) and record.text.strip() for record in records)


# Records -------------------------------------------------------------------------------------------------

FIELDS = {
    "title": "Ferry aground",
    "date": "2020-11-21",
    "source": "Mail",
    "url": "https://a.example/1",
    "text": "It ran aground.\n\nAll are safe.",
}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", json.dumps(FIELDS)),
        ("a.ndjson", "\n" + json.dumps(FIELDS) + "\n\n"),
        ("a.json", json.dumps(FIELDS)),
        ("a.json", json.dumps([FIELDS], indent=2)),
        ("a.csv", ",".join(FIELDS) + "\n" + ",".join(f'"{value}"' for value in FIELDS.values()) + "\n"),
        ("a.csv", ";".join(FIELDS) + "\r\n" + ";".join(f'"{value}"' for value in FIELDS.values()) + "\r\n"),
        ("a.csv", "\t".join(FIELDS) + "\n" + "\t".join(f'"{value}"' for value in FIELDS.values())),
        ("A.JSONL", "\ufeff" + json.dumps(FIELDS)),
    ],
    ids=["jsonl", "ndjson", "json object", "json list", "csv", "csv semicolons", "csv tabs", "capitals and mark"],
)
def test_record_gives_its_fields(tmp_path: Path, name: str, content: str) -> None:
    assert read_one(tmp_path / name, content).model_dump(exclude={"id"}) == FIELDS


@pytest.mark.parametrize(
    ("field", "alias"),
    [("text", alias) for alias in ("body", "content", "article", "TEXT", " Body ")]
    + [("title", alias) for alias in ("headline", "Title")]
    + [("date", alias) for alias in ("published", "publish_date", "date_published", "datePublished", "DATE")]
    + [("source", alias) for alias in ("publisher", "site", "Source")]
    + [("url", alias) for alias in ("link", "URL")],
)
def test_field_has_other_names_too(tmp_path: Path, field: str, alias: str) -> None:
    fields = {alias: "value"} if field == "text" else {alias: "value", "text": "Text."}
    assert getattr(read_one(tmp_path / "a.json", json.dumps(fields)), field) == "value"


def test_empty_field_gives_way_to_one_of_its_other_names(tmp_path: Path) -> None:
    record = read_one(
        tmp_path / "a.json", '{"title": null, "headline": "Ferry aground", "text": null, "body": "Text."}'
    )
    assert (record.title, record.text) == ("Ferry aground", "Text.")


def test_numbers_serve_as_text(tmp_path: Path) -> None:
    record = read_one(tmp_path / "a.json", '{"id": 7, "title": 1984, "date": 20200823, "text": "Text."}')
    assert (record.id, record.title, record.date) == ("7", "1984", "20200823")


def test_bad_lines_are_reported_by_number_and_the_rest_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path / "a.jsonl", '{"text": "One."}\n\n{"text": \n["list"]\n{"title": "No text"}\n{"text": "Two."}'
    )
    assert [record.text for record in found if isinstance(record, Record)] == ["One.", "Two."]
    errors = [str(error) for error in found if isinstance(error, LoadError)]
    assert [error.split(":")[0] for error in errors] == ["line 3", "line 4", "line 5"]
    assert "JSON" in errors[0] and "object" in errors[1] and "'text'" in errors[2]


def test_bad_record_of_a_json_list_is_reported_by_number(tmp_path: Path) -> None:
    one, error, two = read(tmp_path / "a.json", '[{"text": "One."}, {"text": 7.5, "url": []}, {"text": "Two."}]')
    assert isinstance(one, Record) and isinstance(two, Record)
    assert str(error).startswith("record 2: field 'url'")


@pytest.mark.parametrize("content", ["{", "[" * 100_000, '{"text": "One."} {"text": "Two."}'])
def test_file_that_is_no_json_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(LoadError, match="not valid JSON"):
        read(tmp_path / "a.json", content)


def test_deeply_nested_line_is_reported_by_number(tmp_path: Path) -> None:
    error, record = read(tmp_path / "a.jsonl", "[" * 100_000 + '\n{"text": "Two."}')
    assert str(error).startswith("line 1:") and isinstance(record, Record)


def test_csv_row_with_too_few_or_too_many_cells_is_read_or_reported(tmp_path: Path) -> None:
    short, long = read(tmp_path / "a.csv", "text,title,date\nOne.\nTwo.,Title,2020-08-23,more,and more\n")
    assert isinstance(short, Record) and short.text == "One." and short.title is None
    assert isinstance(long, Record) and long.date == "2020-08-23"


def test_csv_row_without_text_is_reported_by_line(tmp_path: Path) -> None:
    error, record = read(tmp_path / "a.csv", "title,text\nOne,\nTwo,Text.\n")
    assert str(error).startswith("line 2: field 'text'") and isinstance(record, Record)


def test_records_without_an_id_are_told_apart_whatever_their_order(tmp_path: Path) -> None:
    there = read(tmp_path / "a.jsonl", '{"text": "One."}\n{"text": "Two."}')
    back = read(tmp_path / "a.jsonl", '{"text": "Two."}\n{"text": "One."}')
    ids = [record.id for record in there if isinstance(record, Record)]
    assert ids == [record.id for record in reversed(back) if isinstance(record, Record)]
    assert len({*ids} - {None}) == 2


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize("field", ["text", "title", "id", "url"])
def test_half_an_emoji_in_a_field_spoils_neither_the_record_nor_the_file(tmp_path: Path, name: str, field: str) -> None:
    """Texts that other programs cut short in the middle of a surrogate pair."""
    fields = {"text": "Text."} | {field: "cut \ud83d"}
    assert read_one(tmp_path / name, json.dumps(fields)).text.startswith(("Text.", "cut"))


def test_record_line_longer_than_the_limit_is_reported_and_the_next_is_read(tmp_path: Path) -> None:
    long, short = json.dumps({"text": "x" * 1000}), json.dumps({"text": "Two."})
    error, record = read(tmp_path / "a.jsonl", f"{long}\n{short}\n", max_bytes=100)
    assert str(error).startswith("line 1: the line is larger than") and "--max-file-mb" in str(error)
    assert isinstance(record, Record) and record.text == "Two."


@pytest.mark.parametrize("spare", [-2, -1, 0, 1])
def test_record_line_about_as_long_as_the_limit_swallows_no_other(tmp_path: Path, spare: int) -> None:
    long, short = json.dumps({"text": "x" * 100}), json.dumps({"text": "Two."})
    found = read(tmp_path / "a.jsonl", f"{long}\n{short}\n{short}\n", max_bytes=len(long) + spare)
    assert [record.text for record in found[1:] if isinstance(record, Record)] == ["Two.", "Two."]


def test_file_of_records_may_be_larger_than_one_article(tmp_path: Path) -> None:
    content = "".join(json.dumps({"text": f"Text {number}."}) + "\n" for number in range(100))
    assert len(read(tmp_path / "a.jsonl", content, max_bytes=100)) == 100


# Any file ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", sorted(loaders()))
@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_empty_file_is_called_empty(tmp_path: Path, suffix: str, content: bytes) -> None:
    name, data = ("a.txt.gz", gzip.compress(content)) if suffix == ".gz" else (f"a{suffix}", content)
    with pytest.raises(LoadError, match=r"empty|not a valid \.zip"):
        read(tmp_path / name, data)


@pytest.mark.parametrize("name", ["articles", "items", "data", "results"])
def test_records_that_an_object_holds_under_a_usual_name_are_read(tmp_path: Path, name: str) -> None:
    """What news services answer with."""
    answer = {"status": "ok", "total": 2, name: [FIELDS, FIELDS | {"source": {"id": None, "name": "Post"}}]}
    one, two = read(tmp_path / "a.json", json.dumps(answer))
    assert isinstance(one, Record) and one.source == "Mail"
    assert isinstance(two, Record) and two.source == "Post"


def test_object_with_a_list_of_something_else_is_one_record(tmp_path: Path) -> None:
    assert read_one(tmp_path / "a.json", '{"text": "One.", "items": [1, 2], "data": []}').text == "One."


@pytest.mark.parametrize("text", ["", " ", "\u0000", "Photo: AP"])
def test_record_with_nothing_to_read_is_reported_by_line(tmp_path: Path, text: str) -> None:
    error, record = read(tmp_path / "a.jsonl", json.dumps({"text": text}) + '\n{"text": "Two."}')
    assert str(error) == "line 1: holds no text" and isinstance(record, Record)


def test_file_with_nothing_but_bad_records_is_not_called_empty(tmp_path: Path) -> None:
    (error,) = read(tmp_path / "a.jsonl", '{"text": "' + "x" * 1000 + '"}\n', max_bytes=100)
    assert "larger" in str(error)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".json", ".csv"])
def test_binary_file_is_called_binary(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(LoadError, match="binary"):
        read(tmp_path / f"a{suffix}", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 10)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".json", ".csv"])
def test_too_large_file_is_refused_with_the_setting_that_allows_it(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(LoadError, match="larger than the 0.0001 MB.*--max-file-mb"):
        read(tmp_path / f"a{suffix}", "x" * 101, max_bytes=100)


def test_file_as_large_as_the_limit_is_read(tmp_path: Path) -> None:
    (record,) = read(tmp_path / "a.txt", "x" * 100, max_bytes=100)
    assert isinstance(record, Record)


STORY = "Le café de la gare était fermé, d'après la préfecture de Tarnsey. Où êtes-vous passé cet été? "


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_text_in_another_encoding_is_decoded(tmp_path: Path, encoding: str) -> None:
    assert read_one(tmp_path / "a.txt", (STORY * 3).encode(encoding)).text == STORY * 3


def test_records_in_utf_16_are_decoded(tmp_path: Path) -> None:
    """What PowerShell's `>` writes."""
    found = read(tmp_path / "a.jsonl", '{"text": "Café."}\n{"text": "Two."}\n'.encode("utf-16"))
    assert [record.text for record in found if isinstance(record, Record)] == ["Café.", "Two."]


@pytest.mark.parametrize("name", ["gone.txt", "gone", "gone.docx"])
def test_missing_file_is_called_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(LoadError, match="no such file"):
        list(read_articles(tmp_path / name, max_bytes=MAX_BYTES))


def test_folder_with_a_suffix_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "x.txt").mkdir()
    with pytest.raises(LoadError, match="not a regular file"):
        list(read_articles(tmp_path / "x.txt", max_bytes=MAX_BYTES))


def test_link_that_leads_to_itself_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "b.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    with pytest.raises(LoadError, match="symbolic link that leads nowhere"):
        list(read_articles(tmp_path / "a.txt", max_bytes=MAX_BYTES))


def test_line_of_ten_megabytes_is_read_and_cleaned(tmp_path: Path) -> None:
    text = "The ferry sank off Tarnsey. " * 360_000
    for name, content in (("a.txt", text), ("a.jsonl", json.dumps({"text": text})), ("a.md", text)):
        (record,) = read(tmp_path / name, content, max_bytes=20_000_000)
        assert isinstance(record, Record) and article_of(record, name)[0].text == text.strip()


def test_letter_under_a_million_accents_takes_no_time() -> None:
    text = "a" + "\u0301\u0316" * 500_000 + "b"
    assert 30 <= len(article_of(Record(text=text), "a.txt")[0].text) <= 33


WRITINGS = [
    "海难中没有人受伤。渡轮在塔恩西附近搁浅。",
    "הספינה עלתה על שרטון ליד טרנסי. איש לא נפגע.",
    "جنحت العبارة قبالة تارنسي ولم يصب أحد.",
]


@pytest.mark.parametrize("text", WRITINGS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_writing_without_spaces_or_from_right_to_left_is_read(tmp_path: Path, text: str, encoding: str) -> None:
    assert read_one(tmp_path / "a.txt", text.encode(encoding)).text == text
    assert read_one(tmp_path / "a.jsonl", json.dumps({"text": text}).encode(encoding)).text == text


# Files that change while they are read ---------------------------------------------------------------------


def change(path: Path, content: str) -> None:
    path.write_text(content)
    os.utime(path, (0, 0))  # whatever the clock's ticks


def test_file_of_records_that_changes_gives_no_record_read_after_that(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"text": f"Text {number}."}) + "\n" for number in range(10)))
    records = read_articles(path, max_bytes=MAX_BYTES)
    assert isinstance(next(records), Record)
    change(path, '{"text": "New."}\n')
    with pytest.raises(LoadError, match="changed while it was read; index it again"):
        next(records)


def test_file_that_changes_before_it_is_read_to_the_end_gives_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Old.")

    def read_and_change(file: File) -> bytes:
        change(path, "New.")
        return b"half old, half new"

    monkeypatch.setattr(File, "data", read_and_change)
    with pytest.raises(LoadError, match="changed while"):
        list(read_articles(path, max_bytes=MAX_BYTES))


def test_file_that_is_deleted_while_it_is_read_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "One."}\n{"text": "Two."}\n')
    records = read_articles(path, max_bytes=MAX_BYTES)
    next(records)
    path.unlink()
    with pytest.raises(LoadError, match="changed while"):
        list(records)


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(LoadError, match="not a regular file"):
        list(read_articles(tmp_path / "pipe.txt", max_bytes=MAX_BYTES))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read any file")
def test_unreadable_file_is_refused_with_the_cause(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Text.")
    path.chmod(0)
    with pytest.raises(LoadError, match="Permission denied"):
        list(read_articles(path, max_bytes=MAX_BYTES))


def test_unknown_format_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"\.odt is not known.*\.csv .*\.txt"):
        read(tmp_path / "a.odt", "Text.")


# Folders -------------------------------------------------------------------------------------------------


def names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in article_files(folder)[0]]


def test_folder_is_searched_through_in_name_order(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "sub/deep/c.HTML", "sub/d.jsonl"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert names(tmp_path) == ["a.md", "b.txt", "sub/d.jsonl", "sub/deep/c.HTML"]


@pytest.mark.parametrize(
    "name",
    [".hidden.txt", ".git/a.txt", "README.md", "readme.txt", "LICENSE.md", "a.py", "a.odt", "txt"]
    + ["a.tar.gz", "a.py.gz", ".a.txt.gz", "readme.md.gz", "gz", "a.gz"],
)
def test_what_is_no_article_is_passed_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["licence-fee-to-rise.txt", "license-plates-stolen.md", "copying-machines-banned.html"]
)
def test_story_whose_name_begins_like_a_licence_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert names(tmp_path) == [name]


def test_loop_of_links_between_folders_ends(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").touch()
    (tmp_path / "sub" / "up").symlink_to(tmp_path, target_is_directory=True)
    assert names(tmp_path) == ["sub/a.txt"]


@pytest.mark.skipif(sys.platform == "darwin", reason="paths are not as long as that")
def test_folders_nested_deeper_than_python_recurses_are_searched_through(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(1500):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        os.close(os.open("a.txt", os.O_CREAT, dir_fd=here))
    finally:
        os.close(here)
    found = names(tmp_path)
    subprocess.run(["rm", "-r", tmp_path / "d"], check=True)  # pytest's own way recurses, too
    assert found == ["d/" * 1500 + "a.txt"]


def test_link_to_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "up.txt").symlink_to(tmp_path / "sub", target_is_directory=True)
    assert names(tmp_path) == []


def test_folder_with_the_suffix_of_a_file_is_searched_through(tmp_path: Path) -> None:
    (tmp_path / "x.txt").mkdir()
    (tmp_path / "x.txt" / "a.txt").touch()
    assert names(tmp_path) == ["x.txt/a.txt"]


# Formats -------------------------------------------------------------------------------------------------


@pytest.fixture
def shouting_format(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A format that is one module more in the package of loaders."""
    folder = tmp_path_factory.mktemp("more")
    (folder / "shouting.py").write_text(
        "from index.loaders.record import Record\n\nSUFFIXES = ('.shout',)\n\n\n"
        "def load(file):\n    yield Record(text=file.text().upper())\n"
    )
    monkeypatch.setattr(index.loaders, "__path__", [*index.loaders.__path__, str(folder)])
    loaders.cache_clear()
    yield
    loaders.cache_clear()
    sys.modules.pop("index.loaders.shouting", None)


def test_new_format_needs_one_module_and_nothing_else(tmp_path: Path, shouting_format: None) -> None:
    assert read_one(tmp_path / "a.shout", "text.").text == "TEXT."
    assert names(tmp_path) == ["a.shout"]
    assert ".shout" in known_formats()


def test_formats_are_those_of_the_modules_in_the_package() -> None:
    assert known_formats().split() == sorted(
        [".csv", ".json", ".jsonl", ".ndjson", ".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".docx"]
        + [".epub", ".eml", ".rss", ".atom", ".rdf", ".xml", ".gz", ".zip"]
    )
