"""What a request may bring: not too much of it, and not too slowly. And streams that end when the program does."""

import asyncio
import time
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A body may take so long, and more as long as it comes at least this fast.
_GRACE_SECONDS = 15.0
_BYTES_PER_SECOND = 10_000


class Bodies:
    """Refuses bodies above `limit(path)` bytes with 413, and those that trickle in with 408.

    `stopping` is set when the program is about to end: streams that would go on for ever then end, too.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit: Callable[[str], int],
        stopping: asyncio.Event,
        grace_seconds: float = _GRACE_SECONDS,
    ) -> None:
        self._app = app
        self._limit = limit
        self._stopping = stopping
        self._grace = grace_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        claimed = Headers(scope=scope).get("content-length", "0")
        if not claimed.isdecimal() or int(claimed) > limit:
            await _too_large(limit)(scope, receive, send)
            return
        await _Exchange(self._app, limit, self._stopping, self._grace).run(scope, receive, send)


class _Exchange:
    """One request and its response."""

    def __init__(self, app: ASGIApp, limit: int, stopping: asyncio.Event, grace: float) -> None:
        self._app = app
        self._limit = limit
        self._stopping = stopping
        self._grace = grace
        self._refusal: JSONResponse | None = None
        self._started = self._ended = False

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, length, whole = time.monotonic(), 0, False

        async def take() -> Message:
            nonlocal length, whole
            if whole:
                return await self._until_stopped(receive)
            deadline = began + self._grace + length / _BYTES_PER_SECOND
            try:
                message = await asyncio.wait_for(receive(), deadline - time.monotonic())
            except TimeoutError:
                self._refusal = JSONResponse({"detail": "the request came too slowly. Send it again"}, 408)
                return {"type": "http.disconnect"}
            length += len(message.get("body", b""))
            whole = not message.get("more_body")
            if length > self._limit:
                self._refusal = _too_large(self._limit)
                return {"type": "http.disconnect"}
            return message

        async def tell(message: Message) -> None:
            if self._refusal and not self._started:
                return  # whatever the app makes of half a request
            self._started = True
            self._ended = message["type"] == "http.response.body" and not message.get("more_body")
            await send(message)

        try:
            await self._app(scope, take, tell)
        except ClientDisconnect:
            pass  # nobody is there to be told
        except Exception:
            if not self._refusal:
                raise
        if self._refusal and not self._started:
            await self._refusal(scope, receive, send)
        elif self._started and not self._ended and self._stopping.is_set():
            await send({"type": "http.response.body", "body": b""})

    async def _until_stopped(self, receive: Receive) -> Message:
        """The next message, which is that the browser went away; or that, when the program is about to end."""
        gone = asyncio.ensure_future(receive())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({gone, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return gone.result() if gone.done() else {"type": "http.disconnect"}
        finally:
            gone.cancel()
            stopping.cancel()


def _too_large(limit: int) -> JSONResponse:
    cause = f"the request has more than {limit / 1e6:g} MB. Send less at once, or raise --max-file-mb"
    return JSONResponse({"detail": cause}, 413, headers={"connection": "close"})
