import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pytest
from filelock import FileLock

from index import dense, publish
from index.article import Article, Chunk
from index.errors import IndexBusy, IndexNotFound, IndexUnusable, ModelError
from index.ledger import Ledger
from index.report import Progress
from index.schema import pack_text, unpack_vectors
from index.scope import Scope
from index.settings import IndexSettings
from index.store import Index

FERRY = "The ferry Lady Isolde sank off Tarnsey."
COMET = "A comet was discovered by two amateurs."


@pytest.fixture
def two(articles: Path) -> Path:
    """A folder with two articles."""
    (articles / "ferry.txt").write_text(FERRY)
    (articles / "comet.txt").write_text(COMET)
    return articles


@pytest.fixture
def filled(settings: IndexSettings, two: Path) -> IndexSettings:
    """Settings of an index of two articles that nobody has open."""
    with Index(settings, create=True) as index:
        index.update([two])
    return settings


def found_by_sense(index: Index, query: str = "shipwreck") -> list[str]:
    """What Chroma alone finds: texts of passages that share no word with the query."""
    return [passage.text for passage in index.search(query) if passage.lexical == 0]


# Opening ---------------------------------------------------------------------------------------------------


def test_missing_index_is_an_error_that_says_how_to_build_one(settings: IndexSettings) -> None:
    with pytest.raises(IndexNotFound) as caught:
        Index(settings)
    assert str(caught.value) == f"no index at {settings.index}. Build one: qa index PATH --index {settings.index}"
    assert not settings.index.exists()


def test_empty_folder_is_no_index(settings: IndexSettings) -> None:
    settings.index.mkdir()
    with pytest.raises(IndexNotFound):
        Index(settings)


def test_index_can_be_made_in_an_empty_folder_and_in_a_missing_one(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "not" / "there"):
        with Index(IndexSettings.build(index=folder), create=True) as index:
            assert index.counts() == (0, 0)


def test_making_an_index_that_exists_opens_it(filled: IndexSettings) -> None:
    with Index(filled, create=True) as index:
        assert index.counts() == (2, 2)


def test_index_is_the_same_when_opened_again(filled: IndexSettings) -> None:
    with Index(filled) as index:
        assert {article.text for article in index.articles()} == {FERRY, COMET}
        assert found_by_sense(index)[0] == FERRY


@pytest.mark.parametrize("create", [True, False])
def test_folder_with_other_things_in_it_is_refused_and_left_alone(settings: IndexSettings, create: bool) -> None:
    settings.index.mkdir()
    (settings.index / "holiday.jpg").touch()
    with pytest.raises(IndexUnusable, match="other things in it.*--index"):
        Index(settings, create=create)
    assert [path.name for path in settings.index.iterdir()] == ["holiday.jpg"]


@pytest.mark.parametrize("create", [True, False])
def test_file_in_the_place_of_the_folder_is_refused(settings: IndexSettings, create: bool) -> None:
    settings.index.write_text("not a folder")
    with pytest.raises(IndexUnusable, match="Not a directory"):
        Index(settings, create=create)


@pytest.mark.parametrize("content", [b"", b"garbage" * 1000])
def test_garbage_in_the_place_of_the_ledger_is_refused_with_the_remedy(settings: IndexSettings, content: bytes) -> None:
    settings.index.mkdir()
    (settings.index / "ledger.sqlite3").write_bytes(content)
    with pytest.raises(IndexUnusable, match="not an index or is damaged.*index again"):
        Index(settings, create=True)


def test_index_of_a_newer_version_is_refused_with_the_remedy(filled: IndexSettings) -> None:
    with sqlite3.connect(filled.index / "ledger.sqlite3") as db:
        db.execute("UPDATE meta SET value = '99' WHERE name = 'schema_version'")
    db.close()
    with pytest.raises(IndexUnusable, match="schema 99.*Update article-qa"):
        Index(filled)


@pytest.mark.parametrize("left", ["ledger.sqlite3.new", "ledger.sqlite3.new-wal", "ledger.sqlite3.new-journal"])
def test_index_whose_making_was_cut_short_can_be_made(settings: IndexSettings, left: str) -> None:
    settings.index.mkdir()
    (settings.index / left).write_bytes(b"half a ledger")
    with Index(settings, create=True) as index:
        assert index.counts() == (0, 0)


# The model -------------------------------------------------------------------------------------------------


def test_index_of_another_model_is_refused_with_the_remedy(filled: IndexSettings, tiny_model: Path) -> None:
    other = IndexSettings.build(index=filled.index, embedding_model=str(tiny_model))
    with pytest.raises(ModelError, match=rf"built with.*all-MiniLM-L6-v2, not with {tiny_model}.*qa index --rebuild"):
        Index(other)


