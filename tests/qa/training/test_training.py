"""A short training run learns, can be interrupted, and its weights read alike in torch and in onnxruntime."""

import json
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from index.compile import packaged_model
from qa.network import CHECKSUMS, INPUTS, SpanNetwork, checksums
from qa.span_input import MAX_TOKENS, Writer
from qa.spans import best_pairs
from qa.training import model, train
from qa.training.encode import Encoded, collate, encode
from qa.training.examples import Example
from qa.training.export import export
from qa.training.exported import exported_weights
from qa.training.model import SpanModel, load_model, loss_of

NAMES = ("Ann Baker", "Omar Reyes", "Mia Lund", "Ivo Petrov", "Chen Wei", "Lea Roth", "Tom Okafor", "Zoë Blanc")
CITIES = ("Oslo", "Bergen", "Turku", "Malmö", "Aarhus", "Tampere", "Gdańsk", "Riga")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
THINGS = ("bridge", "school", "park", "museum")
ASIDES = ("It rained all day.", "Nobody was hurt.", "The mayor did not come.", "The crowd cheered.")


def made_up(count: int, *, seed: int) -> list[Example]:
    """Passages of one to three sentences on who opened what, where and when; each fourth is silent on what is asked."""
    rng = random.Random(seed)
    examples = []
    for number in range(count):
        name, city, day, thing = map(rng.choice, (NAMES, CITIES, DAYS, THINGS))
        question, answer = (
            (f"Who opened the {thing} in {city}?", name),
            (f"Where did {name} open the {thing}?", city),
            (f"When was the {thing} in {city} opened?", day),
            (f"How much did the {thing} in {city} cost?", ""),
        )[number % 4]
        told = f"{name} opened the new {thing} in {city} on {day}."
        passage = " ".join([*rng.sample(ASIDES, rng.randint(0, 1)), told, *rng.sample(ASIDES, rng.randint(0, 1))])
        spans = ((passage.index(answer), passage.index(answer) + len(answer)),) if answer else ()
        examples.append(Example("made up", question, passage, rng.choice(["", "City news"]), spans))
    return examples


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Several would wait for each other on a busy machine, and take longer together than one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def writer() -> Writer:
    return Writer(packaged_model() / "tokenizer.json")


@pytest.fixture(scope="module")
def encoded(writer: Writer) -> list[Encoded]:
    return encode(made_up(400, seed=0), writer)


# Encoding ----------------------------------------------------------------------------------------------------


def test_targets_are_the_word_pieces_of_the_answers(writer: Writer) -> None:
    passage = "😀 Zoë Blanc left Gdańsk; Blanc returned."
    (one,) = encode([Example("a", "Who left?", passage, "Zoë news", ((2, 11), (25, 30)))], writer)
    tokenizer = Tokenizer.from_file(str(packaged_model() / "tokenizer.json"))
    assert [tokenizer.decode(one.ids[first : last + 1]) for first, last in one.targets] == ["zoe blanc", "blanc"]


def test_a_passage_that_does_not_say_has_the_first_word_piece_for_target(writer: Writer) -> None:
    (one,) = encode([Example("a", "Who left?", "It rained.")], writer)
    assert one.targets == ((0, 0),)


def test_an_answer_behind_what_is_read_is_no_target_and_without_any_the_example_is_left_out(writer: Writer) -> None:
    passage = "Riga " * 2 * MAX_TOKENS
    near, far = (0, 4), (len(passage) - 5, len(passage) - 1)
    found = encode([Example("a", "Where?", passage, spans=spans) for spans in ((near, far), (far,))], writer)
    assert [len(one.targets) for one in found] == [1]
    assert len(found[0].ids) == MAX_TOKENS


def test_a_batch_is_padded_to_its_longest(writer: Writer) -> None:
    passage = "Riga or Oslo."
    some = encode(
        [Example("a", "Where?", passage, spans=((0, 4), (8, 12))), Example("a", "Who was it then?", passage)], writer
    )
    batch = collate(some)
    lengths = [len(one.ids) for one in some]
    assert batch["ids"].shape == (2, max(lengths)) and batch["mask"].sum(1).tolist() == lengths
    assert batch["starts"].tolist() == [[some[0].targets[0][0], some[0].targets[1][0]], [0, -1]]


