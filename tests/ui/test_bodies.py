"""What a request may bring, and how long it may take; with clocks of our own, since no test should wait."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.bodies import Bodies

SCOPE: dict[str, Any] = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(await Request(scope, receive).body())(scope, receive, send)


async def swallow(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that makes something of half a request, as some parsers do."""
    try:
        await Request(scope, receive).body()
        told = "all"
    except ClientDisconnect:
        told = "half"
    await PlainTextResponse(told)(scope, receive, send)


async def endless(scope: Scope, receive: Receive, send: Send) -> None:
    async def beat() -> AsyncIterator[bytes]:
        while True:
            yield b"."
            await asyncio.sleep(0.01)

    await StreamingResponse(beat())(scope, receive, send)


def exchange(app: ASGIApp, receive: Callable[[], Awaitable[Message]], **options: Any) -> list[Message]:
    """What is sent back to a request that comes by `receive`."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        stopping = asyncio.Event()
        asyncio.get_running_loop().call_later(0.1, stopping.set)
        guarded = Bodies(app, limit=lambda path: 10, stopping=stopping, **options)
        await asyncio.wait_for(guarded({**SCOPE}, receive, send), 30)

    asyncio.run(run())
    return sent


def coming(*pieces: bytes) -> Callable[[], Awaitable[Message]]:
    """A body in pieces, and then silence."""
    left = list(pieces)

    async def receive() -> Message:
        if not left:
            await asyncio.sleep(3600)
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": piece != b""}

    return receive


def test_a_body_within_the_limits_passes() -> None:
    sent = exchange(echo, coming(b"12345", b"67890", b""))

    assert (sent[0]["status"], sent[1]["body"]) == (200, b"1234567890")


@pytest.mark.parametrize("app", [echo, swallow])
def test_a_body_that_grows_too_large_is_refused_whatever_the_app_makes_of_it(app: ASGIApp) -> None:
    sent = exchange(app, coming(b"12345", b"678901", b""))

    assert [message["status"] for message in sent if "status" in message] == [413]
    assert b"more than 1e-05 MB" in sent[1]["body"]


@pytest.mark.parametrize("app", [echo, swallow])
def test_a_body_that_trickles_in_is_refused(app: ASGIApp) -> None:
    sent = exchange(app, coming(b"1", b"2"), grace_seconds=0.05)

    assert [message["status"] for message in sent if "status" in message] == [408]


def test_a_stream_without_end_ends_whole_when_the_program_is_about_to() -> None:
    sent = exchange(endless, coming(b""))

    assert sent[0]["status"] == 200 and sent[1]["body"] == b"."
    assert not sent[-1].get("more_body")
