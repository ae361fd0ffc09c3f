import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embeddings import Embedder
from index.schema import pack_text, pack_vector, unpack_text, unpack_vectors


@given(st.text())
def test_text_comes_back_as_it_was_packed(text: str) -> None:
    assert unpack_text(pack_text(text)) == text


def test_packed_article_takes_less_than_half() -> None:
    text = "".join(f"The ferry Lady Isolde left port {number} and sank off Tarnsey. " for number in range(50))
    assert len(pack_text(text)) < len(text) / 2


@pytest.mark.parametrize("damaged", [b"", b"garbage", pack_text("The ferry sank." * 9)[:-6], pack_text("é")[::-1]])
def test_damaged_text_is_told_from_a_whole_one(damaged: bytes) -> None:
    with pytest.raises(ValueError):
        unpack_text(damaged)


def cosines(vectors: np.ndarray) -> np.ndarray:
    """Of vectors with what is left of them when they were packed."""
    unpacked = unpack_vectors([pack_vector(vector) for vector in vectors])
    return (unpacked * vectors).sum(axis=1) / np.linalg.norm(vectors, axis=1)


@given(seed=st.integers(0, 2**32 - 1), dimension=st.integers(2, 1024), length=st.floats(1e-3, 1e3))
def test_packed_vector_keeps_its_direction(seed: int, dimension: int, length: float) -> None:
    vectors = np.random.default_rng(seed).normal(size=(3, dimension)).astype(np.float32) * np.float32(length)
    assert cosines(vectors).min() > 0.9995


def test_packed_vector_of_the_model_keeps_its_direction(embedder: Embedder) -> None:
    assert cosines(embedder.embed(["The ferry sank.", "A comet shone.", "?"])).min() > 0.9999


def test_packed_vector_takes_a_byte_a_number() -> None:
    assert len(pack_vector(np.linspace(-1, 1, 384, dtype=np.float32))) == 384


def test_unpacked_vectors_are_of_length_one() -> None:
    vectors = unpack_vectors([pack_vector(np.array(vector, dtype=np.float32)) for vector in ([3, 4], [0.01, 0])])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1])


def test_no_vectors_are_an_empty_array() -> None:
    assert unpack_vectors([]).shape[0] == 0
