"""Text to vectors, by the compiled form of a sentence-transformers model."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.compile import FORMAT, INPUTS, CompiledModel, compile_model, read_compiled
from index.inference import Inference
from index.settings import DEFAULT_MODEL, IndexSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]


def load_embedder(settings: IndexSettings) -> "Embedder":
    """The embedder of `settings.embedding_model`, compiled first if the cache does not hold it.

    Raises ModelError when the model cannot be had or compiled.
    """
    folder = settings.cache / "models" / _cache_name(settings.embedding_model)
    compiled = read_compiled(folder)
    if compiled is None:
        compiled = _compile_into(folder, settings.embedding_model)
    return Embedder(folder, compiled, threads=settings.threads)


def _compile_into(folder: Path, name: str) -> CompiledModel:
    from filelock import FileLock

    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if compiled := read_compiled(folder):  # another process was faster
            return compiled
        scratch = Path(tempfile.mkdtemp(dir=folder.parent))
        try:
            compiled = compile_model(name, scratch)
            shutil.rmtree(folder, ignore_errors=True)
            scratch.rename(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return compiled


def _cache_name(model: str) -> str:
    """A folder name for a model: a local one that changes gets another."""
    key = model
    if model != DEFAULT_MODEL and Path(model).is_dir():
        files = sorted(path for path in Path(model).rglob("*") if path.is_file())
        key = "\n".join([model, *(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files)])
    slug = "".join(c if c.isalnum() or c in "-." else "-" for c in Path(model).name)
    return f"{slug}-{FORMAT}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


class Embedder:
    """Embeds texts and queries; vectors are float32, L2-normalised."""

    def __init__(self, folder: Path, compiled: CompiledModel, *, threads: int) -> None:
        self._folder = folder
        self._compiled = compiled
        self._threads = threads

    @property
    def fingerprint(self) -> str:
        """Names the model, its weights and the way it is compiled: vectors of equal ones can be compared."""
        return self._compiled.fingerprint

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._compiled.dimension

    @property
    def max_tokens(self) -> int:
        """The word pieces the model reads of a text, special tokens included."""
        return self._compiled.max_tokens

    @cached_property
    def room(self) -> int:
        """The word pieces of an article's text that the model reads: without special tokens and its own prompt."""
        return self.max_tokens - len(self._tokenizer.encode(self._compiled.article_prompt).ids)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _model(self) -> Inference:
        return Inference(self._folder / "model.onnx", threads=self._threads)

    def token_starts(self, text: str) -> list[int]:
        """The character at which each word piece of `text` starts, special tokens left out."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return [start for start, _ in encoding.offsets]

    def embed(self, texts: Sequence[str], *, advance: Callable[[int], None] | None = None) -> "Vectors":
        """Vectors of articles' texts, float32 `[n, dimension]`; `advance` is told how many more are done.

        A text longer than the model reads is embedded by its beginning.
        """
        return self._run([self._compiled.article_prompt + text for text in texts], advance)

    def embed_query(self, query: str) -> "Vectors":
        """The vector of a query, float32 `[dimension]`."""
        return self._run([self._compiled.query_prompt + query], None)[0]  # type: ignore[no-any-return]

    def _run(self, texts: Sequence[str], advance: Callable[[int], None] | None) -> "Vectors":
        import numpy as np

        encodings = self._tokenizer.encode_batch(list(texts))
        # The longest first, so that no core is left with one while the others have nothing to do.
        order = sorted(range(len(texts)), key=lambda number: -len(encodings[number].ids))
        rows = [np.array([self._truncate(encodings[number].ids)], dtype=np.int64) for number in order]
        inputs = [dict(zip(INPUTS, (row, np.ones_like(row)), strict=True)) for row in rows]
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for number, (vector,) in zip(order, self._model.run(inputs), strict=True):
            vectors[number] = vector[0]
            if advance:
                advance(1)
        return vectors

    def _truncate(self, ids: list[int]) -> list[int]:
        return ids if len(ids) <= self.max_tokens else [*ids[: self.max_tokens - 1], ids[-1]]
