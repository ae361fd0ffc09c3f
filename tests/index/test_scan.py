"""A walk over files that are not as files should be."""

import os
import zipfile
from pathlib import Path

import pytest

from index.report import Report
from index.scan import Scan


class NoLedger:
    """A ledger that knows these articles."""

    def __init__(self, known: dict[str, tuple[str, str | None]] | None = None) -> None:
        self.known = known or {}

    def hashes(self) -> dict[str, tuple[str, str | None]]:
        return self.known

    def move(self, *_: object) -> None:
        pass


def scan(*paths: Path | str, ledger: NoLedger | None = None) -> tuple[list[str], list[str], Report]:
    """The new texts, the ids that vanished, and the report."""
    report = Report()
    walk = Scan(paths, ledger or NoLedger(), report, max_bytes=1_000_000)  # type: ignore[arg-type]
    texts = [article.text for article in walk.work(lambda _: None)]
    return texts, walk.vanished(), report


@pytest.mark.parametrize(
    "path", ["~nobody-of-that-name/a.txt", "a\x00b.txt", "x" * 5_000 + ".txt", "a.txt/b.txt", "https:/a.example/1"]
)
def test_path_that_cannot_be_is_named_and_stops_no_other(tmp_path: Path, path: str) -> None:
    (tmp_path / "a.txt").write_text("The ferry sank.")
    texts, _, report = scan(path, tmp_path / "a.txt")
    assert texts == ["The ferry sank."] and len(report.failed) == 1


def test_file_with_a_newline_in_its_name_is_read_and_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a\nb.txt").write_text("The ferry sank.")
    (tmp_path / "c\nd.txt").touch()
    texts, _, report = scan(tmp_path)
    assert texts == ["The ferry sank."]
    assert [str(problem) for problem in report.failed] == [f"{tmp_path}/c\\nd.txt: the file is empty"]


def test_file_that_changes_while_read_is_named_and_keeps_what_is_known_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "text": "One."}\n{"id": 2, "text": "Two."}\n')
    walk = Scan([path], NoLedger(), Report(), max_bytes=1_000_000)  # type: ignore[arg-type]
    known = {article.id: (article.content_hash, article.path) for article in walk.work(lambda _: None)}
    report = Report()
    walk = Scan([path], NoLedger(known | {"old": ("x", str(path))}), report, max_bytes=1_000_000)  # type: ignore[arg-type]
    is_news = walk._is_news

    def change_after_the_first(article: object) -> bool:
        os.utime(path, (0, 0))
        return is_news(article)  # type: ignore[arg-type]

    monkeypatch.setattr(walk, "_is_news", change_after_the_first)
    assert list(walk.work(lambda _: None)) == [] and walk.vanished() == []
    assert [problem.cause for problem in report.failed] == ["changed while it was read; index it again"]


def test_article_that_vanished_from_an_archive_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "One.")
    texts, vanished, _ = scan(tmp_path, ledger=NoLedger({"old": ("x", str(path))}))
    assert (texts, vanished) == (["One."], ["old"])
