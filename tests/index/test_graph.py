"""The file of Chroma's graph, whose parts hnswlib neither checks nor clears."""

import struct
from pathlib import Path

import numpy as np
import pytest

from index.errors import VectorsUnusable
from index.vectors import Edition, OpenEdition, _check_graph, write_edition

DIMENSION, COUNT = 8, 30


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    """Thirty vectors."""
    vectors = np.random.default_rng(0).normal(size=(COUNT, DIMENSION)).astype(np.float32)
    return write_edition(tmp_path, 1, lambda _, most: (list(range(1, most + 1)), vectors[:most]), total=COUNT)


@pytest.fixture
def graph(edition: Edition, tmp_path: Path) -> Path:
    (path,) = tmp_path.rglob("data_level0.bin")
    return path


def size_of_element(graph: Path) -> int:
    size: int = struct.unpack_from("<i5Q", graph.with_name("header.bin").read_bytes())[4]
    return size


def test_memory_that_the_graph_has_not_used_is_not_on_the_disk(edition: Edition, graph: Path, tmp_path: Path) -> None:
    """It may be what another graph has left there: vectors that are meant to be erased."""
    rest = graph.read_bytes()[COUNT * size_of_element(graph) :]
    assert rest and not any(rest)
    opened = OpenEdition(tmp_path, edition)
    assert sorted(opened.nearest(np.ones(DIMENSION, dtype=np.float32), COUNT)) == list(range(1, COUNT + 1))
    opened.close()


def test_graph_that_was_cut_short_is_noticed(graph: Path) -> None:
    with graph.open("r+b") as file:
        file.truncate(COUNT * size_of_element(graph) - 1)
    with pytest.raises(ValueError, match="the disk took"):
        _check_graph(graph.with_name("header.bin"))


def test_graph_with_a_hole_is_noticed(graph: Path) -> None:
    """As where a full disk had room again before the end."""
    size = size_of_element(graph)
    with graph.open("r+b") as file:
        file.seek(10 * size)
        file.write(bytes(size))
    with pytest.raises(ValueError, match="left out"):
        _check_graph(graph.with_name("header.bin"))


def test_edition_that_chroma_counts_otherwise_than_the_ledger_is_refused(edition: Edition, tmp_path: Path) -> None:
    other = Edition(edition.name, edition.upto, COUNT + 1, edition.deleted, edition.files)
    with pytest.raises(VectorsUnusable):
        OpenEdition(tmp_path, other)
