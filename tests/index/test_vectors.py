import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index import vectors
from index.errors import VectorsUnusable
from index.vectors import (
    Edition,
    OpenEdition,
    Pages,
    delete_editions,
    extend_edition,
    is_sound,
    leftovers,
    write_edition,
)

EAST, NORTH, WEST = (np.array(vector, dtype=np.float32) for vector in ([1, 0, 0], [0, 1, 0], [-1, 0, 0]))
NORTH_EAST = np.array([0.6, 0.8, 0], dtype=np.float32)
COMPASS = {2: EAST, 3: NORTH, 5: WEST}


def pages_of(held: dict[int, np.ndarray]) -> Pages:
    """The pages of a ledger that holds these vectors."""

    def pages(after: int, limit: int) -> tuple[list[int], np.ndarray]:
        numbers = [number for number in sorted(held) if number > after][:limit]
        return numbers, np.array([held[number] for number in numbers], dtype=np.float32)

    return pages


def random_vectors(count: int) -> dict[int, np.ndarray]:
    """Numbered from 1."""
    found = np.random.default_rng(0).normal(size=(count, 8)).astype(np.float32)
    return dict(enumerate(found / np.linalg.norm(found, axis=1, keepdims=True), start=1))


def written(folder: Path, held: dict[int, np.ndarray]) -> Edition:
    return write_edition(folder, 1, pages_of(held), total=len(held))


@pytest.fixture
def compass(tmp_path: Path) -> Edition:
    """East, north and west."""
    return written(tmp_path, COMPASS)


@pytest.fixture
def opened(tmp_path: Path, compass: Edition) -> Iterator[OpenEdition]:
    opened = OpenEdition(tmp_path, compass)
    yield opened
    opened.close()


def numbers(folder: Path, edition: Edition) -> list[int]:
    """What Chroma itself says it holds."""
    opened = OpenEdition(folder, edition)
    try:
        return sorted(opened.numbers())
    finally:
        opened.close()


def files_with(folder: Path, vector: np.ndarray) -> list[str]:
    """The names of the files in which the vector stands, but for the last bits, which Chroma rounds anew."""

    def stands_in(data: bytes, at: int) -> bool:
        floats = np.frombuffer(data[at : len(data) - (len(data) - at) % 4], dtype=np.float32)
        if len(floats) < len(vector):
            return False
        windows = np.lib.stride_tricks.sliding_window_view(floats, len(vector))
        return bool(np.isclose(windows, vector, atol=1e-5).all(axis=1).any())

    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if any(stands_in(path.read_bytes(), at) for at in range(4))]


# Searching -----------------------------------------------------------------------------------------------


def test_nearest_come_nearest_first(opened: OpenEdition) -> None:
    assert opened.nearest(NORTH_EAST, 3) == [3, 2, 5]


def test_length_does_not_matter(opened: OpenEdition) -> None:
    assert opened.nearest(100 * NORTH_EAST, 3) == [3, 2, 5]


def test_no_more_come_than_asked_for_or_there_are(opened: OpenEdition) -> None:
    assert [len(opened.nearest(EAST, limit)) for limit in (0, 2, 99)] == [0, 2, 3]


def test_edition_of_nothing_finds_nothing(tmp_path: Path) -> None:
    opened = OpenEdition(tmp_path, written(tmp_path, {}))
    assert opened.nearest(EAST, 5) == opened.numbers() == list(opened.pages()) == []
    opened.close()


def test_all_that_was_written_can_be_read(opened: OpenEdition) -> None:
    assert sorted(opened.numbers()) == [2, 3, 5]
    read = {number: vector for page in opened.pages() for number, vector in zip(*page, strict=True)}
    assert {number: vector.tolist() for number, vector in read.items()} == {
        number: vector.tolist() for number, vector in COMPASS.items()
    }


# What the ledger is told ---------------------------------------------------------------------------------


