import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index import publish as publishing
from index.article import Article, Chunk
from index.errors import VectorsUnusable
from index.ledger import Ledger
from index.publish import publish
from index.vectors import Edition, OpenEdition, is_sound

_RANDOM = np.random.default_rng(0)


def put(ledger: Ledger, article_id: str, chunks: int = 1) -> None:
    """Put an article of so many chunks of random vectors, in the place of the one with this id."""
    vectors = _RANDOM.normal(size=(chunks, 8)).astype(np.float32)
    ledger.replace([(Article(article_id, "Text.", ""), [(Chunk(article_id, 0, 5), vector) for vector in vectors])])


def in_use(ledger: Ledger) -> Edition:
    """The edition that the ledger names."""
    edition = Edition.read(ledger.meta("edition"))
    assert edition is not None
    return edition


def held(folder: Path, ledger: Ledger) -> list[int]:
    """The numbers of the chunks that the edition in use holds."""
    opened = OpenEdition(folder, in_use(ledger))
    try:
        return sorted(opened.numbers())
    finally:
        opened.close()


def editions(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("vectors-*"))


@pytest.fixture
def hundred(tmp_path: Path, ledger: Ledger) -> Ledger:
    """A hundred and one chunks of two articles, which Chroma holds; nobody may change the ledger beside the test."""
    put(ledger, "many", 100)
    put(ledger, "one")
    publish(tmp_path, ledger)
    return ledger


# When there is a next edition ----------------------------------------------------------------------------


def test_empty_ledger_has_no_edition(tmp_path: Path, ledger: Ledger) -> None:
    publish(tmp_path, ledger, erase=True)
    assert ledger.meta("edition") is None and editions(tmp_path) == []


def test_first_edition_holds_every_chunk(tmp_path: Path, hundred: Ledger) -> None:
    assert in_use(hundred).name == "vectors-000001"
    assert held(tmp_path, hundred) == hundred.all_numbers()


def test_nothing_new_is_no_edition(tmp_path: Path, hundred: Ledger) -> None:
    publish(tmp_path, hundred, erase=True)
    assert in_use(hundred).number == 1


@pytest.mark.parametrize(("least", "chunks", "written"), [(0, 2, False), (0, 3, True), (9, 9, False), (9, 10, True)])
def test_edition_is_written_when_more_than_a_fiftieth_came_and_than_the_least_that_is_worth_it(
    tmp_path: Path, hundred: Ledger, monkeypatch: pytest.MonkeyPatch, least: int, chunks: int, written: bool
) -> None:
    monkeypatch.setattr(publishing, "_BEHIND_CHUNKS", least)
    put(hundred, "more", chunks)
    publish(tmp_path, hundred)
    assert in_use(hundred).number == (2 if written else 1)


@pytest.mark.parametrize(("chunks", "written"), [(101, False), (102, True)])
def test_small_edition_may_be_behind_by_as_many_as_it_has(
    tmp_path: Path, hundred: Ledger, chunks: int, written: bool
) -> None:
    put(hundred, "more", chunks)
    publish(tmp_path, hundred)
    assert in_use(hundred).number == (2 if written else 1)


def test_chunks_that_went_count_as_those_that_came(tmp_path: Path, hundred: Ledger) -> None:
    put(hundred, "more", 101)
    hundred.remove(["one"])
    publish(tmp_path, hundred)
    assert in_use(hundred).number == 2 and held(tmp_path, hundred) == hundred.all_numbers()


def test_single_chunk_that_went_stays_for_a_while(tmp_path: Path, hundred: Ledger) -> None:
    hundred.remove(["one"])
    publish(tmp_path, hundred)
    assert in_use(hundred).number == 1


def test_single_chunk_that_went_is_erased_when_that_is_asked_for(tmp_path: Path, hundred: Ledger) -> None:
    hundred.remove(["one"])
    publish(tmp_path, hundred, erase=True)
    assert in_use(hundred).number == 2 and held(tmp_path, hundred) == hundred.all_numbers()


def test_what_stayed_for_a_while_is_erased_with_the_next_that_is_erased(tmp_path: Path, hundred: Ledger) -> None:
    put(hundred, "one")
    publish(tmp_path, hundred)
    assert in_use(hundred).number == 1
    publish(tmp_path, hundred, erase=True)
    assert held(tmp_path, hundred) == hundred.all_numbers()


def test_ledger_that_became_empty_has_an_edition_of_nothing(tmp_path: Path, hundred: Ledger) -> None:
    hundred.remove(["many", "one"])
    publish(tmp_path, hundred, erase=True)
    assert held(tmp_path, hundred) == []


# How it is written ---------------------------------------------------------------------------------------


