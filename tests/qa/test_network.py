"""The reader's network reads any passage, says where in it each score belongs, and refuses weights not its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx.numpy_helper import to_array

from index.errors import ModelError
from qa.network import CHECKSUMS, FILES, MODELS, Scored, SpanNetwork
from qa.span_input import MAX_TOKENS

unhurried = settings(derandomize=True, deadline=None, max_examples=60)


@pytest.fixture(scope="module")
def network() -> SpanNetwork:
    """The weights that come with the package. Only to be read."""
    return SpanNetwork(threads=1)


def read(network: SpanNetwork, passage: str, *, title: str = "", question: str = "Who was rescued?") -> Scored:
    (scored,) = network.read(question, [(title, passage)])
    return scored


# The weights -------------------------------------------------------------------------------------------------


@pytest.fixture
def weights(tmp_path: Path) -> Iterator[Path]:
    """A copy of the weights, to be damaged."""
    yield shutil.copytree(MODELS, tmp_path / "models")
    shutil.rmtree(tmp_path / "models")


def test_the_weights_that_come_with_the_package_are_whole(weights: Path) -> None:
    assert read(SpanNetwork(weights, threads=1), "Ann Baker was rescued.").places


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_refused_with_the_remedy(weights: Path, name: str) -> None:
    with (weights / name).open("r+b") as file:
        file.seek(-1, 2)
        (last,) = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last ^ 1]))
    with pytest.raises(ModelError, match=rf"{name} is not the file.*Install article-qa again"):
        SpanNetwork(weights, threads=1)


@pytest.mark.parametrize("name", [*FILES, CHECKSUMS])
def test_a_missing_file_is_refused_with_the_remedy(weights: Path, name: str) -> None:
    (weights / name).unlink()
    with pytest.raises(ModelError, match=rf"(?s)cannot be read.*{name}.*Install article-qa again"):
        SpanNetwork(weights, threads=1)


@pytest.mark.parametrize("content", ["", "{", "\ufffd"])
def test_damaged_checksums_are_refused_with_the_remedy(weights: Path, content: str) -> None:
    (weights / CHECKSUMS).write_text(content)
    with pytest.raises(ModelError, match="Install article-qa again"):
        SpanNetwork(weights, threads=1)


def test_a_missing_folder_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone cannot be read.*Install article-qa again"):
        SpanNetwork(tmp_path / "gone", threads=1)


def test_every_processor_multiplies_the_weights_alike() -> None:
    """Without VNNI, two neighbouring products of a column, of at most 255 times a weight each, meet in 16 bits."""
    graph = onnx.load(MODELS / FILES[0]).graph
    constants = {constant.name: constant for constant in graph.initializer}
    products = [node for node in graph.node if node.op_type == "MatMulInteger"]
    assert products
    for node in products:
        matrix = np.abs(to_array(constants[node.input[1]]).astype(int))
        assert 255 * (matrix[::2] + matrix[1::2]).max() < 2**15, node.name


# Reading -----------------------------------------------------------------------------------------------------


def test_each_word_piece_of_the_passage_has_its_scores(network: SpanNetwork) -> None:
    passage = "Ann Baker was rescued."
    scored = read(network, passage)
    assert [passage[start:end] for start, end in scored.places] == ["Ann", "Baker", "was", "rescued", "."]
    assert scored.start.shape == scored.end.shape == (5,)
    assert scored.start.dtype == np.float32


def test_scores_come_in_the_order_of_the_passages_whatever_their_lengths(network: SpanNetwork) -> None:
    names = ("Ann", "Omar", "Mia", "Ivo", "Chen", "Lea", "Tom", "Ida")
    counts = (3, 250, 1, 90, 400, 2, 30, 160)
    passages = [f"{name} was rescued. " + "It rained. " * count for name, count in zip(names, counts, strict=True)]
    together = network.read("Who was rescued?", [("Storm", passage) for passage in passages])
    alone = [read(network, passage, title="Storm") for passage in passages]
    assert [scored.places for scored in together] == [scored.places for scored in alone]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_array_equal(one.start, other.start)


def test_no_passages_have_no_scores(network: SpanNetwork) -> None:
    assert network.read("Who was rescued?", []) == []


def test_a_long_passage_is_read_by_its_beginning(network: SpanNetwork) -> None:
    passage = "Ann Baker was rescued. " + "Nobody else was hurt. " * 500
    scored = read(network, passage)
    assert len(scored.places) < MAX_TOKENS
    assert scored.places[0] == (0, 3) and 1000 < scored.places[-1][1] < len(passage)
    beginning = read(network, passage[: scored.places[-1][1]])
    assert beginning.places == scored.places
    np.testing.assert_array_equal(beginning.start, scored.start)


@pytest.mark.parametrize("passage", ["", " \n", "\u200b"])
def test_a_passage_of_nothing_has_no_places_but_a_score_of_nothing(network: SpanNetwork, passage: str) -> None:
    scored = read(network, passage, title="Storm")
    assert len(scored.places) == len(scored.start) == len(scored.end) == 0
    assert np.isfinite([scored.nothing, scored.says]).all()


def test_a_title_that_leaves_no_room_leaves_no_places(network: SpanNetwork) -> None:
    assert read(network, "Ann was rescued.", title="storm " * 500).places == []


@pytest.mark.parametrize("words", [191, 399])
def test_the_longest_question_allowed_is_read(network: SpanNetwork, words: int) -> None:
    scored = read(network, "Ann was rescued.", question="Who? " * words)
    assert len(scored.places) == len(scored.start)


# Places ------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["rescued", "naïve", "Zoë", "Ærø", "don't", "1,200", "😀", "👩‍👩‍👧", "漢字", "한국", "Ωmega", "—", "“x”"]
)
SPACES = st.sampled_from([" ", "\n", "  ", "\t", "\u00a0", "\r\n"])
TEXTS = st.lists(st.tuples(WORDS, SPACES), max_size=12).map(
    lambda parts: "".join(word + space for word, space in parts)
)


@given(TEXTS, TEXTS)
@unhurried
def test_places_are_those_of_the_passages_own_words(network: SpanNetwork, title: str, passage: str) -> None:
    """In code points, whatever stands before or between."""
    scored = read(network, passage, title=title)
    starts, ends = {start for start, _ in scored.places}, {end for _, end in scored.places}
    rest = 0
    for word in passage.split():
        at = passage.index(word, rest)
        rest = at + len(word)
        assert at in starts and rest in ends
    assert len(scored.places) == len(scored.start)


@given(st.text(max_size=60), st.text(max_size=200), st.text(max_size=60))
@unhurried
def test_places_lie_inside_the_passage_and_in_order(
    network: SpanNetwork, title: str, passage: str, question: str
) -> None:
    places = read(network, passage, title=title, question=question).places
    assert all(0 <= start < end <= len(passage) for start, end in places)
    assert list(places) == sorted(places)
    assert all(passage[start:end].strip() for start, end in places)


@given(st.text(max_size=60), st.text(max_size=200))
@unhurried
def test_the_title_is_never_part_of_places(network: SpanNetwork, title: str, passage: str) -> None:
    assert read(network, passage, title=title).places == read(network, passage).places
