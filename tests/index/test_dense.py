import logging
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import publish as publishing
from index.article import Article, Chunk
from index.dense import Dense, Outdated
from index.errors import VectorsUnusable
from index.ledger import Ledger
from index.publish import publish
from index.vectors import Edition, OpenEdition

_DIMENSION = 8


def direction(seed: int) -> np.ndarray:
    """A vector of length one."""
    vector = np.random.default_rng(seed).normal(size=_DIMENSION).astype(np.float32)
    return vector / np.linalg.norm(vector)


def put(ledger: Ledger, article_id: str, *seeds: int) -> None:
    """Put an article with a chunk for each seed, in the place of the one with this id."""
    chunks = [(Chunk(article_id, 0, 5), direction(seed)) for seed in seeds]
    ledger.replace([(Article(article_id, "Text.", ""), chunks)])


def compare(dense: Dense, ledger: Ledger, query: np.ndarray, limit: int = 10) -> None:
    """What is found must be as near as what comparing with every vector of the ledger finds."""
    with ledger.snapshot():
        found = dense.nearest(query, limit)
        numbers, vectors = ledger.vectors_after(0)
    cosines = dict(zip(numbers, vectors @ query if numbers else [], strict=True))
    assert len(set(found)) == len(found)
    expected = sorted(cosines.values(), reverse=True)[:limit]
    assert [cosines[number] for number in found] == pytest.approx(expected, abs=1e-5)


@pytest.fixture
def dense(tmp_path: Path, ledger: Ledger) -> Iterator[Dense]:
    dense = Dense(tmp_path, ledger)
    yield dense
    dense.close()


