"""Sessions whose language model is a scripted server, driven through the provider's real class."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

import qa
from tests.bench.faults import borrowing
from tests.qa.llm.servers import KEY, Protocol, Script, Scripted

Serve = Callable[..., Scripted]
Open = Callable[..., qa.QA]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts scripted servers, which end with the test."""
    with ExitStack() as stack:
        yield lambda script, protocol="openai": stack.enter_context(Scripted(protocol, script).up())


@pytest.fixture
def ask_model(serve: Serve, session: qa.QA, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a session on the seeds with a scripted model; `session.server` is the server."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def open_session(script: Script, protocol: Protocol = "openai", **settings: Any) -> qa.QA:
        server = serve(script, protocol)
        given = {"llm": server.llm, "llm_base_url": server.url, "llm_timeout": 60.0} | settings
        opened = borrowing(session, **given)
        opened.server = server  # type: ignore[attr-defined]
        return opened

    return open_session
