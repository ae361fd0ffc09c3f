"""The span reader's network: scores for where in a passage an answer starts and ends, and whether there is one.

Its weights come with the package (`qa/models/`, int8, run by onnxruntime); `qa.training` made them.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import ModelError
from index.inference import Inference
from qa.span_input import SpanInput, Writer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Scores = NDArray[np.float32]

MODELS = Path(__file__).parent / "models"
"""The folder of the weights that come with the package."""

FILES = ("reader.onnx", "tokenizer.json")
CHECKSUMS = "sha256.json"

INPUTS = ("ids", "types", "mask")
"""The network's inputs, int64 `[passages, tokens]`."""

OUTPUTS = ("start", "end", "says")
"""Its outputs, float32: `[passages, tokens]` twice, and `[passages]`."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What the network makes of one passage: scores are logits, of its `tokens` word pieces.

    `places` has the characters `[start, end)` of the passage that each word piece stands for. `nothing` is the
    score of there being no answer, to be compared with a span's `start + end`; `says` is above 0 if there is one.
    """

    start: "Scores"
    end: "Scores"
    places: Sequence[tuple[int, int]]
    nothing: float
    says: float


class SpanNetwork:
    """Reads passages for a question. Threads may share it."""

    def __init__(self, folder: Path = MODELS, *, threads: int) -> None:
        """Load the weights in `folder`. Raises ModelError when they are not the ones that were put there."""
        check(folder)
        self._model = Inference(folder / "reader.onnx", threads=threads)
        self._writer = Writer(folder / "tokenizer.json")

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Scored]:
        """Score passages, each given by its article's title and its text; what does not fit is not read."""
        import numpy as np

        written = list(self._writer.write(question, passages))
        rows = [(one.ids, one.types, [1] * len(one.ids)) for one in written]
        inputs = [
            {name: np.array([values], dtype=np.int64) for name, values in zip(INPUTS, row, strict=True)} for row in rows
        ]
        return [_scored(one, *scores) for one, scores in zip(written, self._model.run(inputs, OUTPUTS), strict=True)]


def _scored(written: SpanInput, start: "Scores", end: "Scores", says: "Scores") -> Scored:
    inside = written.passage
    return Scored(start[0, inside], end[0, inside], written.places, float(start[0, 0] + end[0, 0]), float(says[0]))


def check(folder: Path) -> None:
    """Compare the files in `folder` with their checksums. Raises ModelError."""
    try:
        expected = json.loads((folder / CHECKSUMS).read_text())
        found = checksums(folder)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"the reader's weights in {folder} cannot be read: {error}. Install article-qa again"
        ) from error
    for name in FILES:
        if expected.get(name) != found[name]:
            raise ModelError(f"{folder / name} is not the file that was put there. Install article-qa again")


def checksums(folder: Path) -> dict[str, str]:
    """The SHA-256 of each of the reader's files in `folder`."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