def test_index_of_the_same_model_with_other_weights_is_refused_with_the_remedy(filled: IndexSettings) -> None:
    with Index(filled) as index:
        fingerprint = index.embedder.fingerprint
    ledger = Ledger(filled.index / "ledger.sqlite3")
    ledger.note(fingerprint="all-MiniLM-L6-v2@0000/int8.1")
    ledger.close()
    with Index(filled) as index, pytest.raises(ModelError, match=f"(?s)0000.*{fingerprint}.*qa index --rebuild"):
        index.search("ferry")


@pytest.mark.parametrize("name", ["tiny", "tiny@2"])
def test_index_of_another_model_can_be_opened_again_with_it(
    tiny_model: Path, tmp_path: Path, two: Path, name: str
) -> None:
    shutil.copytree(tiny_model, tmp_path / name)
    settings = IndexSettings.build(
        index=tmp_path / "articles.index", embedding_model=str(tmp_path / name), cache=tmp_path / "cache"
    )
    for added in (2, 0):
        with Index(settings, create=True) as index:
            assert index.update([two]).added == added
            assert len(index.search("ferry")) == 2


def test_model_can_be_chosen_only_once(settings: IndexSettings, tiny_model: Path, tmp_path: Path, two: Path) -> None:
    """Two who open an empty index with different models cannot both write to it."""
    other = IndexSettings.build(index=settings.index, embedding_model=str(tiny_model), cache=tmp_path / "cache")
    with Index(settings, create=True) as first, Index(other) as second:
        assert first.search("ferry") == second.search("ferry") == []
        first.update([two])
        with pytest.raises(ModelError):
            second.update([two])
        assert found_by_sense(first)[0] == FERRY


# Removing --------------------------------------------------------------------------------------------------


def test_removed_article_is_gone(filled: IndexSettings) -> None:
    with Index(filled) as index:
        ferry = index.search("ferry")[0].article
        assert index.remove([ferry.id, "unknown"]) == 1
        assert index.article(ferry.id) is None and index.counts() == (1, 1)
        assert [passage.text for passage in index.search("ferry")] == [COMET]


def test_removed_article_comes_back_with_the_next_update(filled: IndexSettings, two: Path) -> None:
    with Index(filled) as index:
        index.remove([index.search("ferry")[0].article.id])
        assert index.update([two]).added == 1
        assert found_by_sense(index)[0] == FERRY


