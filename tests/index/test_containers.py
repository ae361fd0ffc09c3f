"""Compressed files and archives: read without being unpacked, however hostile."""

import gzip
import io
import json
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from index.article import Article
from index.errors import LoadError
from index.intake import article_of
from index.loaders import budget, read_articles
from index.loaders.record import Record

MAX_BYTES = 1_000_000


def read(path: Path, data: bytes, *, max_bytes: int = MAX_BYTES) -> list[Record | LoadError]:
    path.write_bytes(data)
    return list(read_articles(path, max_bytes=max_bytes))


def zipped(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def texts(found: list[Record | LoadError]) -> list[str]:
    return [record.text for record in found if isinstance(record, Record)]


def errors(found: list[Record | LoadError]) -> list[str]:
    return [str(error) for error in found if isinstance(error, LoadError)]


def articles(path: Path, found: list[Record | LoadError]) -> list[Article]:
    return [article_of(record, str(path))[0] for record in found if isinstance(record, Record)]


# Compressed files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt.gz", "date 2020-08-23 The ferry sank."),
        ("a.md.gz", "---\ndate: 2020-08-23\n---\nThe ferry sank."),
        ("a.jsonl.gz", '{"date": "2020-08-23", "text": "The ferry sank."}\n'),
        ("A.CSV.GZ", "date,text\n2020-08-23,The ferry sank.\n"),
    ],
)
def test_compressed_file_is_read_in_the_format_of_its_name(tmp_path: Path, name: str, content: str) -> None:
    (record,) = read(tmp_path / name, gzip.compress(content.encode()))
    assert isinstance(record, Record) and (record.text.strip(), record.date) == ("The ferry sank.", "2020-08-23")


def test_compressed_records_are_read_one_by_one(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"text": f"Story {number}. " + "x" * 10_000}) + "\n" for number in range(3_000))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(lines.encode()))
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_articles(path, max_bytes=500_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 3_000
    assert peak < len(lines) / 10


def test_name_without_a_format_inside_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"\.tar is not known"):
        read(tmp_path / "a.tar.gz", gzip.compress(b"x"))


def test_compressed_file_cut_short_gives_what_is_whole(tmp_path: Path) -> None:
    lines = b"".join(b'{"text": "Story %d."}\n' % number for number in range(50_000))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(lines)[:-5_000])
    found = []
    with pytest.raises(LoadError, match="cut short"):
        for record in read_articles(path, max_bytes=MAX_BYTES):
            found.append(record)
    assert len(found) > 10_000


def test_file_that_is_not_compressed_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="Not a gzipped file"):
        read(tmp_path / "a.txt.gz", b"The ferry sank.")


# Archives ----------------------------------------------------------------------------------------------------


def test_files_of_an_archive_are_read_each_in_its_format(tmp_path: Path) -> None:
    data = zipped({"a.txt": "One.", "sub/b.md": "# B\n\nTwo.", "c.jsonl": '{"text": "Three."}\n{"text": "Four."}'})
    assert [text.strip() for text in texts(read(tmp_path / "a.zip", data))] == ["One.", "Two.", "Three.", "Four."]


def test_what_is_no_article_in_a_folder_is_none_in_an_archive(tmp_path: Path) -> None:
    names = ["a.py", "README.md", ".hidden.txt", "__MACOSX/a.txt", "__MACOSX/._a.txt", ".git/a.txt", "d.txt/"]
    data = zipped({"a.txt": "One."} | dict.fromkeys(names, "No."))
    assert texts(read(tmp_path / "a.zip", data)) == ["One."]


