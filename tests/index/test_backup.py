"""Backups: enough to rebuild an index anywhere."""

import gzip
import json
from pathlib import Path

import pytest

from index.errors import ArticleQAError
from index.settings import IndexSettings
from index.store import Index


@pytest.fixture
def other(tmp_path: Path) -> IndexSettings:
    """Settings of a second index."""
    return IndexSettings.build(index=tmp_path / "other.index")


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
