"""Backups: enough to rebuild an index anywhere."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.errors import ArticleQAError
from index.settings import IndexSettings
from index.store import Index

BOTH_SETUPS = True


@pytest.fixture
def other(tmp_path: Path) -> IndexSettings:
    """Settings of a second index, in a folder."""
    return IndexSettings.build(index=tmp_path / "other.index")


@pytest.fixture
def filled(index: Index, articles: Path) -> Index:
    """An index of some articles, one of several chunks."""
    (articles / "long.txt").write_text(" ".join(f"The ferry Lady Isolde left on day {day}." for day in range(120)))
    (articles / "short.txt").write_text("A comet was discovered by two amateurs.")
    index.update([articles])
    return index


def state(index: Index) -> list[object]:
    """All that a reader can see of an index."""
    return [(article, [v.article for v in index.versions(article.id)]) for article in index.articles()]


@pytest.mark.parametrize("name", ["backup.jsonl", "backup.jsonl.gz"])
def test_imported_backup_gives_the_same_articles_under_the_same_ids(
    seed_index: Path, other: IndexSettings, tmp_path: Path, name: str
) -> None:
    with Index(IndexSettings.build(index=seed_index)) as index, Index(other, create=True) as again:
        assert index.export(tmp_path / name) == index.counts()[0]
        report = again.restore(tmp_path / name)
        assert (report.added, report.failed) == (index.counts()[0], [])
        assert state(again) == state(index)
        query = "Lukashenko asked for help"
        assert [p.chunk_id for p in again.search(query)] == [p.chunk_id for p in index.search(query)]


def vectors(index: Index) -> dict[str, object]:
    """The chunks of all articles, with their vectors as they are stored."""
    return {article.id: index._ledger.stored_chunks(article.id) for article in index.articles()}


def test_index_moves_from_one_set_up_to_another_and_back_without_being_embedded(
    filled: Index, other: IndexSettings, tmp_path: Path
) -> None:
    before = vectors(filled)
    filled.export(tmp_path / "there.jsonl")
    with Index(other, create=True) as there:
        report = there.restore(tmp_path / "there.jsonl")
        assert (report.added, report.chunks_embedded) == (2, 0)
        assert vectors(there) == before
        assert there.search("shipwreck")[0].article == filled.search("shipwreck")[0].article
        assert there.examine() == []
        there.export(tmp_path / "back.jsonl")
    filled.remove(list(before))
    assert filled.restore(tmp_path / "back.jsonl").chunks_embedded == 0
    assert vectors(filled) == before
    assert filled.examine() == []


def other_model(line: dict[str, Any]) -> None:
    line["fingerprint"] = "another@1"


def half_of_the_vectors(line: dict[str, Any]) -> None:
    line["vectors"] = line["vectors"][: len(line["vectors"]) // 8 * 4]


def no_base64(line: dict[str, Any]) -> None:
    line["vectors"] = "?"


def first_chunk_is_missing(line: dict[str, Any]) -> None:
    del line["chunks"][0]


def chunk_behind_the_text(line: dict[str, Any]) -> None:
    line["chunks"][-1][1] += 1


def none_at_all(line: dict[str, Any]) -> None:
    for name in ("fingerprint", "chunks", "vectors"):
        del line[name]


@pytest.mark.parametrize(
    "change",
    [other_model, half_of_the_vectors, no_base64, first_chunk_is_missing, chunk_behind_the_text, none_at_all],
)
def test_article_whose_vectors_in_the_backup_are_not_of_use_is_embedded(
    filled: Index, other: IndexSettings, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    path = tmp_path / "backup.jsonl"
    filled.export(path)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        change(line)
    path.write_text("\n".join(map(json.dumps, lines)))
    with Index(other, create=True) as again:
        report = again.restore(path)
        assert (report.added, report.failed) == (2, [])
        assert report.chunks_embedded == again.counts()[1] == filled.counts()[1]


def test_backup_holds_earlier_versions(index: Index, articles: Path, other: IndexSettings, tmp_path: Path) -> None:
    (articles / "a.txt").write_text("The toll stands at 12.")
    index.update([articles])
    (articles / "a.txt").write_text("The toll stands at 17.")
    index.update([articles])
    index.export(tmp_path / "backup.jsonl")
    with Index(other, create=True) as again:
        again.restore(tmp_path / "backup.jsonl")
        (article,) = again.articles()
        (version,) = again.versions(article.id)
        assert (version.article.text, article.text) == ("The toll stands at 12.", "The toll stands at 17.")
        assert version == index.versions(article.id)[0]


def test_importing_twice_embeds_nothing_the_second_time(seed_index: Path, other: IndexSettings, tmp_path: Path) -> None:
    with Index(IndexSettings.build(index=seed_index)) as index:
        index.export(tmp_path / "backup.jsonl")
    with Index(other, create=True) as again:
        first, second = (again.restore(tmp_path / "backup.jsonl") for _ in range(2))
        assert (second.added, second.changed, second.chunks_embedded) == (0, 0, 0)
        assert second.unchanged == first.added


def test_imported_article_is_updated_by_its_file(
    index: Index, articles: Path, other: IndexSettings, tmp_path: Path
) -> None:
    (articles / "a.txt").write_text("The toll stands at 12.")
    index.update([articles])
    index.export(tmp_path / "backup.jsonl")
    (articles / "a.txt").write_text("The toll stands at 17.")
    with Index(other, create=True) as again:
        again.restore(tmp_path / "backup.jsonl")
        report = again.update([articles])
        assert (report.added, report.changed) == (0, 1)


def test_bad_line_is_named_by_its_number_and_the_rest_goes_in(index: Index, tmp_path: Path) -> None:
    lines = [json.dumps({"id": id_, "title": "Toll", "text": f"The toll of {id_} stands at 12."}) for id_ in "ac"]
    path = tmp_path / "backup.jsonl"
    path.write_text("\n".join([lines[0], '{"id": "b"}', "nonsense", lines[1]]))
    report = index.restore(path)
    assert report.added == 2
    assert [problem.cause[:6] for problem in report.failed] == ["line 2", "line 3"]


@pytest.mark.parametrize("content", [None, b"\x1f\x8b broken", b"\xff\xfe\xfd"])
def test_what_is_no_backup_is_refused_and_changes_nothing(index: Index, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "backup.jsonl.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ArticleQAError, match="cannot be read as a backup"):
        index.restore(path)
    assert index.counts() == (0, 0)


def test_backup_cut_short_is_refused_and_changes_nothing(index: Index, seed_index: Path, tmp_path: Path) -> None:
    with Index(IndexSettings.build(index=seed_index)) as seeds:
        seeds.export(tmp_path / "backup.jsonl.gz")
    whole = (tmp_path / "backup.jsonl.gz").read_bytes()
    (tmp_path / "backup.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ArticleQAError, match="cannot be read as a backup"):
        index.restore(tmp_path / "backup.jsonl.gz")
    assert index.counts() == (0, 0)


def test_export_replaces_a_file_only_once_the_new_one_is_whole(index: Index, tmp_path: Path) -> None:
    (tmp_path / "backup.jsonl.gz").write_bytes(gzip.compress(b"old"))
    index.export(tmp_path / "backup.jsonl.gz")
    assert gzip.decompress((tmp_path / "backup.jsonl.gz").read_bytes()) == b""
    assert sorted(path.name for path in tmp_path.glob("*.jsonl*")) == ["backup.jsonl.gz"]


def test_file_that_cannot_be_written_is_refused_with_the_remedy(index: Index, tmp_path: Path) -> None:
    with pytest.raises(ArticleQAError, match="Give another file"):
        index.export(tmp_path / "missing" / "backup.jsonl")