def test_few_deleted_vectors_stay_hidden_in_the_graph(tmp_path: Path, ledger: Ledger, eager: None) -> None:
    put(ledger, "many", 90)
    put(ledger, "few", 10)
    publish(tmp_path, ledger)
    ledger.remove(["few"])
    publish(tmp_path, ledger)
    assert (in_use(ledger).count, in_use(ledger).deleted) == (90, 10)


def test_graph_is_made_anew_when_a_fifth_of_it_is_deleted(tmp_path: Path, ledger: Ledger, eager: None) -> None:
    for article_id, chunks in {"many": 75, "some": 15, "few": 10}.items():
        put(ledger, article_id, chunks)
    publish(tmp_path, ledger)
    for article_id in ("some", "few"):
        ledger.remove([article_id])
        publish(tmp_path, ledger)
    assert (in_use(ledger).number, in_use(ledger).count, in_use(ledger).deleted) == (3, 75, 0)


def test_graph_is_made_anew_when_that_is_asked_for(tmp_path: Path, hundred: Ledger) -> None:
    publish(tmp_path, hundred, anew=True)
    assert in_use(hundred).number == 2 and held(tmp_path, hundred) == hundred.all_numbers()


def test_vectors_of_another_dimension_take_the_place_of_all(tmp_path: Path, hundred: Ledger) -> None:
    """As when the index is rebuilt with another model."""
    hundred.remove(["many", "one"])
    hundred.replace([(Article("a", "Text.", ""), [(Chunk("a", 0, 5), np.ones(3, dtype=np.float32))])])
    publish(tmp_path, hundred)
    assert held(tmp_path, hundred) == hundred.all_numbers()


def test_only_the_edition_in_use_stays(tmp_path: Path, hundred: Ledger, eager: None) -> None:
    (tmp_path / "vectors-000009").mkdir()
    publish(tmp_path, hundred)
    assert editions(tmp_path) == ["vectors-000001"]
    put(hundred, "more", 3)
    publish(tmp_path, hundred)
    assert editions(tmp_path) == ["vectors-000002"]


# What goes wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [VectorsUnusable("broken"), OSError(28, "No space left on device")])
@pytest.mark.parametrize("anew", [True, False])
def test_failure_is_a_warning_and_made_up_for_by_the_next(
    tmp_path: Path,
    hundred: Ledger,
    eager: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    anew: bool,
) -> None:
    def fail(*_: object, **__: object) -> Edition:
        raise error

    put(hundred, "more", 3)
    with monkeypatch.context() as patch:
        patch.setattr(publishing, "write_edition", fail)
        patch.setattr(publishing, "extend_edition", fail)
        publish(tmp_path, hundred, anew=anew)
    assert in_use(hundred).number == 1 and is_sound(tmp_path, in_use(hundred))
    assert [record.message for record in caplog.records if record.levelno == logging.WARNING] == [
        f"Chroma could not follow the ledger: {error}"
    ]
    publish(tmp_path, hundred)
    assert held(tmp_path, hundred) == hundred.all_numbers()


def test_process_that_dies_before_the_ledger_names_the_edition_does_no_harm(
    tmp_path: Path, hundred: Ledger, eager: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    put(hundred, "more", 3)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Ledger, "published", die)
        publish(tmp_path, hundred)
    assert in_use(hundred).number == 1 and is_sound(tmp_path, in_use(hundred))
    publish(tmp_path, hundred)
    assert editions(tmp_path) == ["vectors-000002"] and held(tmp_path, hundred) == hundred.all_numbers()


def deleted(edition: Path) -> None:
    for path in edition.rglob("*.bin"):
        path.unlink()


def cut_short(edition: Path) -> None:
    for path in edition.rglob("*.bin"):
        path.write_bytes(path.read_bytes()[:50])


def garbage_for_a_database(edition: Path) -> None:
    (edition / "chroma.sqlite3").write_bytes(b"garbage" * 1000)


@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("damage", [deleted, cut_short, garbage_for_a_database])
def test_damaged_edition_is_made_anew_even_if_nothing_changed(
    tmp_path: Path, hundred: Ledger, damage: Callable[[Path], None], more: bool
) -> None:
    damage(tmp_path / in_use(hundred).name)
    if more:
        put(hundred, "more", 3)
    publish(tmp_path, hundred)
    assert editions(tmp_path) == ["vectors-000002"]
    assert held(tmp_path, hundred) == hundred.all_numbers()


def test_edition_that_cannot_be_added_to_is_made_anew(tmp_path: Path, hundred: Ledger, eager: None) -> None:
    """Its damage does not show in the sizes of its files."""
    (found,) = tmp_path.rglob("index_metadata.pickle")
    found.write_bytes(b"x" * found.stat().st_size)
    put(hundred, "more", 3)
    publish(tmp_path, hundred)
    assert held(tmp_path, hundred) == hundred.all_numbers()
