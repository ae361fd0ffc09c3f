"""The weights of an exported reader, so that training can go on from it: from the packaged one, say."""

from pathlib import Path
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from onnx import GraphProto

_MATMULS = ("/MatMul", "/MatMul_quant")


def exported_weights(folder: Path) -> dict[str, torch.Tensor]:
    """The weights in `reader.onnx` by the names they have in `SpanModel`, float32.

    Those in int8 come back as what they stand for, which is the original but for its rounding.
    """
    import onnx

    graph = onnx.load(folder / "reader.onnx").graph
    stored = _stored(graph)
    weights = {name: value for name, value in stored.items() if name.endswith((".weight", ".bias"))}
    for node in graph.node:
        matrix = node.input[1].removesuffix("_quantized") if len(node.input) > 1 else ""
        if node.name.endswith(_MATMULS) and matrix in stored and matrix not in weights:
            # The export names a product after its layer, and holds the layer's matrix the other way round.
            layer = node.name.rpartition("/")[0].strip("/").replace("/", ".")
            weights[f"{layer}.weight"] = stored[matrix].T.contiguous()
    return weights


def _stored(graph: "GraphProto") -> dict[str, torch.Tensor]:
    """The graph's constants by name, what is quantised brought back to float32."""
    from onnx.numpy_helper import to_array

    found = {constant.name: torch.from_numpy(to_array(constant).copy()) for constant in graph.initializer}
    whole = {}
    for name, value in found.items():
        base = name.removesuffix("_quantized")
        if base != name:
            whole[base] = (value.float() - found[f"{base}_zero_point"].float()) * found[f"{base}_scale"]
        elif not name.endswith(("_scale", "_zero_point")):
            whole[name] = value
    return whole
