"""Whatever bytes a file holds, reading it ends in articles or in a LoadError that says why there are none."""

import gzip
import io
import json
import zipfile
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import LoadError
from index.intake import article_of
from index.loaders import loaders, read
from index.loaders.file import File
from index.loaders.record import Record
from tests.index.test_books_and_mail import STORY, chapter, docx, epub, mail, p
from tests.index.test_feeds import ITEM, atom, rss
from tests.index.test_pdf import column, pdf

MAX_BYTES = 100_000
MANY = 30


def read_all(data: bytes, name: str) -> None:
    """Read and take in everything. Raises for anything but what may happen."""
    with suppress(LoadError):
        for record in read(File.of(data, name, MAX_BYTES)):
            if isinstance(record, Record):
                with suppress(LoadError):
                    check(record)


def check(record: Record) -> None:
    article, _ = article_of(record, "file")
    for text in (article.text, article.title, article.source or "", article.url or ""):
        assert "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
    assert article.text and article.content_hash


@cache
def samples() -> dict[str, bytes]:
    """A valid file of every format."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as inside:
        inside.writestr("a.txt", STORY)
        inside.writestr("b.jsonl.gz", gzip.compress(b'{"text": "The ferry sank."}\n'))
    page = f"<html><head><title>Ferry</title></head><body><article><p>{STORY}</p></article></body></html>"
    files = {
        "a.txt": b"date 2020-08-23 " + STORY.encode(),
        "a.md": b"---\ntitle: Ferry\ndate: 2020-08-23\n---\n# Why\n\n**It** [sank](x).\n",
        "a.html": page.encode(),
        "a.json": b'{"articles": [{"text": "The ferry sank.", "source": {"name": "Mail"}, "date": "2020-08-23"}]}',
        "a.jsonl": b'{"id": 1, "text": "The ferry sank.", "date": "Aug. 23, 2020"}\n{"text": "Two."}\n',
        "a.csv": b'title,text,date\nFerry,"The ferry, it sank.",2020-08-23\n',
        "a.pdf": pdf(column("The ferry sank off Tarnsey.", "", "All are safe."), image=True, info="/Title (Ferry)"),
        "a.docx": docx(p("The ferry sank.", "Title") + p("End.")),
        "a.epub": epub({"a.xhtml": chapter("Ferry", STORY)}, dates="<dc:date>2020-08-23</dc:date>"),
        "a.eml": mail("The ferry sank.", "<p>The ferry sank.</p>", Date="Sun, 23 Aug 2020 06:30:00 +0000").as_bytes(),
        "a.rss": rss(ITEM, ITEM).encode(),
        "a.atom": atom("<title>A</title><id>urn:1</id><summary>It sank.</summary>").encode(),
        "a.jsonl.gz": gzip.compress(b'{"text": "The ferry sank."}\n' * 3),
        "a.zip": archive.getvalue(),
    }
    return files


def test_every_format_has_a_sample_and_every_sample_is_read() -> None:
    same = {".htm", ".xhtml", ".markdown", ".ndjson", ".xml", ".rdf"}
    assert set(loaders()) - same == {f".{name.rpartition('.')[2]}" for name in samples()}
    for name, data in samples().items():
        records = list(read(File.of(data, name, MAX_BYTES)))
        assert records and all(isinstance(record, Record) for record in records), name


@pytest.mark.parametrize("name", sorted(samples()))
@settings(max_examples=MANY)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode(errors="surrogatepass"))))
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    read_all(data, name)
    if name.endswith(".gz"):
        read_all(gzip.compress(data), name)


@pytest.mark.parametrize("name", sorted(samples()))
@settings(max_examples=2 * MANY)
@given(st.data())
def test_any_damage_is_read_or_refused(name: str, data: st.DataObject) -> None:
    """Bytes are replaced, cut out and put in at a few places of a valid file."""
    damaged = bytearray(samples()[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged)))
        cut = data.draw(st.sampled_from([0, 0, 1, 1, 2, 8, 100, 10_000]))
        damaged[at : at + cut] = data.draw(st.one_of(st.binary(max_size=8), st.sampled_from(BITS)))
    read_all(bytes(damaged), name)


# What parsers have choked on before.
BITS = [
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\\ud83d",
    b"&#0;&#xD800;&#xFFFFFF;",
    b"<![CDATA[",
    b"<!--",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"<p>" * 300,
    b"[" * 2_000,
    b'{"a":' * 2_000,
    b"1e999",
    b"9" * 5_000,
    b"\r\n\r\n",
    b"=?utf-8?b?/////w==?=",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"PK\x03\x04",
    b"endobj",
    b"---\n",
]


@settings(max_examples=MANY)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["text", "body", "date", "url", "source", "id", "title", "items"]), inner)
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused(content: object) -> None:
    for name in ("a.json", "a.jsonl"):
        read_all(json.dumps(content).encode(), name)