def test_edition_knows_what_it_holds(compass: Edition) -> None:
    assert (compass.name, compass.number) == ("vectors-000001", 1)
    assert (compass.upto, compass.count, compass.deleted) == (5, 3, 0)


def test_edition_is_read_as_it_was_noted(compass: Edition) -> None:
    assert Edition.read(compass.note()) == compass


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_noted_is_no_edition(nothing: str | None) -> None:
    assert Edition.read(nothing) is None


# Writing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("total", [1, 2, 11, 20, 23, 31])
def test_edition_written_in_groups_leaves_hardly_a_row_for_readers_to_catch_up_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, total: int
) -> None:
    monkeypatch.setattr(vectors, "_GROUP", 10)
    edition = written(tmp_path, random_vectors(total))
    assert numbers(tmp_path, edition) == list(range(1, total + 1))
    with closing(sqlite3.connect(tmp_path / edition.name / "chroma.sqlite3")) as chroma:
        ((waiting,),) = chroma.execute("SELECT count(*) FROM embeddings_queue")
    assert waiting <= 1 + total // 10


def test_half_written_edition_in_its_place_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "vectors-000001").mkdir()
    (tmp_path / "vectors-000001" / "chroma.sqlite3").write_bytes(b"half an edition")
    assert numbers(tmp_path, written(tmp_path, COMPASS)) == [2, 3, 5]


@pytest.mark.parametrize("extending", [False, True])
def test_edition_that_is_cut_short_leaves_nothing(tmp_path: Path, compass: Edition, extending: bool) -> None:
    def cut_short(*_: int) -> tuple[list[int], np.ndarray]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        if extending:
            extend_edition(tmp_path, compass, cut_short, gone=[])
        else:
            write_edition(tmp_path, 2, cut_short, total=3)
    assert leftovers(tmp_path, but=compass.name) == []


def test_extended_edition_holds_what_came_and_not_what_went(tmp_path: Path, compass: Edition) -> None:
    extended = extend_edition(tmp_path, compass, pages_of(COMPASS | {7: NORTH_EAST}), gone=[3])
    assert (extended.name, extended.upto, extended.count, extended.deleted) == ("vectors-000002", 7, 3, 1)
    opened = OpenEdition(tmp_path, extended)
    assert opened.nearest(NORTH_EAST, 9) == [7, 2, 5]
    opened.close()


def test_extending_leaves_the_edition_that_others_are_searching_as_it_was(
    tmp_path: Path, compass: Edition, opened: OpenEdition
) -> None:
    extend_edition(tmp_path, compass, pages_of(COMPASS | {7: NORTH_EAST}), gone=[2])
    assert is_sound(tmp_path, compass)
    assert opened.nearest(NORTH_EAST, 9) == [3, 2, 5]


def test_edition_of_nothing_can_be_extended(tmp_path: Path) -> None:
    extended = extend_edition(tmp_path, written(tmp_path, {}), pages_of(COMPASS), gone=[])
    assert numbers(tmp_path, extended) == [2, 3, 5]


@pytest.mark.parametrize("fresh", [0, 1, 2])
@pytest.mark.parametrize("gone", [[1], [30], [4, 5], [1, 2, 3]])
def test_vectors_that_went_are_erased_from_all_files(tmp_path: Path, gone: list[int], fresh: int) -> None:
    held = random_vectors(30 + fresh)
    base = written(tmp_path, {number: held[number] for number in range(1, 31)})
    extended = extend_edition(tmp_path, base, pages_of(held), gone=gone)
    for number, vector in held.items():
        assert bool(files_with(tmp_path / extended.name, vector)) == (number not in gone)


def test_editions_can_be_extended_again_and_again(tmp_path: Path) -> None:
    held = random_vectors(30)
    edition = written(tmp_path, {number: held[number] for number in range(1, 11)})
    for number in range(11, 31):
        known = {other: held[other] for other in held if other + 10 > 10 and number - 10 < other <= number}
        edition = extend_edition(tmp_path, edition, pages_of(known), gone=[number - 10])
        assert edition.count == 10 and numbers(tmp_path, edition) == sorted(known)


