"""How much of the machine's arithmetic embedding uses: `python -m tests.bench.arithmetic`.

The rate that the machine can reach is measured by nothing but products of matrices of the model's own shapes, in int8
by onnxruntime's kernel and in bf16 by torch's. The model's operations are those of its matrix products, attention
included; what else it does (softmax, norms, quantising activations, tokenising) counts for nothing here.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from index.embeddings import Embedder, load_embedder
from index.settings import IndexSettings

SEEDS = Path(__file__).parent.parent.parent / "seeds"

# all-MiniLM-L6-v2.
_LAYERS, _HIDDEN, _INNER = 6, 384, 1536
_TOKENS, _TEXTS = 256, 128
_ROWS, _PRODUCTS = 1024, 50
_ROUNDS = 7


def main() -> None:
    """Measure in turns, so that what else the machine does meets all alike, and print the medians."""
    settings = IndexSettings.build()
    embedder = load_embedder(settings)
    texts = _texts(embedder)
    operations = len(texts) * _operations(_TOKENS)
    turns: dict[str, tuple[float, Callable[[], object]]] = {
        "int8": (_PRODUCTS * _product(), _int8(settings.threads)),
        "bf16": (_PRODUCTS * _product(), _bf16(settings.threads)),
        "embedding": (operations, lambda: embedder.embed(texts)),
    }
    rates: dict[str, list[float]] = {name: [] for name in turns}
    for turn in range(_ROUNDS + 1):
        for name, (work, run) in turns.items():
            started = time.perf_counter()
            run()
            if turn:  # the first warms up
                rates[name].append(work / (time.perf_counter() - started))
    median = {name: statistics.median(found) / 1e9 for name, found in rates.items()}
    print(f"{len(texts)} chunks of {_TOKENS} word pieces, {settings.threads} threads\n")
    print("| | billion operations a second | embedding's share |\n|---|---|---|")
    for name in ("int8", "bf16"):
        print(f"| {name} products alone | {median[name]:,.0f} | {median['embedding'] / median[name]:.0%} |")
    print(f"| embedding | {median['embedding']:,.0f} | |")
    chunks = 1e9 * median["embedding"] / _operations(_TOKENS)
    print(f"\n{chunks:.0f} chunks a second, {_operations(_TOKENS) / 1e9:.1f} billion operations each.")


def _texts(embedder: Embedder) -> list[str]:
    """Texts of exactly so many word pieces, special tokens included, as nearly as cutting real ones can give them."""
    text = " ".join(path.read_text() for path in sorted(SEEDS.glob("*.txt")))
    starts = embedder.token_starts(text)
    length = min(_TOKENS, embedder.max_tokens) - 2
    pieces = [text[starts[at] : starts[at + length]] for at in range(0, len(starts) - length, length)]
    return [pieces[number % len(pieces)] for number in range(_TEXTS)]


def _operations(tokens: int) -> float:
    """Multiplications and additions for a text of so many tokens."""
    linear = 2 * tokens * (4 * _HIDDEN**2 + 2 * _HIDDEN * _INNER)
    attention = 2 * 2 * tokens**2 * _HIDDEN
    return float(_LAYERS * (linear + attention))


def _product() -> float:
    return 2.0 * _ROWS * _HIDDEN * _INNER


def _int8(threads: int) -> Callable[[], object]:
    """Products of the layer's largest matrix, one onnxruntime operator each."""
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    weights = np.random.default_rng(0).integers(-127, 127, (_HIDDEN, _INNER)).astype(np.int8)
    names = [f"y{number}" for number in range(_PRODUCTS)]
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", [f"x{number}", "w"], [name]) for number, name in enumerate(names)],
        "products",
        [helper.make_tensor_value_info(f"x{n}", TensorProto.UINT8, [_ROWS, _HIDDEN]) for n in range(_PRODUCTS)],
        [helper.make_tensor_value_info(name, TensorProto.INT32, [_ROWS, _INNER]) for name in names],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    given = np.random.default_rng(1).integers(0, 255, (_ROWS, _HIDDEN)).astype(np.uint8)
    inputs: dict[str, Any] = {f"x{number}": given for number in range(_PRODUCTS)}
    return lambda: session.run(None, inputs)


def _bf16(threads: int) -> Callable[[], object]:
    import torch

    torch.set_num_threads(threads)
    left, right = torch.randn(_ROWS, _HIDDEN).bfloat16(), torch.randn(_HIDDEN, _INNER).bfloat16()
    into = torch.empty(_ROWS, _INNER, dtype=torch.bfloat16)

    def run() -> None:
        for _ in range(_PRODUCTS):
            torch.mm(left, right, out=into)

    return run


if __name__ == "__main__":
    main()
