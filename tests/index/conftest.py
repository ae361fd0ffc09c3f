"""What the tests of `index` share: the real embedder, a tiny other model, a ledger, another process."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

import index
from index import publish
from index.embeddings import Embedder, load_embedder
from index.ledger import Ledger
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
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger, alone in `tmp_path`."""
    ledger = Ledger(tmp_path / "ledger.sqlite3", create=True)
    yield ledger
    ledger.close()


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chroma follows each change, however small."""
    monkeypatch.setattr(publish, "_BEHIND", 0)
    monkeypatch.setattr(publish, "_BEHIND_CHUNKS", 0)


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