# Damage --------------------------------------------------------------------------------------------------


def graph(edition: Path) -> Path:
    (found,) = edition.rglob("data_level0.bin")
    return found


def no_folder(edition: Path) -> None:
    shutil.rmtree(edition)


def a_file(edition: Path) -> None:
    shutil.rmtree(edition)
    edition.write_text("not a folder")


def no_graph(edition: Path) -> None:
    graph(edition).unlink()


def half_a_graph(edition: Path) -> None:
    data = graph(edition).read_bytes()
    graph(edition).write_bytes(data[: len(data) // 2])


def longer_graph(edition: Path) -> None:
    graph(edition).write_bytes(graph(edition).read_bytes() + b"more")


def no_database(edition: Path) -> None:
    (edition / "chroma.sqlite3").unlink()


def empty_database(edition: Path) -> None:
    (edition / "chroma.sqlite3").write_bytes(b"")


def garbage_for_a_database(edition: Path) -> None:
    (edition / "chroma.sqlite3").write_bytes(b"garbage" * 1000)


def half_a_database(edition: Path) -> None:
    database = edition / "chroma.sqlite3"
    database.write_bytes(database.read_bytes()[:8192])


def database_of_another(edition: Path) -> None:
    (edition.parent / "other").mkdir()
    other = written(edition.parent / "other", {})
    shutil.copy(edition.parent / "other" / other.name / "chroma.sqlite3", edition)


DAMAGES = [
    *(no_folder, a_file, no_graph, half_a_graph, longer_graph),
    *(no_database, empty_database, garbage_for_a_database, half_a_database, database_of_another),
]


def test_edition_as_it_was_written_is_sound(tmp_path: Path, compass: Edition) -> None:
    assert is_sound(tmp_path, compass)


def test_searching_leaves_an_edition_sound(tmp_path: Path, compass: Edition, opened: OpenEdition) -> None:
    opened.nearest(EAST, 1)
    assert is_sound(tmp_path, compass)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_edition_is_not_sound(tmp_path: Path, compass: Edition, damage: Callable[[Path], None]) -> None:
    damage(tmp_path / compass.name)
    assert not is_sound(tmp_path, compass)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_edition_is_refused_with_the_remedy(
    tmp_path: Path, compass: Edition, damage: Callable[[Path], None]
) -> None:
    damage(tmp_path / compass.name)
    with pytest.raises(VectorsUnusable, match=rf"{compass.name} cannot be used.*`qa index`.*writes them anew"):
        OpenEdition(tmp_path, compass)


def test_opening_an_edition_that_is_gone_makes_no_empty_one(tmp_path: Path, compass: Edition) -> None:
    no_folder(tmp_path / compass.name)
    with pytest.raises(VectorsUnusable):
        OpenEdition(tmp_path, compass)
    assert leftovers(tmp_path, but="") == []


def test_extending_a_damaged_edition_is_refused_and_leaves_nothing(tmp_path: Path, compass: Edition) -> None:
    garbage_for_a_database(tmp_path / compass.name)
    with pytest.raises(VectorsUnusable):
        extend_edition(tmp_path, compass, pages_of(COMPASS), gone=[])
    assert leftovers(tmp_path, but=compass.name) == []


# Deleting ------------------------------------------------------------------------------------------------


def test_all_other_editions_are_deleted_and_nothing_else(tmp_path: Path, compass: Edition) -> None:
    (tmp_path / "vectors-000002").mkdir()
    (tmp_path / "vectors-000002" / "chroma.sqlite3").touch()
    (tmp_path / "vectors-000003").touch()
    (tmp_path / "ledger.sqlite3").touch()
    delete_editions(tmp_path, but=compass.name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger.sqlite3", "vectors-000001"]
    assert is_sound(tmp_path, compass)
