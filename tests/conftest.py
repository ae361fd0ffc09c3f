"""What all tests share: a network that ends at loopback, the compiled model, the seeds' index."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.compile import packaged_model
from index.settings import IndexSettings
from index.store import Index

# The hub's client reads it when it is imported, which test modules do before any fixture runs.
os.environ["HF_HUB_OFFLINE"] = "1"

SEEDS = Path(__file__).parent.parent / "seeds"
_LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")


class NetworkDenied(OSError):
    """A test tried to reach beyond loopback."""


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[list[object]]:
    """Deny all sockets but loopback and local ones, name look-ups included; the attempts are collected."""
    attempts: list[object] = []
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(host: object) -> None:
        if not str(host or "localhost").startswith(_LOOPBACK):
            attempts.append(host)
            raise NetworkDenied(f"tests may not reach {host}")

    def guarded(method: Any) -> Any:
        def call(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                check(address[0])
            return method(self, address)

        return call

    def look_up(host: Any, *args: Any, **options: Any) -> Any:
        check(host.decode() if isinstance(host, bytes) else host)
        return getaddrinfo(host, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(connect))
        patch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
        patch.setattr(socket, "getaddrinfo", look_up)
        yield attempts


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this run's compiled models are: compiled once, then shared."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session", autouse=True)
def clean_environment(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No setting of the person who runs the tests shows, and nothing is written to their home."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("QA_")]:
            patch.delenv(name)
        patch.setenv("QA_CACHE", str(cache))
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The project's own articles."""
    return SEEDS


@pytest.fixture(scope="session")
def seed_index(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> Path:
    """The folder of an index of the seeds. Only to be read."""
    folder = tmp_path_factory.mktemp("seeds") / "articles.index"
    with Index(IndexSettings.build(index=folder), create=True) as index:
        report = index.update([SEEDS])
    assert not report.failed
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> IndexSettings:
    """Settings of a new index that is the test's own."""
    return IndexSettings.build(index=tmp_path / "articles.index", wait=5)


@pytest.fixture
def index(settings: IndexSettings) -> Iterator[Index]:
    """An empty index that is the test's own."""
    with Index(settings, create=True) as index:
        yield index


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
