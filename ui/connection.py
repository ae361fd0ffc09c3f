"""The server under the page: patient with people, not with those who keep it waiting; and it ends politely."""

import asyncio
import logging
import threading
from asyncio import TimerHandle
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.auto import AutoHTTPProtocol

_HEADER_SECONDS = 20.0
_MOST_CONNECTIONS = 1000
_LAST_SECONDS = 2


class Patient(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
    """Closes connections on which no request has come whole, its headers at least, for some time."""

    _timer: TimerHandle | None = None
    _seen: Any = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._look_again()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer:
            self._timer.cancel()
        super().connection_lost(exc)

    def _look_again(self) -> None:
        self._timer = self.loop.call_later(_HEADER_SECONDS, self._look)

    def _look(self) -> None:
        at_work = self.cycle is not None and not self.cycle.response_complete
        if not at_work and self.cycle is self._seen:
            self.transport.close()
            return
        self._seen = self.cycle
        self._look_again()


class Server(uvicorn.Server):
    """Calls `ready` when it listens, and `finish` when it is interrupted; then it ends. A second time, it just ends.

    When it has finished it sets `stopping`, for streams to end.
    """

    def __init__(
        self, config: uvicorn.Config, *, ready: Callable[[], None], finish: Callable[[], None], stopping: asyncio.Event
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._finish = finish
        self._stopping = stopping
        self._interrupted = False

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self._running_in = asyncio.get_running_loop()
        if self.started:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._interrupted:
            self.should_exit = self.force_exit = True
            return
        self._interrupted = True
        threading.Thread(target=self._wind_down, daemon=True).start()

    def _wind_down(self) -> None:
        try:
            self._finish()
        finally:
            self._running_in.call_soon_threadsafe(self._stopping.set)
            self.should_exit = True


def serve(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    proxied: bool,
    ready: Callable[[], None],
    finish: Callable[[], None],
    stopping: asyncio.Event,
) -> None:
    """Serve until interrupted. `proxied`: a proxy on this machine tells who is behind it."""
    logging.getLogger("uvicorn.error").addFilter(lambda record: "graceful shutdown exceeded" not in record.getMessage())
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Patient,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=proxied,
        forwarded_allow_ips=["127.0.0.1", "::1"] if proxied else [],
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )
    Server(config, ready=ready, finish=finish, stopping=stopping).run()