def test_the_loss_asks_for_any_of_the_right_answers() -> None:
    start = torch.tensor([[0.0, 9.0, 0.0, 0.0]])
    scores = (start, start, torch.tensor([9.0]))

    def loss(*places: int) -> float:
        return loss_of(scores, torch.tensor([places]), torch.tensor([places])).item()

    assert loss(1, -1) == pytest.approx(loss(1, 3), abs=0.01) == pytest.approx(0, abs=0.01)
    assert loss(2, 3) > 5 and loss(0, -1) > 5


# A run ---------------------------------------------------------------------------------------------------------


@dataclass
class Run:
    """What a short run left: the losses, the folder of the weights, and their two exports."""

    losses: list[float]
    weights: Path
    full: Path
    int8: Path


@pytest.fixture(scope="module")
def run(encoded: list[Encoded], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    out = tmp_path_factory.mktemp("run")
    losses = train.train(encoded, out, tokens=12_000, batch_tokens=768, rate=3e-4)
    trained = load_model(out)
    export(trained, out / "full", quantise=False)
    export(trained, out / "int8")
    yield Run(losses, out, out / "full", out / "int8")
    shutil.rmtree(out)


class TorchModel:
    """Runs the model in torch where `SpanNetwork` has onnxruntime run it."""

    def __init__(self, model: SpanModel) -> None:
        self.model = model
        self.inputs: Sequence[dict[str, Any]] = []

    @torch.no_grad()
    def run(self, inputs: Sequence[dict[str, Any]], _: Sequence[str]) -> list[list[Any]]:
        self.inputs = inputs
        given = [[torch.from_numpy(one[name]) for name in INPUTS] for one in inputs]
        return [[scores.numpy() for scores in self.model(*tensors)] for tensors in given]


@pytest.fixture(scope="module")
def torch_network(run: Run) -> SpanNetwork:
    network = SpanNetwork(run.full, threads=1)
    network._model = TorchModel(load_model(run.weights))  # type: ignore[assignment]
    return network


def best_spans(network: SpanNetwork, examples: Sequence[Example]) -> list[str]:
    """The best span of each passage, as `start:end text`."""
    found = []
    for example in examples:
        (scored,) = network.read(example.question, [(example.title, example.passage)])
        first, last, _ = best_pairs(scored.start, scored.end)[0]
        start, end = scored.places[first][0], scored.places[last][1]
        found.append(f"{start}:{end} {example.passage[start:end]}")
    return found


NEW = made_up(30, seed=1)


def test_the_loss_falls(run: Run) -> None:
    assert np.mean(run.losses[-4:]) < 0.6 * np.mean(run.losses[:4])
    assert json.loads((run.weights / "losses.json").read_text()) == run.losses


def test_the_exported_reader_finds_the_spans_that_torch_finds(run: Run, torch_network: SpanNetwork) -> None:
    found = best_spans(SpanNetwork(run.full, threads=1), NEW)
    assert found == best_spans(torch_network, NEW)
    assert len(set(found)) > 10


def test_the_exported_reader_gives_the_scores_that_torch_gives(run: Run, torch_network: SpanNetwork) -> None:
    """Padding included: the passages are of several lengths."""
    passages = [(example.title, example.passage) for example in NEW]
    both = (network.read("Who?", passages) for network in (SpanNetwork(run.full, threads=1), torch_network))
    for one, other in zip(*both, strict=True):
        np.testing.assert_allclose(one.start, other.start, atol=1e-3)
        np.testing.assert_allclose(one.end, other.end, atol=1e-3)
        assert (one.nothing, one.says) == pytest.approx((other.nothing, other.says), abs=1e-3)


def test_the_quantised_reader_is_whole_small_and_finds_most_of_the_same_spans(run: Run) -> None:
    assert json.loads((run.int8 / CHECKSUMS).read_text()) == checksums(run.int8)
    small, large = ((folder / "reader.onnx").stat().st_size for folder in (run.int8, run.full))
    assert small < 0.3 * large
    full, int8 = (best_spans(SpanNetwork(folder, threads=1), NEW) for folder in (run.full, run.int8))
    assert sum(one == other for one, other in zip(full, int8, strict=True)) > 20


@pytest.mark.parametrize("example", NEW[:2] + [Example("a", "Where? " * 20, "Riga " * 2 * MAX_TOKENS, "City news")])
def test_reading_gives_the_network_what_training_gave_it(
    torch_network: SpanNetwork, writer: Writer, example: Example
) -> None:
    torch_network.read(example.question, [(example.title, example.passage)])
    (inputs,) = torch_network._model.inputs  # type: ignore[attr-defined]
    (one,) = encode([Example("a", example.question, example.passage, example.title)], writer)
    assert inputs["ids"].tolist() == [one.ids] and inputs["types"].tolist() == [one.types]
    assert inputs["mask"].tolist() == [[1] * len(one.ids)]


# Going on from a reader, and several together -----------------------------------------------------------------


def test_an_exported_readers_weights_come_back(run: Run) -> None:
    trained = load_file(run.weights / model.WEIGHTS)
    full, int8 = (exported_weights(folder) for folder in (run.full, run.int8))
    assert trained.keys() == full.keys() == int8.keys()
    assert all(torch.equal(trained[name], full[name]) for name in trained)
    # Rounded to one of 128 levels of its column, or of the whole matrix.
    assert all((trained[n] - int8[n]).abs().max() <= (trained[n].max() - trained[n].min()) / 120 for n in trained)


def test_a_run_can_start_from_an_exported_reader(run: Run, encoded: list[Encoded], tmp_path: Path) -> None:
    losses = train.train(encoded, tmp_path, tokens=2_000, batch_tokens=768, start=run.int8)
    assert np.mean(losses) < 0.6 * np.mean(run.losses[:4])


def test_models_given_together_are_averaged(run: Run, tmp_path: Path) -> None:
    other = SpanModel()
    model.save_model(other, tmp_path)
    mean = load_model(run.weights, run.weights, tmp_path).scores.weight
    assert torch.allclose(mean, (2 * load_model(run.weights).scores.weight + other.scores.weight) / 3)


# Interrupted and lengthened runs -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    sizes = BertConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
    BertModel(sizes).save_pretrained(folder)
    return folder


class TinyRun:
    """Trains a tiny model of random weights instead of MiniLM, with a checkpoint after every step."""

    def __init__(self, encoded: list[Encoded]) -> None:
        self.encoded = encoded
        self.taken = 0
        self.interrupted_after = -1

    def collate(self, batch: Sequence[Encoded]) -> dict[str, torch.Tensor]:
        if self.taken == self.interrupted_after:
            raise KeyboardInterrupt
        self.taken += 1
        return collate(batch)

    def __call__(self, out: Path, *, tokens: int, interrupted_after: int = -1) -> list[float]:
        """The losses; `taken` is how many of the steps were this run's own."""
        self.taken, self.interrupted_after = 0, interrupted_after
        return train.train(self.encoded, out, tokens=tokens, batch_tokens=768, checkpoint_seconds=0)


@pytest.fixture
def tiny_run(encoded: list[Encoded], tiny_bert: Path, monkeypatch: pytest.MonkeyPatch) -> TinyRun:
    run = TinyRun(encoded)
    monkeypatch.setattr(model, "packaged_model", lambda: tiny_bert)
    monkeypatch.setattr(train, "collate", run.collate)
    return run


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(tiny_run: TinyRun, tmp_path: Path) -> None:
    losses = tiny_run(tmp_path / "whole", tokens=12_000)
    with pytest.raises(KeyboardInterrupt):
        tiny_run(tmp_path / "parts", tokens=12_000, interrupted_after=6)
    assert tiny_run(tmp_path / "parts", tokens=12_000) == losses
    assert tiny_run.taken == len(losses) - 6
    whole, parts = (load_file(tmp_path / name / model.WEIGHTS) for name in ("whole", "parts"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_a_longer_run_goes_on_from_before_the_decay_of_the_shorter(tiny_run: TinyRun, tmp_path: Path) -> None:
    short = tiny_run(tmp_path, tokens=6_000)
    long = tiny_run(tmp_path, tokens=12_000)
    kept = len(long) - tiny_run.taken
    assert len(short) / 2 < kept < len(short)
    assert long[:kept] == short[:kept]


def test_a_shorter_run_that_would_be_decaying_by_then_begins_anew(tiny_run: TinyRun, tmp_path: Path) -> None:
    tiny_run(tmp_path, tokens=12_000)
    assert len(tiny_run(tmp_path, tokens=6_000)) == tiny_run.taken
