import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import build
from index.report import Progress
from index.store import Index

BOTH_SETUPS = True

FERRY = "The ferry Lady Isolde sank off Tarnsey."
COMET = "A comet was discovered by two amateurs."
DAM = "A crack was found in the Brannoch Dam."


@pytest.fixture
def three(articles: Path) -> Path:
    """A folder with three articles."""
    (articles / "ferry.txt").write_text(FERRY)
    (articles / "comet.txt").write_text(COMET)
    (articles / "dam.txt").write_text(DAM)
    return articles


def texts(index: Index) -> set[str]:
    """What is indexed, by the ledger; Chroma must agree on how much."""
    found = {article.text for article in index.articles()}
    assert {passage.article.text for passage in index.search("news", limit=99)} == found
    return found


def titled(title: str, text: str, url: str) -> str:
    return f"---\ntitle: {title}\nurl: {url}\n---\n{text}"


# What changed ----------------------------------------------------------------------------------------------


def test_folder_is_indexed(index: Index, three: Path) -> None:
    report = index.update([three])
    assert (report.added, report.changed, report.unchanged, report.removed) == (3, 0, 0, 0)
    assert report.chunks_embedded == index.counts()[1] == 3
    assert report.seconds > 0 and report.failed == report.warnings == []
    assert texts(index) == {FERRY, COMET, DAM}


def test_unchanged_articles_are_not_embedded_again(index: Index, three: Path) -> None:
    index.update([three])
    report = index.update([three])
    assert (report.unchanged, report.chunks_embedded) == (3, 0)
    assert (report.added, report.changed, report.removed) == (0, 0, 0)


def test_touched_file_is_not_embedded_again(index: Index, three: Path) -> None:
    index.update([three])
    os.utime(three / "ferry.txt", (0, 0))
    (three / "comet.txt").write_text(COMET + "\n\n  \n")
    assert index.update([three]).chunks_embedded == 0


def test_added_file_embeds_only_its_own_chunks(index: Index, three: Path) -> None:
    index.update([three])
    (three / "vote.txt").write_text("The vote is over.")
    report = index.update([three])
    assert (report.added, report.unchanged, report.chunks_embedded) == (1, 3, 1)
    assert index.search("election")[0].text == "The vote is over."


def test_changed_file_replaces_its_passages(index: Index, three: Path) -> None:
    index.update([three])
    (three / "ferry.txt").write_text("The vote is over.")
    report = index.update([three])
    assert (report.added, report.changed, report.unchanged, report.chunks_embedded) == (0, 1, 2, 1)
    assert texts(index) == {"The vote is over.", COMET, DAM}
    assert all(passage.lexical == 0 for passage in index.search("Isolde"))


def test_changed_date_alone_is_a_change(index: Index, articles: Path) -> None:
    (articles / "a.txt").write_text(f"date 2020-08-22 {FERRY}")
    index.update([articles])
    (articles / "a.txt").write_text(f"date 2020-08-23 {FERRY}")
    assert index.update([articles]).changed == 1
    assert [str(article.date) for article in index.articles()] == ["2020-08-23"]


def test_deleted_file_is_removed(index: Index, three: Path) -> None:
    index.update([three])
    (three / "ferry.txt").unlink()
    report = index.update([three])
    assert (report.removed, report.unchanged, report.chunks_embedded) == (1, 2, 0)
    assert texts(index) == {COMET, DAM}


def test_deleted_record_is_removed(index: Index, articles: Path) -> None:
    records = [json.dumps({"id": text[:3], "text": text}) for text in (FERRY, COMET)]
    (articles / "a.jsonl").write_text("\n".join(records))
    index.update([articles])
    (articles / "a.jsonl").write_text(records[1])
    assert index.update([articles]).removed == 1
    assert texts(index) == {COMET}


def test_what_is_elsewhere_stays(index: Index, three: Path, tmp_path: Path) -> None:
    (tmp_path / "articles too").mkdir()
    (tmp_path / "articles too" / "vote.txt").write_text("The vote is over.")
    index.update([three, tmp_path / "articles too"])
    report = index.update([three])
    assert report.removed == 0 and len(texts(index)) == 4


def test_updating_one_file_leaves_its_neighbours_alone(index: Index, three: Path) -> None:
    index.update([three])
    (three / "ferry.txt").unlink()
    report = index.update([three / "comet.txt"])
    assert (report.removed, report.unchanged) == (0, 1)
    assert texts(index) == {FERRY, COMET, DAM}


def test_folder_that_became_empty_keeps_its_articles_and_says_so(index: Index, three: Path) -> None:
    """Perhaps a disk that is not mounted."""
    index.update([three])
    for path in three.iterdir():
        path.unlink()
    report = index.update([three])
    assert report.removed == 0 and texts(index) == {FERRY, COMET, DAM}
    assert [problem.where for problem in report.failed] == [str(three)]
    assert "holds no articles" in report.failed[0].cause


