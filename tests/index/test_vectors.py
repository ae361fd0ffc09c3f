from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from index.vectors import VectorStore

EAST, NORTH, WEST = (np.array(vector, dtype=np.float32) for vector in ([1, 0, 0], [0, 1, 0], [-1, 0, 0]))
NORTH_EAST = np.array([0.6, 0.8, 0], dtype=np.float32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[VectorStore]:
    """East, north and west."""
    store = VectorStore(tmp_path / "chroma")
    store.put([("east", EAST), ("north", NORTH), ("west", WEST)])
    yield store
    store.close()


def test_nearest_come_nearest_first(store: VectorStore) -> None:
    assert store.nearest(NORTH_EAST, 3) == ["north", "east", "west"]


def test_length_does_not_matter(store: VectorStore) -> None:
    store.put([("far north-east", 100 * NORTH_EAST)])
    assert store.nearest(NORTH_EAST, 1) == ["far north-east"]


def test_no_more_come_than_asked_for_or_there_are(store: VectorStore) -> None:
    assert len(store.nearest(EAST, 2)) == 2
    assert len(store.nearest(EAST, 99)) == 3


def test_empty_store_finds_nothing(tmp_path: Path) -> None:
    store = VectorStore(tmp_path / "chroma")
    assert len(store) == 0 and store.nearest(EAST, 5) == []
    store.close()


def test_putting_under_the_same_id_replaces(store: VectorStore) -> None:
    store.put([("west", EAST), ("east", WEST)])
    assert len(store) == 3
    assert store.nearest(EAST, 1) == ["west"]


def test_deleted_vectors_are_found_no_more(store: VectorStore) -> None:
    store.delete(["east"])
    assert len(store) == 2
    assert store.nearest(EAST, 3) == ["north", "west"]


def test_deleting_unknown_ids_does_no_harm(store: VectorStore) -> None:
    store.delete(["unknown", "east", "unknown too"])
    assert len(store) == 2


def test_putting_and_deleting_nothing_does_nothing(store: VectorStore) -> None:
    store.put([])
    store.delete([])
    assert len(store) == 3


def test_vectors_are_there_when_opened_again(store: VectorStore, tmp_path: Path) -> None:
    store.close()
    again = VectorStore(tmp_path / "chroma")
    assert again.nearest(NORTH_EAST, 3) == ["north", "east", "west"]
    again.close()


def test_cleared_store_is_empty_and_can_be_filled(store: VectorStore) -> None:
    store.clear()
    assert len(store) == 0
    store.put([("east", EAST)])
    assert store.nearest(EAST, 5) == ["east"]


@pytest.fixture
def put_by_another(tmp_path: Path, python: Callable[[str], str]) -> Callable[[], str]:
    """Lets another process put north-east."""
    return lambda: python(
        "import numpy as np; from pathlib import Path; from index.vectors import VectorStore\n"
        f"store = VectorStore(Path({str(tmp_path / 'chroma')!r}))\n"
        "store.put([('north-east', np.array([0.6, 0.8, 0], dtype=np.float32))]); store.close()"
    )


def test_reopened_store_sees_what_another_process_put(store: VectorStore, put_by_another: Callable[[], str]) -> None:
    store.nearest(NORTH_EAST, 1)
    put_by_another()
    store.reopen()
    assert store.nearest(NORTH_EAST, 1) == ["north-east"]


def test_reopened_store_sees_it_though_the_same_folder_is_open_elsewhere_in_this_process(
    store: VectorStore, tmp_path: Path, put_by_another: Callable[[], str]
) -> None:
    other = VectorStore(tmp_path / "chroma")
    assert other.nearest(NORTH_EAST, 1) == store.nearest(NORTH_EAST, 1) == ["north"]
    put_by_another()
    store.reopen()
    try:
        assert store.nearest(NORTH_EAST, 1) == ["north-east"]
    finally:
        other.close()
