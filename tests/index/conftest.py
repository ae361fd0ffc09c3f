"""What the tests of `index` share: the real embedder, a tiny other model, a ledger, another process."""

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import hypothesis
import pytest

import index
from index import publish
from index.embeddings import Embedder, load_embedder
from index.ledger import Ledger
from index.protocols import AnyLedger
from index.settings import IndexSettings
from tests import servers as starting
from tests.servers import Servers

_NUMBERS = itertools.count()

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
def open_ledger(setup: str, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., AnyLedger]:
    """Opens the ledger at one place; in a folder, alone in `tmp_path`."""
    if setup == "folder":
        return partial(Ledger, tmp_path / "ledger.sqlite3")
    from index.postgres.ledger import PostgresLedger

    return partial(PostgresLedger, request.getfixturevalue("database_url"))


@pytest.fixture
def ledger(open_ledger: Callable[..., AnyLedger]) -> Iterator[AnyLedger]:
    """An empty ledger."""
    ledger = open_ledger(create=True)
    yield ledger
    ledger.close()


# Set-ups -------------------------------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests of a module that says BOTH_SETUPS are run on files in a folder, and on servers; but for `folder_only`."""
    only = metafunc.definition.get_closest_marker("folder_only")
    if getattr(metafunc.module, "BOTH_SETUPS", False) and not only and "setup" in metafunc.fixturenames:
        metafunc.parametrize("setup", ["folder", "servers"], indirect=True)


@pytest.fixture
def setup(request: pytest.FixtureRequest) -> str:
    """What an index runs on: `folder` or `servers`."""
    return getattr(request, "param", "folder")


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL and a Chroma server."""
    if reason := starting.missing():
        pytest.skip(reason)
    with starting.servers() as running:
        yield running


@pytest.fixture
def database_url(servers: Servers) -> Iterator[str]:
    """The address of an empty place in PostgreSQL."""
    name = f"test_{next(_NUMBERS)}"
    yield servers.schema(name)
    servers.postgres.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture
def settings(setup: str, request: pytest.FixtureRequest, tmp_path: Path) -> IndexSettings:
    """Settings of a new index that is the test's own."""
    index = tmp_path / "articles.index"
    if setup == "folder":
        return IndexSettings.build(index=index, wait=5)
    chroma = request.getfixturevalue("servers").chroma.url
    url = request.getfixturevalue("database_url")
    return IndexSettings.build(index=index, wait=5, database_url=url, chroma_url=chroma)


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
