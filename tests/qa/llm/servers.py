"""Servers on loopback that speak the protocols of OpenAI and of Ollama, and say what a test tells them to.

A `Scripted` server answers each request with what its script makes of it: a `Say`, which is sent in the protocol's
own form, streamed or whole, as the request asks; or a fault.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Protocol = Literal["openai", "ollama"]
KEY = "sk-test-0123456789abcdefghij"


@dataclass(frozen=True)
class Say:
    """What the model says, in `pieces` sent one by one with `pause` seconds between; `usage` is counted tokens."""

    pieces: Sequence[str]
    pause: float = 0.0
    finish: str | None = "stop"
    cut: bool = False  # the connection is closed behind the last piece, with nothing to tell the end
    tool: str | None = None  # the pieces are the arguments of a call of this tool
    refusal: str | None = None
    usage: tuple[int, int] = (120, 30)


@dataclass(frozen=True)
class Status:
    """An HTTP error."""

    code: int
    message: str = "no"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """Any bytes, as a body of status 200."""

    body: bytes
    kind: str = "application/json"


class Hang:
    """Takes the request and never answers."""


Reply = Say | Status | Raw | Hang
Script = Callable[[dict[str, Any]], Reply]


def says(*pieces: str, **options: Any) -> Script:
    """A script that always says the same."""
    return lambda request: Say(pieces, **options)


def in_turn(*replies: Reply) -> Script:
    """A script of one reply after the other; the last one again and again."""
    left = list(replies)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


def sentences(*told: tuple[str, Sequence[int]]) -> str:
    """The JSON that our schema asks for."""
    return json.dumps({"sentences": [{"text": text, "passages": list(numbers)} for text, numbers in told]})


def prompt_of(request: dict[str, Any]) -> str:
    """All that the model was told, as one text."""
    return "\n".join(str(message["content"]) for message in request["messages"])


class Scripted:
    """A server that is up: its `url`, and the `requests` and their `headers` that it got."""

    def __init__(self, protocol: Protocol, script: Script) -> None:
        self.protocol = protocol
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """What `--llm-base-url` is to be."""
        path = "/v1" if self.protocol == "openai" else ""
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    @property
    def llm(self) -> str:
        """What `--llm` is to be."""
        return f"{self.protocol}:scripted"

    @contextmanager
    def up(self) -> Iterator["Scripted"]:
        """Serve until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.closing.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _handler(server: Scripted) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append(request)
            server.headers.append({name.lower(): value for name, value in self.headers.items()})
            reply = server.script(request)
            self.close_connection = True
            with suppress(ConnectionError):
                self._reply(reply, request)

        def _reply(self, reply: Reply, request: dict[str, Any]) -> None:
            if isinstance(reply, Hang):
                server.closing.wait(60)
            elif isinstance(reply, Status):
                body = (
                    {"error": {"message": reply.message}} if server.protocol == "openai" else {"error": reply.message}
                )
                self._send(reply.code, "application/json", json.dumps(body).encode(), reply.headers)
            elif isinstance(reply, Raw):
                self._send(200, reply.kind, reply.body)
            elif request.get("stream", server.protocol == "ollama"):
                self._stream(reply)
            else:
                whole = openai_whole(reply) if server.protocol == "openai" else ollama_whole(reply)
                self._send(200, "application/json", json.dumps(whole).encode())

        def _stream(self, say: Say) -> None:
            is_openai = server.protocol == "openai"
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream" if is_openai else "application/x-ndjson")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for number, event in enumerate(openai_events(say) if is_openai else ollama_lines(say)):
                if number and server.closing.wait(say.pause):
                    return
                self._chunk((f"data: {json.dumps(event)}\n\n" if is_openai else json.dumps(event) + "\n").encode())
            if say.cut:
                return
            if is_openai:
                self._chunk(b"data: [DONE]\n\n")
            self._chunk(b"")

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

        def _send(self, code: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler


def openai_events(say: Say) -> Iterator[dict[str, Any]]:
    """Server-sent events of `/chat/completions`, made as they are sent."""
    head = {"id": "c1", "object": "chat.completion.chunk", "created": int(time.time()), "model": "scripted"}

    def event(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    yield event({"role": "assistant", "content": ""})
    if say.refusal:
        yield event({"refusal": say.refusal})
    for number, piece in enumerate(say.pieces):
        if say.tool:
            named = {"id": "t1", "type": "function", "function": {"name": say.tool, "arguments": piece}}
            call = named if number == 0 else {"function": {"arguments": piece}}
            yield event({"tool_calls": [{"index": 0, **call}]})
        else:
            yield event({"content": piece})
    if not say.cut and say.finish:
        yield event({}, "tool_calls" if say.tool else say.finish)
        read, wrote = say.usage
        counted = {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}
        yield {**head, "choices": [], "usage": counted}


def openai_whole(say: Say) -> dict[str, Any]:
    """The body of `/chat/completions` when it is not streamed."""
    message = {"role": "assistant", "content": "".join(say.pieces)}
    read, wrote = say.usage
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": say.finish or "stop"}],
        "usage": {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote},
    }


def ollama_lines(say: Say) -> Iterator[dict[str, Any]]:
    """The lines of `/api/chat`, made as they are sent."""
    head = {"model": "scripted", "created_at": "2026-01-01T00:00:00Z"}

    def line(more: dict[str, Any], **end: Any) -> dict[str, Any]:
        return {**head, "message": {"role": "assistant", "content": "", **more}, "done": False, **end}

    if say.tool:
        arguments = json.loads("".join(say.pieces))
        yield line({"tool_calls": [{"function": {"name": say.tool, "arguments": arguments}}]})
    else:
        yield from (line({"content": piece}) for piece in say.pieces)
    if not say.cut and say.finish:
        read, wrote = say.usage
        yield line({}, done=True, done_reason=say.finish, prompt_eval_count=read, eval_count=wrote)


def ollama_whole(say: Say) -> dict[str, Any]:
    """The body of `/api/chat` when it is not streamed: all lines in one."""
    *told, end = ollama_lines(say)
    return end | {"message": {"role": "assistant", "content": "".join(one["message"]["content"] for one in told)}}
