"""What the tests of `index` share: the real embedder, a tiny other model, another process."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

import index
from index.compile import packaged_model
from index.embeddings import Embedder, load_embedder
from index.settings import IndexSettings

hypothesis.settings.register_profile("index", derandomize=True, deadline=None, max_examples=60)
hypothesis.settings.load_profile("index")


@pytest.fixture(scope="session")
def embedder(clean_environment: None) -> Embedder:
    """The compiled all-MiniLM-L6-v2."""
    return load_embedder(IndexSettings.build())


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """An empty folder for article files."""
    folder = tmp_path / "articles"
    folder.mkdir()
    return folder


@pytest.fixture
def python() -> Callable[[str], str]:
    """Runs code in another process; what it prints is returned."""

    def run(code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            cwd=Path(index.__file__).parent.parent,
            env=os.environ,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> Path:
    """The folder of a sentence-transformers model of random weights that compiles in a second."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = AutoTokenizer.from_pretrained(str(packaged_model()))
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    torch.manual_seed(0)
    BertModel(BertConfig(vocab_size=len(tokenizer), **sizes)).save_pretrained(folder / "bert")
    tokenizer.save_pretrained(folder / "bert")
    modules = [Transformer(str(folder / "bert"), max_seq_length=128), Pooling(32)]
    prompts = {"query": "query: ", "document": "passage: "}
    SentenceTransformer(modules=modules, prompts=prompts, device="cpu").save(str(folder / "model"))
    return folder / "model"
