"""Large editions hold vectors of half the numbers, and what is found is the same."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index import publish as publishing
from index import vectors as editions
from index.article import Article, Chunk
from index.dense import Dense
from index.folder import LEDGER
from index.ledger import Ledger
from index.probe import problems
from index.projection import PROJECTION, Projection
from index.publish import publish
from index.vectors import Edition

_DIMENSION, _LARGE = 32, 300
_RANDOM = np.random.default_rng(0)
# As of a model's vectors, most of the differences are in few directions.
_SPREAD = 0.85 ** np.arange(_DIMENSION)
_TURN = np.linalg.qr(_RANDOM.normal(size=(_DIMENSION, _DIMENSION)))[0]


def vectors(count: int) -> np.ndarray:
    drawn = (_RANDOM.normal(size=(count, _DIMENSION)) * _SPREAD @ _TURN).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def put(ledger: Ledger, article_id: str, count: int) -> None:
    chunks = [(Chunk(article_id, 0, 5), vector) for vector in vectors(count)]
    ledger.replace([(Article(article_id, "Text.", ""), chunks)])


def in_use(ledger: Ledger) -> Edition:
    edition = Edition.read(ledger.meta("edition"))
    assert edition is not None
    return edition


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editions, "_LARGE", _LARGE)
    monkeypatch.setattr(publishing, "_BEHIND", 0)
    monkeypatch.setattr(publishing, "_BEHIND_CHUNKS", 0)


@pytest.fixture
def large(tmp_path: Path, ledger: Ledger) -> Ledger:
    put(ledger, "many", _LARGE + 200)
    publish(tmp_path, ledger)
    return ledger


@pytest.fixture
def dense(tmp_path: Path, ledger: Ledger) -> Iterator[Dense]:
    dense = Dense(tmp_path, ledger)
    yield dense
    dense.close()


def recall(dense: Dense, ledger: Ledger, limit: int) -> float:
    """How many of the truly nearest are found, over some queries."""
    found_of = []
    for query in vectors(50):
        with ledger.snapshot():
            found = dense.nearest(query, limit)
            numbers, every = ledger.vectors_after(0)
        nearest = {numbers[row] for row in (-(every @ query)).argsort()[:limit]}
        found_of.append(len(nearest & set(found)) / limit)
    return float(np.mean(found_of))


def test_projected_vectors_keep_what_they_differ_in() -> None:
    sample = vectors(1000)
    projected = Projection.fit(sample)(sample)
    assert projected.shape == (1000, _DIMENSION // 2)
    assert float((projected**2).sum(axis=1).mean()) > 0.95  # of a length of one


def test_no_projection_leaves_vectors_as_they_are(tmp_path: Path) -> None:
    sample = vectors(3)
    Projection().save(tmp_path / "edition")
    assert Projection.load(tmp_path / "edition")(sample) is sample


def test_projection_is_the_same_when_it_was_kept(tmp_path: Path) -> None:
    sample = vectors(100)
    fitted = Projection.fit(sample)
    fitted.save(tmp_path)
    np.testing.assert_array_equal(Projection.load(tmp_path)(sample), fitted(sample))


def test_small_edition_holds_whole_vectors(tmp_path: Path, ledger: Ledger) -> None:
    put(ledger, "few", _LARGE - 1)
    publish(tmp_path, ledger)
    assert not in_use(ledger).is_projected


def test_nearly_all_of_the_nearest_are_found_by_half_the_numbers(large: Ledger, dense: Dense) -> None:
    assert in_use(large).is_projected
    assert recall(dense, large, 10) > 0.98


def test_those_found_come_in_the_order_of_their_whole_vectors(large: Ledger, dense: Dense) -> None:
    (query,) = vectors(1)
    with large.snapshot():
        found = dense.nearest(query, 20)
        known = large.chunks(found)
    cosines = [float(known[number][1] @ query) for number in found]
    assert cosines == sorted(cosines, reverse=True)


def test_what_is_added_is_projected_alike(tmp_path: Path, large: Ledger, dense: Dense) -> None:
    before = (tmp_path / in_use(large).name / PROJECTION).read_bytes()
    put(large, "more", 20)
    publish(tmp_path, large)
    edition = in_use(large)
    assert edition.number == 2
    assert (tmp_path / edition.name / PROJECTION).read_bytes() == before
    assert recall(dense, large, 10) > 0.98


def test_edition_that_outgrows_whole_vectors_is_written_anew(tmp_path: Path, ledger: Ledger, dense: Dense) -> None:
    put(ledger, "few", _LARGE - 1)
    publish(tmp_path, ledger)
    put(ledger, "one", 1)
    publish(tmp_path, ledger)
    assert in_use(ledger).is_projected
    assert recall(dense, ledger, 10) > 0.98


def test_doctor_finds_nothing_wrong_with_projected_vectors(tmp_path: Path, large: Ledger) -> None:
    assert (tmp_path / LEDGER).is_file()
    assert problems(tmp_path) == []


def test_damaged_projection_is_found_and_questions_are_answered_without(
    tmp_path: Path, large: Ledger, dense: Dense
) -> None:
    path = tmp_path / in_use(large).name / PROJECTION
    path.write_bytes(bytes(path.stat().st_size))
    (problem,) = problems(tmp_path)
    assert "qa doctor --repair" in problem
    assert recall(dense, large, 10) == 1
