"""Sessions whose language model is a scripted server, driven through the provider's real class."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import qa
from tests.qa.llm.servers import KEY, Protocol, Script, Scripted

Serve = Callable[..., Scripted]
Open = Callable[..., qa.QA]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts scripted servers, which end with the test."""
    with ExitStack() as stack:
        yield lambda script, protocol="openai": stack.enter_context(Scripted(protocol, script).up())


@pytest.fixture
def ask_model(serve: Serve, seed_index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a session on the seeds with a scripted model; `session.server` is the server."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ExitStack() as stack:

        def open_session(script: Script, protocol: Protocol = "openai", **settings: Any) -> qa.QA:
            server = serve(script, protocol)
            given: dict[str, Any] = {"llm": server.llm, "llm_base_url": server.url, "llm_timeout": 10} | settings
            session = stack.enter_context(qa.QA.open(seed_index, **given))
            session.server = server  # type: ignore[attr-defined]
            return session

        yield open_session