def test_folder_that_is_gone_keeps_its_articles_and_says_so(index: Index, three: Path) -> None:
    index.update([three])
    three.rename(three.with_name("elsewhere"))
    report = index.update([three])
    assert report.removed == 0 and len(texts(index)) == 3
    assert "no such file" in report.failed[0].cause


def test_part_of_a_folder_that_cannot_be_listed_keeps_its_articles_and_is_named(
    index: Index, three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (three / "private").mkdir()
    (three / "private" / "vote.txt").write_text("The vote is over.")
    index.update([three])
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("private"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = index.update([three])
    assert report.removed == 0 and len(texts(index)) == 4
    assert any("private" in problem.where and "Permission denied" in problem.cause for problem in report.failed)


# Which article it is -----------------------------------------------------------------------------------------


def test_moved_file_with_a_url_is_not_embedded_again(index: Index, articles: Path) -> None:
    (articles / "a.md").write_text(titled("Ferry", FERRY, "https://a.example/1"))
    index.update([articles])
    (articles / "sub").mkdir()
    (articles / "a.md").rename(articles / "sub" / "b.md")
    report = index.update([articles])
    assert (report.unchanged, report.removed, report.chunks_embedded) == (1, 0, 0)
    assert [article.path for article in index.articles()] == [str(articles / "sub" / "b.md")]


def test_moved_file_is_removed_when_it_vanishes_from_its_new_place(index: Index, three: Path) -> None:
    (three / "a.md").write_text(titled("Vote", "The vote is over.", "https://a.example/1"))
    index.update([three])
    (three / "a.md").rename(three / "b.md")
    index.update([three])
    (three / "b.md").unlink()
    assert index.update([three]).removed == 1


def test_same_url_twice_with_the_same_text_is_one_article(index: Index, articles: Path) -> None:
    for name in ("a.md", "b.md"):
        (articles / name).write_text(titled("Ferry", FERRY, "https://a.example/1"))
    report = index.update([articles])
    assert (report.added, report.failed) == (1, [])


def test_same_url_with_another_text_keeps_the_first_and_names_the_second(index: Index, articles: Path) -> None:
    (articles / "a.md").write_text(titled("Ferry", FERRY, "https://a.example/1"))
    (articles / "b.md").write_text(titled("Ferry", COMET, "https://a.example/1"))
    for report in (index.update([articles]), index.update([articles])):
        (problem,) = report.failed
        assert problem.where == str(articles / "b.md")
        assert "https://a.example/1" in problem.cause and str(articles / "a.md") in problem.cause
        assert texts(index) == {FERRY}


@pytest.mark.parametrize("way", ["{0}/../{1}", "{0}/./", "{0}/../{1}/ferry.txt"])
def test_same_file_by_another_way_is_the_same_article(index: Index, three: Path, way: str) -> None:
    index.update([three])
    report = index.update([Path(way.format(three, three.name))])
    assert report.added == 0 and index.counts()[0] == 3


def test_path_from_the_working_folder_is_the_same_as_the_full_one(
    index: Index, three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.update([three])
    monkeypatch.chdir(three.parent)
    assert index.update([Path("articles"), Path("articles/ferry.txt")]).unchanged == 3


# What goes wrong -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("bad.md", b"---\ntitle: [\n---\nText.", "front matter"),
        ("bad.md", b"---\na: " + b"[" * 5000 + b"\n---\nText.", "front matter"),
        ("bad.json", b"{", "not valid JSON"),
        ("bad.json", b'[{"text": "cut \\ud83d"}, {"headline": "no text"}]', "text"),
        ("bad.json", b'[{"text": "One.", "id": "\\ud83d"}, {"headline": "no text"}]', "text"),
        ("bad.txt", b"\x00\x01\x02", "binary"),
        ("bad.txt", b"", "empty"),
        ("bad.txt", b"Photo: AP", "no text"),
        ("bad.html", b"<html></html>", "no article text"),
        ("bad.csv", b"a,b\n1,2\n", "text"),
    ],
    ids=[
        "yaml",
        "deep yaml",
        "json",
        "half an emoji",
        "half an emoji for an id",
        "binary",
        "empty",
        "no text",
        "page",
        "csv",
    ],
)
def test_bad_file_is_named_with_its_cause_and_stops_no_other(
    index: Index, three: Path, name: str, content: bytes, cause: str
) -> None:
    (three / name).write_bytes(content)
    report = index.update([three])
    assert report.added >= 3 and {FERRY, COMET, DAM} <= texts(index)
    (problem,) = report.failed
    assert problem.where == str(three / name) and cause in problem.cause
    assert str(problem) == f"{problem.where}: {problem.cause}"


def test_file_name_that_is_no_utf_8_stops_no_other(index: Index, three: Path) -> None:
    with open(os.fsencode(three) + b"/caf\xe9.txt", "wb") as file:
        file.write(b"The cafe is closed.")
    report = index.update([three])
    assert report.added + len(report.failed) == 4
    assert {FERRY, COMET, DAM} <= texts(index)


def test_file_that_cannot_be_read_now_keeps_its_old_article(index: Index, three: Path) -> None:
    index.update([three])
    (three / "ferry.txt").write_bytes(b"\x00")
    report = index.update([three])
    assert (report.removed, report.unchanged, len(report.failed)) == (0, 2, 1)
    assert texts(index) == {FERRY, COMET, DAM}


def test_file_that_can_be_read_again_is_read(index: Index, three: Path) -> None:
    index.update([three])
    (three / "ferry.txt").write_bytes(b"\x00")
    index.update([three])
    (three / "ferry.txt").write_text("The vote is over.")
    assert index.update([three]).changed == 1
    assert texts(index) == {"The vote is over.", COMET, DAM}


def test_bad_record_keeps_the_articles_of_its_file(index: Index, articles: Path) -> None:
    (articles / "a.jsonl").write_text(json.dumps({"id": "1", "text": FERRY}))
    index.update([articles])
    (articles / "a.jsonl").write_text('{"id": "1", "text":\n' + json.dumps({"id": "2", "text": COMET}))
    report = index.update([articles])
    assert (report.added, report.removed, len(report.failed)) == (1, 0, 1)
    assert texts(index) == {FERRY, COMET}


def test_missing_file_and_unknown_format_are_named(index: Index, three: Path) -> None:
    (three / "a.odt").touch()
    report = index.update([three / "gone.txt", three / "a.odt", three / "ferry.txt"])
    assert report.added == 1
    assert [(Path(problem.where).name, problem.cause.split(";")[0]) for problem in report.failed] == [
        ("gone.txt", "no such file"),
        ("a.odt", "the format .odt is not known"),
    ]


def test_bad_date_is_a_warning_and_the_article_is_indexed(index: Index, articles: Path) -> None:
    (articles / "a.txt").write_text(f"date 2020-13-45 {FERRY}")
    report = index.update([articles])
    assert report.added == 1 and report.failed == []
    (warning,) = report.warnings
    assert warning.where == str(articles / "a.txt") and "2020-13-45" in warning.cause


# Progress --------------------------------------------------------------------------------------------------


def test_progress_counts_files_and_then_chunks(index: Index, three: Path) -> None:
    steps: list[Progress] = []
    index.update([three], on_progress=steps.append)
    reading = [step for step in steps if step.stage == "reading"]
    embedding = [step for step in steps if step.stage == "embedding"]
    assert steps == reading + embedding
    assert [(step.done, step.total) for step in reading] == [(1, 3), (2, 3), (3, 3)]
    assert [step.done for step in embedding] == sorted({step.done for step in embedding})
    assert (embedding[-1].done, embedding[-1].total) == (3, 3)


def test_nothing_to_embed_is_no_progress_in_embedding(index: Index, three: Path) -> None:
    index.update([three])
    steps: list[Progress] = []
    index.update([three], on_progress=steps.append)
    assert {step.stage for step in steps} == {"reading"}


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each article is a transaction of its own."""
    monkeypatch.setattr(build, "_COMMIT_CHUNKS", 1)
    yield


@pytest.mark.parametrize(("stage", "step", "kept"), [("reading", 2, 0), ("embedding", 1, 0), ("embedding", 3, 2)])
def test_interrupted_update_is_completed_by_the_next(
    index: Index, three: Path, one_by_one: None, stage: str, step: int, kept: int
) -> None:
    def interrupt(progress: Progress) -> None:
        if (progress.stage, progress.done) == (stage, step):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.update([three], on_progress=interrupt)
    assert len(texts(index)) == kept
    report = index.update([three])
    assert (report.unchanged, report.added, report.chunks_embedded) == (kept, 3 - kept, 3 - kept)
    assert texts(index) == {FERRY, COMET, DAM}


def test_interrupted_change_leaves_the_old_version(index: Index, three: Path) -> None:
    index.update([three])
    (three / "ferry.txt").write_text("The vote is over.")

    def interrupt(progress: Progress) -> None:
        if progress.stage == "embedding":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.update([three], on_progress=interrupt)
    assert texts(index) == {FERRY, COMET, DAM}
    assert index.update([three]).changed == 1


def test_error_of_the_callback_is_not_taken_for_one_of_the_index(index: Index, three: Path) -> None:
    def break_pipe(_: Progress) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(BrokenPipeError):
        index.update([three], on_progress=break_pipe)


# Many chunks -------------------------------------------------------------------------------------------------


def test_long_article_is_found_by_each_of_its_parts(index: Index, articles: Path) -> None:
    parts = [f"Item {number}: the {word} was sold. " * 30 for number, word in enumerate(["lamp", "horse", "bridge"])]
    (articles / "a.txt").write_text("\n".join(parts))
    index.update([articles])
    assert index.counts()[0] == 1 and index.counts()[1] >= 3
    for word in ("lamp", "horse", "bridge"):
        assert word in index.search(f"Who bought the {word}?")[0].text
