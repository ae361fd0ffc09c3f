"""From examples to word pieces."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.span_input import SpanInput, Writer
from qa.training.examples import Example

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example in word pieces: `targets` are the first and last word piece of each right answer.

    Where the passage does not say, the target is the word piece 0, `[CLS]`, as in BERT's SQuAD 2.0 reader.
    """

    ids: Sequence[int]
    types: Sequence[int]
    targets: tuple[tuple[int, int], ...]


def encode(examples: Sequence[Example], writer: Writer) -> list[Encoded]:
    """Encode examples; those whose answers all lie behind what is read are left out."""
    encoded = []
    for example in examples:
        (written,) = writer.write(example.question, [(example.title, example.passage)])
        targets = tuple(filter(None, (_target(span, written) for span in example.spans)))
        if targets or not example.spans:
            encoded.append(Encoded(written.ids, written.types, targets or ((0, 0),)))
    return encoded


def _target(span: tuple[int, int], written: SpanInput) -> tuple[int, int] | None:
    """The first and last word piece that have a part in the span."""
    inside = [number for number, (start, end) in enumerate(written.places) if start < span[1] and span[0] < end]
    if not inside or written.places[inside[-1]][1] < span[1]:
        return None
    return written.first + inside[0], written.first + inside[-1]


def collate(batch: Sequence[Encoded]) -> dict[str, "torch.Tensor"]:
    """Pad a batch: `ids`, `types`, `mask` int64 `[n, longest]`; `starts`, `ends` int64 `[n, targets]`, -1 for none."""
    import torch

    width, count = max(len(example.ids) for example in batch), max(len(example.targets) for example in batch)

    def padded(rows: Iterable[Sequence[int]], size: int, filler: int) -> torch.Tensor:
        return torch.tensor([[*row, *[filler] * (size - len(row))] for row in rows])

    return {
        "ids": padded((example.ids for example in batch), width, 0),
        "types": padded((example.types for example in batch), width, 0),
        "mask": padded(([1] * len(example.ids) for example in batch), width, 0),
        "starts": padded(([s for s, _ in example.targets] for example in batch), count, -1),
        "ends": padded(([e for _, e in example.targets] for example in batch), count, -1),
    }