@dataclass(frozen=True)
class Traces:
    """What an article leaves in the files of an index: words, its text as it is stored, its id, its vector."""

    words: tuple[bytes, ...]
    packed: tuple[bytes, ...]
    vector: np.ndarray

    @classmethod
    def of(cls, index: Path, text: str, *words: str) -> Self:
        ledger = Ledger(index / "ledger.sqlite3")
        (article,) = (article for article in ledger.articles() if article.text == text)
        ((_, vector),) = ledger.stored_chunks(article.id)
        ledger.close()
        packed = (pack_text(text), vector, article.id.encode())
        return cls(tuple(word.encode() for word in words), packed, unpack_vectors([vector])[0][:12])

    def left_in(self, index: Path) -> set[str]:
        """The names of the files that hold any of it."""
        files = (path for path in index.rglob("*") if path.is_file())
        return {path.name for path in files if self._stands_in(path.read_bytes())}

    def _stands_in(self, data: bytes) -> bool:
        if any(word in data.lower() for word in self.words) or any(packed in data for packed in self.packed):
            return True
        return any(self._vector_in(data[at:]) for at in range(4))

    def _vector_in(self, data: bytes) -> bool:
        floats = np.frombuffer(data[: len(data) // 4 * 4], dtype=np.float32)
        if len(floats) < len(self.vector):
            return False
        # Chroma rounds the last bits anew.
        windows = np.lib.stride_tricks.sliding_window_view(floats, len(self.vector))
        return bool(np.isclose(windows, self.vector, atol=1e-6).all(axis=1).any())


@pytest.mark.parametrize("way", ["removed", "vanished from its folder"])
def test_article_that_goes_is_erased_from_all_files(filled: IndexSettings, two: Path, eager: None, way: str) -> None:
    text = "The zyxomma flew over the quagga."
    (two / "wolpertinger.txt").write_text(text)
    with Index(filled) as index:
        index.update([two])
        traces = Traces.of(filled.index, text, "zyxomma", "quagga", "wolperting")
        assert len(traces.left_in(filled.index)) >= 2  # the ledger's and Chroma's
        if way == "removed":
            index.remove([index.search("zyxomma")[0].article.id])
        else:
            (two / "wolpertinger.txt").unlink()
            index.update([two])
        assert traces.left_in(filled.index) == set()  # while the index is still open
        assert len(index.search("news")) == 2


# Writers and readers ---------------------------------------------------------------------------------------


def test_writer_that_waits_too_long_is_told_who_is_busy_and_what_to_do(filled: IndexSettings, two: Path) -> None:
    hasty = filled.model_copy(update={"wait": 0.1})
    with FileLock(filled.index / "write.lock"), Index(hasty) as index:
        with pytest.raises(IndexBusy, match=r"another process.*over 0\.1 s.*--wait SECONDS"):
            index.update([two])
        with pytest.raises(IndexBusy):
            index.remove([])


def test_reader_does_not_wait_for_a_writer(filled: IndexSettings) -> None:
    with FileLock(filled.index / "write.lock"), Index(filled) as index:
        assert found_by_sense(index)[0] == FERRY


def test_second_writer_waits_for_the_first(filled: IndexSettings, two: Path) -> None:
    (two / "vote.txt").write_text("The vote is over.")
    lock = FileLock(filled.index / "write.lock", thread_local=False)
    lock.acquire()
    release = threading.Timer(0.5, lock.release)
    release.start()
    with Index(filled.model_copy(update={"wait": 60})) as index:
        assert index.update([two]).added == 1
    release.join()


def test_lock_is_free_after_an_update_that_failed(filled: IndexSettings, two: Path) -> None:
    def fail(_: Progress) -> None:
        raise RuntimeError

    with Index(filled) as index, pytest.raises(RuntimeError):
        index.update([two], on_progress=fail)
    with Index(filled.model_copy(update={"wait": 0})) as index:
        assert index.update([two]).unchanged == 2


@pytest.fixture
def update_by_another(filled: IndexSettings, two: Path, python: Callable[[str], str]) -> Callable[[], str]:
    """Lets another process update the index."""
    return lambda: python(
        "from pathlib import Path; from index.settings import IndexSettings; from index.store import Index\n"
        f"with Index(IndexSettings.build(index=Path({str(filled.index)!r}))) as index:\n"
        f"    index.update([Path({str(two)!r})])"
    )


def test_update_of_another_process_is_seen_by_the_next_search(
    filled: IndexSettings, two: Path, update_by_another: Callable[[], str]
) -> None:
    with Index(filled) as index:
        assert FERRY in found_by_sense(index)
        (two / "ferry.txt").write_text("A vessel went down in a storm.")
        update_by_another()
        assert found_by_sense(index) == ["A vessel went down in a storm.", COMET]


def test_update_of_another_process_is_seen_by_two_who_have_the_index_open_in_this_one(
    filled: IndexSettings, two: Path, update_by_another: Callable[[], str]
) -> None:
    with Index(filled) as first, Index(filled) as second:
        assert found_by_sense(first) == found_by_sense(second)
        (two / "ferry.txt").write_text("A vessel went down in a storm.")
        update_by_another()
        for index in (first, second):
            assert found_by_sense(index) == ["A vessel went down in a storm.", COMET]


def test_writer_keeps_what_another_process_wrote(
    filled: IndexSettings, two: Path, update_by_another: Callable[[], str]
) -> None:
    with Index(filled) as index:
        index.search("ferry")
        (two / "storm.txt").write_text("A vessel went down in a storm.")
        update_by_another()
        (two / "vote.txt").write_text("The election is over.")
        report = index.update([two])
        assert (report.added, report.unchanged) == (1, 3)
        assert len(found_by_sense(index)) == 4


@pytest.mark.parametrize("scope", [Scope(), Scope(sources=("Mail",))], ids=["all", "scoped"])
def test_other_threads_can_search_while_one_updates(filled: IndexSettings, two: Path, scope: Scope) -> None:
    for number in range(4):
        (two / f"{number}.md").write_text(f"---\nsource: Mail\n---\nBoat {number} sank.")
    found: list[int] = []
    with Index(filled) as index, ThreadPoolExecutor(1) as thread:

        def search(_: Progress) -> None:
            found.append(len(thread.submit(index.search, "ferry", scope=scope).result(timeout=60)))

        index.update([two], on_progress=search)
        assert len(index.search("ferry", scope=scope)) == (4 if scope else 6)
    assert found and set(found) <= {0, 2}


# What a crash leaves -----------------------------------------------------------------------------------------


def die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "where",
    [(dense, "publish"), (publish, "write_edition"), (publish, "delete_editions"), (Ledger, "published")],
    ids=["before Chroma follows", "while it follows", "after it followed", "before the ledger says so"],
)
def test_what_was_indexed_before_a_crash_is_found_after_it(
    filled: IndexSettings, two: Path, eager: None, monkeypatch: pytest.MonkeyPatch, where: tuple[object, str]
) -> None:
    (two / "ferry.txt").write_text("A vessel went down in a storm.")
    with monkeypatch.context() as patch, Index(filled) as index, pytest.raises(KeyboardInterrupt):
        patch.setattr(*where, die)
        index.update([two])
    with Index(filled) as index:
        assert found_by_sense(index) == ["A vessel went down in a storm.", COMET]
        report = index.update([two])
        assert (report.unchanged, report.chunks_embedded) == (2, 0)
        assert found_by_sense(index) == ["A vessel went down in a storm.", COMET]


def test_removal_that_was_cut_short_is_completed_by_the_next_change(
    filled: IndexSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    traces = Traces.of(filled.index, FERRY, "tarnsey")
    with Index(filled) as index:
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(dense, "publish", die)
            index.remove([index.search("ferry")[0].article.id])
        assert found_by_sense(index) == [COMET]
        index.remove([])
        assert traces.left_in(filled.index) == set()


# Damage ------------------------------------------------------------------------------------------------------


def edition(index: Path) -> Path:
    """The folder of the one edition."""
    (found,) = index.glob("vectors-*")
    return found


def garbage(edition: Path) -> None:
    (edition / "chroma.sqlite3").write_bytes(b"garbage" * 1000)


def half(edition: Path) -> None:
    os.truncate(edition / "chroma.sqlite3", 8192)


def emptied(edition: Path) -> None:
    (edition / "chroma.sqlite3").write_bytes(b"")


def a_file(edition: Path) -> None:
    shutil.rmtree(edition)
    edition.write_text("not a folder")


def no_graph(edition: Path) -> None:
    for path in edition.rglob("*.bin"):
        path.unlink()


def no_header(edition: Path) -> None:
    for path in edition.rglob("header.bin"):
        path.unlink()


def empty_graph(edition: Path) -> None:
    for path in edition.rglob("data_level0.bin"):
        path.write_bytes(b"")


@pytest.mark.parametrize("damage", [shutil.rmtree, garbage, half, emptied, a_file, no_graph, no_header, empty_graph])
def test_questions_are_answered_without_chroma_and_the_next_update_mends_it(
    filled: IndexSettings, two: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    damage(edition(filled.index))
    with Index(filled) as index:
        assert found_by_sense(index) == [FERRY, COMET]
        report = index.update([two])
        assert (report.unchanged, report.chunks_embedded) == (2, 0)
    caplog.clear()
    with Index(filled) as index:
        assert found_by_sense(index) == [FERRY, COMET]
    assert caplog.text == "" and edition(filled.index).is_dir()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> Path:
    """An index of more chunks than a question asks Chroma for; made of random vectors."""
    folder = tmp_path_factory.mktemp("large") / "articles.index"
    vectors = np.random.default_rng(0).normal(size=(1200, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with Index(IndexSettings.build(index=folder), create=True) as index:
        ledger = Ledger(folder / "ledger.sqlite3")
        ledger.replace((Article(f"{n}", "Text.", ""), [(Chunk(f"{n}", 0, 5), vectors[n])]) for n in range(1200))
        ledger.close()
        index.update([])
    return folder


@pytest.fixture
def large_copy(large: Path, tmp_path: Path) -> Iterator[IndexSettings]:
    shutil.copytree(large, tmp_path / "articles.index")
    yield IndexSettings.build(index=tmp_path / "articles.index")
    shutil.rmtree(tmp_path / "articles.index")


@pytest.mark.parametrize("damage", [garbage, no_graph, no_header, empty_graph])
def test_large_damaged_graph_is_mended_by_the_next_update(
    large_copy: IndexSettings, python: Callable[[str], str], damage: Callable[[Path], None]
) -> None:
    """In another process, for Chroma does not always survive such a graph itself."""
    damage(edition(large_copy.index))
    printed = python(
        "from pathlib import Path; from index.settings import IndexSettings; from index.store import Index\n"
        f"with Index(IndexSettings.build(index=Path({str(large_copy.index)!r}))) as index:\n"
        "    print(len(index.search('ferry', limit=99)), index.update([]).chunks_embedded)\n"
        "    print(len(index.search('ferry', limit=99)))"
    )
    assert printed.split() == ["60", "0", "60"]
    assert edition(large_copy.index).name == "vectors-000002"
