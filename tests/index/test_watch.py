"""Watching a folder: files come and go, and the index with them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from index.errors import ArticleQAError
from index.report import Report
from index.store import Index
from index.watch import watch

STORIES = {"a.txt": "The toll stands at 12.", "b.txt": "The ferry ran aground off Carrow."}


@pytest.fixture
def watched(index: Index, articles: Path) -> Iterator[Callable[[], Report]]:
    """Gives the next report of a folder that is watched in a thread of its own."""
    from queue import Queue

    for name, story in STORIES.items():
        (articles / name).write_text(story)
    until, reports = Event(), Queue[Report]()

    def work() -> None:
        for report in watch(index, [articles], until=until):
            reports.put(report)

    thread = Thread(target=work)
    thread.start()
    yield lambda: reports.get(timeout=90)
    until.set()
    thread.join(timeout=90)
    assert not thread.is_alive()


def names(index: Index) -> set[str]:
    return {Path(article.path or "").name for article in index.articles()}


def test_what_is_there_is_indexed_first(index: Index, watched: Callable[[], Report]) -> None:
    assert watched().added == 2
    assert names(index) == {"a.txt", "b.txt"}


def test_new_file_is_indexed(index: Index, articles: Path, watched: Callable[[], Report]) -> None:
    watched()
    (articles / "c.txt").write_text("The lighthouse was lit again.")
    assert watched().added == 1
    assert "c.txt" in names(index)


def test_changed_file_is_a_new_version(index: Index, articles: Path, watched: Callable[[], Report]) -> None:
    watched()
    (articles / "a.txt").write_text("The toll stands at 17.")
    assert watched().changed == 1
    assert "17" in index.search("toll")[0].text


def test_deleted_file_is_removed(index: Index, articles: Path, watched: Callable[[], Report]) -> None:
    watched()
    (articles / "a.txt").unlink()
    assert watched().removed == 1
    assert names(index) == {"b.txt"}


def test_deleted_folder_takes_its_files_along(index: Index, articles: Path, watched: Callable[[], Report]) -> None:
    watched()
    (articles / "sub").mkdir()
    (articles / "sub" / "c.txt").write_text("The lighthouse was lit again.")
    assert watched().added == 1
    (articles / "sub" / "c.txt").unlink()
    (articles / "sub").rmdir()
    assert watched().removed == 1
    assert names(index) == {"a.txt", "b.txt"}


def test_renamed_file_is_moved(index: Index, articles: Path, watched: Callable[[], Report]) -> None:
    watched()
    (articles / "a.txt").rename(articles / "z.txt")
    report = watched()
    assert (report.added, report.removed) == (1, 1)
    assert names(index) == {"z.txt", "b.txt"}


def test_what_holds_no_article_is_passed_over(index: Index, articles: Path, watched: Callable[[], Report]) -> None:
    watched()
    (articles / "notes.xyz").write_text("scribble")
    (articles / ".hidden.txt").write_text("scribble")
    (articles / "c.txt").write_text("The lighthouse was lit again.")
    report = watched()
    assert (report.added, report.failed) == (1, [])


def test_what_is_no_folder_cannot_be_watched(index: Index, articles: Path) -> None:
    with pytest.raises(ArticleQAError, match="is no folder"):
        next(watch(index, [articles / "missing"]))
