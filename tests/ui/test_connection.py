"""Connections: whoever sends nothing whole is hung up on, whoever waits for an answer is not."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from ui.connection import Patient


async def slow(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that takes its time, longer than headers may."""
    await asyncio.sleep(2.5)
    await PlainTextResponse("there")(scope, receive, send)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr("ui.connection._HEADER_SECONDS", 1.0)
    config = uvicorn.Config(slow, port=0, http=Patient, ws="none", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"GE"])
def test_headers_that_do_not_come_end_the_connection(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(sent)

        assert connection.recv(100) == b""


def test_an_answer_may_take_longer_and_what_follows_it_is_no_exception(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"there" in connection.recv(1000)

        connection.sendall(b"GET / HTTP/1.1\r\nHost")
        assert connection.recv(100) == b""
