"""Export the reader: `python -m qa.training.export --weights FOLDER [--weights FOLDER] [--out qa/models]`.

Writes `reader.onnx` with int8 weights, `tokenizer.json`, and their checksums; of several runs, with the mean of their
weights. The layer that gives the scores stays in full precision: it is a thousandth of the arithmetic, and all of the
answer hangs on it. Weights take 7 of the 8 bits: processors without VNNI add products in pairs of 16 bits, which a
full weight overflows, so that the same reader would answer differently from machine to machine.
"""

import argparse
import json
import shutil
import tempfile
import warnings
from pathlib import Path

import torch

from index.compile import packaged_model
from qa.network import CHECKSUMS, INPUTS, MODELS, OUTPUTS, checksums
from qa.training.model import SpanModel, load_model


def export(model: SpanModel, out: Path, *, quantise: bool = True) -> None:
    """Write what `qa.network` loads into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch, "reader.onnx")
        _export(model, plain)
        if quantise:
            _quantise(plain, out / "reader.onnx")
        else:
            shutil.copyfile(plain, out / "reader.onnx")
    shutil.copyfile(packaged_model() / "tokenizer.json", out / "tokenizer.json")
    (out / CHECKSUMS).write_text(json.dumps(checksums(out), indent=1) + "\n")


def _export(model: SpanModel, path: Path) -> None:
    example = torch.ones(2, 16, dtype=torch.long)
    sizes = {0: "passages", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of sizes that it is told are dynamic
        torch.onnx.export(
            model.eval(),
            (example, torch.zeros_like(example), example),
            str(path),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={name: sizes for name in (*INPUTS, "start", "end")} | {"says": {0: "passages"}},
            opset_version=17,
            dynamo=False,
        )


def _quantise(source: Path, target: Path) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    nodes = [node.name for node in onnx.load(source).graph.node]
    kept = [name for name in nodes if name.startswith("/scores/")]
    quantize_dynamic(
        source, target, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8, nodes_to_exclude=kept
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Export the reader for onnxruntime.")
    parser.add_argument(
        "--weights", type=Path, required=True, action="append", help="where qa.training.train left its weights"
    )
    parser.add_argument("--out", type=Path, default=MODELS, help="where the files go (default: %(default)s)")
    parser.add_argument("--full-precision", action="store_true", help="do not quantise, to compare with")
    options = parser.parse_args()
    export(load_model(*options.weights), options.out, quantise=not options.full_precision)


if __name__ == "__main__":
    main()
