"""One changes an index while others ask: what they are told is of the state before or after each change."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import index.publish
import index.store
from index.scope import Scope
from index.search import Passage
from index.settings import IndexSettings
from index.store import Index
from tests.bench.together import Figures, measure
from tests.index import moving

SECONDS = 12
ARTICLES = {f"a{number}": 1 for number in range(30)}
NEXT = {name: 2 for name in ARTICLES}


# Processes -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> Figures:
    """What became of the questions of three processes while a fourth added, changed, removed and rebuilt."""
    figures, changes = measure(tmp_path_factory.mktemp("together"), seconds=SECONDS, articles=30, answers=False)
    assert changes > 3 and figures.asked > 30
    return figures


def test_no_question_fails_while_another_process_changes_the_index(figures: Figures) -> None:
    assert figures.failures == []


def test_every_passage_is_to_the_letter_of_an_article_there_is(figures: Figures) -> None:
    assert figures.wrong == []


def test_what_was_reported_as_indexed_is_found_by_the_next_question(figures: Figures) -> None:
    assert figures.missed == []
    assert max(figures.waits) < 10


# Threads -------------------------------------------------------------------------------------------------


@pytest.fixture
def moved(settings: IndexSettings, articles: Path, monkeypatch: pytest.MonkeyPatch) -> IndexSettings:
    """Settings of an index, embedded in no time, of articles that have changed since; Chroma follows each change."""
    monkeypatch.setattr(index.store, "load_embedder", lambda _: moving.ToyEmbedder())
    monkeypatch.setattr(index.publish, "_BEHIND_CHUNKS", 0)
    moving.write(articles, ARTICLES)
    with Index(settings, create=True) as opened:
        opened.update([articles])
    moving.write(articles, NEXT)
    return settings


def found(passages: list[Passage]) -> set[tuple[str, int | None]]:
    """The articles that were found, and in which version."""
    names = [(Path(passage.article.path or "").stem, passage.article.text) for passage in passages]
    return {(name, moving.version_of(name, text)) for name, text in names}


def during(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let another thread act in the midst of the next question, after it has begun to read the ledger."""
    search, once = index.store.search, threading.Lock()

    def meanwhile(*args: Any, **options: Any) -> list[Passage]:
        if once.acquire(blocking=False):
            options["ledger"].counts()
            with ThreadPoolExecutor(1) as thread:
                thread.submit(act).result()
        return search(*args, **options)

    monkeypatch.setattr(index.store, "search", meanwhile)


@pytest.mark.parametrize("scope", [Scope(), Scope(sources=("nobody",))], ids=["all", "none"])
def test_question_in_whose_midst_all_articles_change_is_told_of_one_state(
    moved: IndexSettings, articles: Path, monkeypatch: pytest.MonkeyPatch, scope: Scope
) -> None:
    with Index(moved) as opened:
        during(monkeypatch, lambda: opened.update([articles]))
        told = found(opened.search(moving.question("a7"), limit=30, scope=scope))
        assert {version for _, version in told} in ([set()] if scope else [{1}, {2}])


def test_question_that_another_overtakes_finds_by_sense_what_there_is(
    moved: IndexSettings, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other has opened an edition in which the chunks of the state before are no more."""
    with Index(moved) as opened:
        monkeypatch.setattr(opened._ledger, "match", lambda *_: {})

        def overtake() -> None:
            opened.update([articles])
            assert opened.search("harbour")

        during(monkeypatch, overtake)
        assert len(found(opened.search(moving.question("a7"), limit=20))) >= 10


def test_question_is_answered_while_the_index_is_rebuilt(moved: IndexSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[set[tuple[str, int | None]]] = []
    with Index(moved) as asked, Index(moved) as rebuilt:
        rebuilt.rebuild(on_progress=lambda _: told.append(found(asked.search(moving.question("a7")))))
        told.append(found(asked.search(moving.question("a7"))))
    assert len(told) > 1 and all(("a7", 1) in one for one in told)


def test_edition_that_is_deleted_while_it_is_opened_is_not_taken_for_an_empty_one(
    moved: IndexSettings, articles: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Chroma makes what it does not find."""
    from index import vectors

    real = vectors._open
    with Index(moved) as asked, Index(moved) as writer:
        monkeypatch.setattr(asked._ledger, "match", lambda *_: {})

        def too_late(path: Path, *group: int) -> tuple[Any, Any]:
            monkeypatch.setattr(vectors, "_open", real)
            writer.update([articles])
            return real(path, *group)

        monkeypatch.setattr(vectors, "_open", too_late)
        assert len(found(asked.search(moving.question("a7"), limit=20))) >= 10
    assert [path.name for path in moved.index.glob("vectors-*")] == ["vectors-000002"]
    assert [record for record in caplog.records if record.levelname == "WARNING"] == []