def test_articles_of_an_archive_are_of_one_file_and_told_apart_by_their_names(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    records = '{"id": "1", "text": "Three."}\n{"id": "2", "text": "Four."}'
    data = zipped({"a.txt": "One.", "b.txt": "One.", "c.jsonl": records, "d.jsonl": records})
    found = articles(path, read(path, data))
    assert {article.path for article in found} == {str(path)}
    assert len({article.id for article in found}) == 6


def test_article_keeps_its_id_when_others_are_added_or_its_text_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    (before,) = articles(path, read(path, zipped({"b.txt": "One."})))
    after = articles(path, read(path, zipped({"a.txt": "New.", "b.txt": "Changed."})))
    assert after[1].id == before.id and after[1].text == "Changed."


def test_bad_file_of_an_archive_is_reported_by_name_and_the_rest_is_read(tmp_path: Path) -> None:
    bad = {"bad.txt": b"\x00\x01", "bad.json": "{", "bad.jsonl": '{"text":\n{"text": "Two."}', "empty.txt": ""}
    found = read(tmp_path / "a.zip", zipped({"a.txt": "One."} | bad | {"z.txt": "Three."}))
    assert texts(found) == ["One.", "Two.", "Three."]
    assert [error.split(": ")[0] for error in errors(found)] == ["bad.txt", "bad.json", "bad.jsonl", "empty.txt"]
    assert "bad.jsonl: line 1: " in errors(found)[2]


def test_damaged_file_of_an_archive_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    data = zipped({"a.txt": "The ferry sank.", "b.txt": "Two."}, zipfile.ZIP_STORED)
    found = read(tmp_path / "a.zip", data.replace(b"The ferry sank.", b"The ferry swam.", 1))
    assert texts(found) == ["Two."] and "a.txt: is damaged" in errors(found)[0]


def test_file_larger_than_an_article_may_be_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    found = read(tmp_path / "a.zip", zipped({"a.txt": "x" * 2_000, "b.txt": "Two."}), max_bytes=1_000)
    assert texts(found) == ["Two."] and "a.txt: the file is larger" in errors(found)[0]


def test_encrypted_file_is_reported(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": "One.", "b.txt": "Two."}))
    data[6] |= 1  # the flag, as the file's own header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and the archive's list have it
    found = read(tmp_path / "a.zip", bytes(data))
    assert texts(found) == ["Two."] and "a.txt: is encrypted" in errors(found)[0]


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_compression_that_may_ask_for_any_memory_is_not_read(tmp_path: Path, method: int) -> None:
    (error,) = read(tmp_path / "a.zip", zipped({"a.txt": "One."}, method))
    assert "compressed in a way" in str(error)


def test_link_in_an_archive_is_no_article(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("passwd.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.txt", "One.")
    assert texts(read(tmp_path / "a.zip", buffer.getvalue())) == ["One."]


def test_name_that_leads_out_of_the_archive_is_only_a_name(tmp_path: Path) -> None:
    found = read(tmp_path / "a.zip", zipped({"../../evil.txt": "One.", "/etc/cron.txt": "Two."}))
    assert texts(found) == ["One.", "Two."]
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.parametrize("files", [{}, {"a.py": "x"}])
def test_archive_without_articles_is_refused(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    with pytest.raises(LoadError, match="holds no articles"):
        read(tmp_path / "a.zip", zipped(files))


@pytest.mark.parametrize("data", [b"PK\x03\x04 not really", b"The ferry sank."])
def test_file_that_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(LoadError, match=r"not a valid \.zip"):
        read(tmp_path / "a.zip", data)


# Archives in archives, and bombs -----------------------------------------------------------------------------


def test_archive_in_an_archive_is_read(tmp_path: Path) -> None:
    inner = zipped({"a.txt": "One.", "b.txt.gz": gzip.compress(b"Two.")})
    found = read(tmp_path / "a.zip", zipped({"inner.zip": inner, "c.jsonl.gz": gzip.compress(b'{"text": "Three."}')}))
    assert texts(found) == ["One.", "Two.", "Three."]
    assert [record.id for record in found if isinstance(record, Record)][:2] == [
        "inner.zip#a.txt",
        "inner.zip#b.txt.gz",
    ]


def test_archives_nested_too_deep_are_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    data = zipped({"deep.txt": "Deep."})
    for _ in range(20):
        data = zipped({"a.zip": data, "b.txt": "Beside."})
    found = read(tmp_path / "a.zip", data)
    assert texts(found) == ["Beside."] * 3
    (error,) = errors(found)
    assert "a.zip: a.zip: a.zip: lies in 3 archives" in error


def test_compression_nested_too_deep_is_refused(tmp_path: Path) -> None:
    data = b"One."
    for _ in range(5):
        data = gzip.compress(data)
    with pytest.raises(LoadError, match="lies in 3 archives"):
        read(tmp_path / "a.txt.gz.gz.gz.gz.gz", data)


def test_archive_that_unpacks_to_too_much_ends_there(tmp_path: Path) -> None:
    blank = gzip.compress((b" " * 9_999 + b"\n") * 300)
    data = zipped({"a.txt": "One."} | {f"{number}.jsonl.gz": blank for number in range(99)})
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    found = []
    with pytest.raises(LoadError, match="unpacks to more than is reasonable"):
        for record in read_articles(path, max_bytes=100_000):
            found.append(record)
    assert texts(found) == ["One."] and len(found) < 10


def test_one_line_that_unpacks_to_too_much_ends_there(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="unpacks to more than is reasonable"):
        read(tmp_path / "a.jsonl.gz", gzip.compress(b"x" * 30_000_000), max_bytes=100_000)


def test_archive_of_too_many_files_ends_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "_MAX_MEMBERS", 10)
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({f"{number}.txt": "One." for number in range(20)}))
    found = []
    with pytest.raises(LoadError, match="more than 10 files"):
        for record in read_articles(path, max_bytes=MAX_BYTES):
            found.append(record)
    assert len(found) == 10


def test_archive_that_lies_about_the_size_of_its_list_is_not_believed(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": "One."}))
    end = data.index(b"PK\x05\x06")
    data[end + 12 : end + 16] = struct.pack("<L", 3_000_000_000)
    with pytest.raises(LoadError):
        read(tmp_path / "a.zip", bytes(data))


def test_archive_that_lies_about_the_size_of_a_file_gives_no_more_of_it(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": "x" * 10_000_000}))
    listed = data.index(b"PK\x01\x02")
    data[listed + 24 : listed + 28] = struct.pack("<L", 5)
    path = tmp_path / "a.zip"
    tracemalloc.start()
    try:
        found = read(path, bytes(data))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(errors(found)) == 1 and peak < 2_000_000