@pytest.fixture(scope="module", autouse=True)
def eager() -> Iterator[None]:
    """Chroma follows each change, however small, when it is told to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "_BEHIND", 0)
        patch.setattr(publishing, "_BEHIND_CHUNKS", 0)
        yield


@pytest.fixture
def published(tmp_path: Path, ledger: Ledger) -> Ledger:
    """Thirty chunks of three articles, which Chroma holds."""
    for number, article_id in enumerate("abc"):
        put(ledger, article_id, *range(10 * number, 10 * number + 10))
    publish(tmp_path, ledger)
    return ledger


QUERY = direction(1000)

# What is found -------------------------------------------------------------------------------------------


def test_empty_ledger_finds_nothing(dense: Dense) -> None:
    assert dense.nearest(QUERY, 10) == []


@pytest.mark.parametrize("limit", [0, 1, 10, 99])
def test_nearest_come_nearest_first_and_no_more_than_asked_for(dense: Dense, published: Ledger, limit: int) -> None:
    compare(dense, published, QUERY, limit)


def test_all_is_found_before_there_is_an_edition(dense: Dense, ledger: Ledger) -> None:
    put(ledger, "a", *range(20))
    compare(dense, ledger, QUERY)


def test_what_came_after_the_edition_is_found_among_the_rest(dense: Dense, published: Ledger) -> None:
    put(published, "d", *range(100, 110))
    compare(dense, published, QUERY)


def test_what_came_between_two_questions_is_found_by_the_second(dense: Dense, published: Ledger) -> None:
    for number in range(100, 110):
        put(published, f"article {number}", number)
        compare(dense, published, direction(number), 3)


def test_what_went_is_not_found(dense: Dense, published: Ledger) -> None:
    published.remove(["b"])
    compare(dense, published, QUERY, 99)


def test_what_went_does_not_stand_in_the_way_of_the_rest(dense: Dense, published: Ledger) -> None:
    """Chroma still holds it, and it is nearest."""
    put(published, "near", 500)
    published.remove(["a"])
    compare(dense, published, direction(3), 5)


def test_what_went_behind_the_edition_is_not_found(dense: Dense, published: Ledger) -> None:
    put(published, "d", *range(100, 110))
    put(published, "e", *range(110, 120))
    compare(dense, published, QUERY)
    put(published, "d", *range(120, 130))
    compare(dense, published, QUERY)


def test_next_edition_is_searched_by_the_next_question(tmp_path: Path, dense: Dense, published: Ledger) -> None:
    compare(dense, published, QUERY)
    put(published, "d", *range(100, 110))
    publish(tmp_path, published)
    compare(dense, published, QUERY)


_STEP = st.one_of(
    st.tuples(st.just("put"), st.sampled_from("abcdef"), st.lists(st.integers(0, 60), max_size=6)),
    st.tuples(st.just("remove"), st.sampled_from("abcdef"), st.none()),
    st.tuples(st.sampled_from(["publish", "erase", "anew", "ask"]), st.none(), st.none()),
)


@settings(max_examples=30)
@given(steps=st.lists(_STEP, min_size=3, max_size=12), query=st.integers(0, 60))
def test_whatever_is_done_it_finds_the_same_as_comparing_with_every_vector(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, list[int]]], query: int
) -> None:
    folder = tmp_path_factory.mktemp("dense")
    ledger = Ledger(folder / "ledger.sqlite3", create=True)
    dense = Dense(folder, ledger)
    for what, article_id, seeds in steps:
        if what == "put":
            put(ledger, article_id, *seeds)
        elif what == "remove":
            ledger.remove([article_id])
        elif what == "ask":
            compare(dense, ledger, direction(query), 5)
        else:
            publish(folder, ledger, erase=what == "erase", anew=what == "anew")
            check_edition(folder, ledger)
    compare(dense, ledger, direction(query), 5)
    compare(dense, ledger, QUERY, 99)
    dense.close()
    ledger.close()


def check_edition(folder: Path, ledger: Ledger) -> None:
    """Chroma must hold as many as the edition says, and all that the ledger holds of them."""
    if edition := Edition.read(ledger.meta("edition")):
        opened = OpenEdition(folder, edition)
        held = opened.numbers()
        opened.close()
        assert len(held) == edition.count
        assert {number for number in ledger.all_numbers() if number <= edition.upto} == {*held} - {
            *ledger.gone(edition.upto)
        }


# Many who ask --------------------------------------------------------------------------------------------


def test_question_that_began_before_a_change_finds_what_was_there(
    tmp_path: Path, dense: Dense, published: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    """Even though its edition is deleted meanwhile, which is no cause for alarm."""
    writer = Ledger(tmp_path / "ledger.sqlite3")
    with published.snapshot():
        before = published.counts()
        put(writer, "d", *range(100, 110))
        publish(tmp_path, writer)
        assert published.counts() == before
        found = dense.nearest(QUERY, 5)
        numbers, vectors = published.vectors_after(0)
        assert found == [numbers[row] for row in (-(vectors @ QUERY)).argsort()[:5]]
    writer.close()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    compare(dense, published, QUERY)


def test_question_that_began_before_a_change_another_thread_has_seen_is_to_be_asked_again(
    dense: Dense, published: Ledger
) -> None:
    with ThreadPoolExecutor(1) as thread, published.snapshot():
        published.counts()
        thread.submit(put, published, "b", 100).result()
        thread.submit(compare, dense, published, QUERY).result()
        with pytest.raises(Outdated):
            dense.nearest(QUERY, 5)
    compare(dense, published, QUERY)


def test_threads_can_ask_at_the_same_time(dense: Dense, published: Ledger) -> None:
    put(published, "d", *range(100, 110))
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(compare, dense, published, direction(seed), 5) for seed in range(40)]
    for thread in asked:
        thread.result()


def test_vectors_behind_the_edition_are_read_only_once(
    dense: Dense, published: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(published, "d", *range(100, 110))
    dense.nearest(QUERY, 5)
    reads: list[int] = []
    read = published.vectors_after
    monkeypatch.setattr(published, "vectors_after", lambda after, **how: (reads.append(after), read(after, **how))[1])
    dense.nearest(direction(2000), 5)
    assert reads == []
    put(published, "e", 110)
    dense.nearest(QUERY, 5)
    assert reads[0] == 40  # only what came after the last


# Damage --------------------------------------------------------------------------------------------------


def no_folder(edition: Path) -> None:
    shutil.rmtree(edition)


def a_file(edition: Path) -> None:
    shutil.rmtree(edition)
    edition.write_text("not a folder")


def no_graph(edition: Path) -> None:
    for path in edition.rglob("*.bin"):
        path.unlink()


def half_a_graph(edition: Path) -> None:
    for path in edition.rglob("*.bin"):
        path.write_bytes(path.read_bytes()[:50])


def garbage_for_a_database(edition: Path) -> None:
    (edition / "chroma.sqlite3").write_bytes(b"garbage" * 1000)


def garbage_for_metadata(edition: Path) -> None:
    (found,) = edition.rglob("index_metadata.pickle")
    found.write_bytes(b"x" * found.stat().st_size)


DAMAGES = [no_folder, a_file, no_graph, half_a_graph, garbage_for_a_database, garbage_for_metadata]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_edition_finds_the_same(
    tmp_path: Path, dense: Dense, published: Ledger, damage: Callable[[Path], None]
) -> None:
    damage(tmp_path / "vectors-000001")
    put(published, "d", *range(100, 110))
    compare(dense, published, QUERY)


@pytest.mark.parametrize("damage", DAMAGES[2:])
def test_damaged_edition_is_warned_of_once_with_the_remedy(
    tmp_path: Path,
    dense: Dense,
    published: Ledger,
    damage: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    damage(tmp_path / "vectors-000001")
    for seed in range(3):
        dense.nearest(direction(seed), 5)
    (warning,) = (record.getMessage() for record in caplog.records if record.levelno == logging.WARNING)
    assert "vectors-000001 cannot be used" in warning and "`qa index`" in warning


def test_chroma_that_fails_while_it_is_asked_finds_the_same(
    dense: Dense, published: Ledger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> list[int]:
        raise VectorsUnusable("broken")

    monkeypatch.setattr(OpenEdition, "nearest", fail)
    for seed in range(3):
        compare(dense, published, direction(seed))
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == ["broken"]


def test_edition_that_takes_the_place_of_a_damaged_one_is_searched(
    tmp_path: Path, dense: Dense, published: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_graph(tmp_path / "vectors-000001")
    dense.nearest(QUERY, 5)
    publish(tmp_path, published)
    monkeypatch.setattr(Ledger, "vectors_after", lambda *_, **__: ([], np.empty((0, 0), dtype=np.float32)))
    assert len(dense.nearest(QUERY, 5)) == 5
