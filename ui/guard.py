"""What the server says and hears: the browser loads nothing from elsewhere, and meant this very page."""

import base64
import hashlib
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.address import PublicURL, is_loopback

# Should a piece of an article ever be taken for HTML, it could run nothing, load nothing and tell nobody: scripts are
# files of ours, and those few inline ones that a page was sent with, by their hashes. Gradio builds functions from
# text, so that eval stays allowed, and sets styles inline.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'{scripts}; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none';"
    " base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
# A file that somebody uploaded, or that was made for somebody, is shown without any of that.
_FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
_HEADERS = {
    "referrer-policy": "same-origin",  # with none at all, the browser would not say either that a form is our own
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

# What the page, the endpoints and an assistant need of Gradio. It has more, from loading other people's apps to editing
# this one's code, which nobody should reach.
_SERVED = re.compile(
    r"/|/(assets|static|api)/.*|/(config|favicon\.ico|login|logout|manifest\.json|openapi\.json|robots\.txt|theme\.css)/?"
    r"|/gradio_api/(file=.*|(call|heartbeat|mcp|run|upload)(/.*)?|(app_id|cancel|component_server|info|login_check"
    r"|openapi\.json|queue/(data|join|status)|reset|startup-events|theme\.css|upload_progress|user)/?)"
)


class Headed:
    """Adds the headers to every response, streams included. A page's policy names its own inline scripts."""

    def __init__(self, app: ASGIApp, *, behind: PublicURL | None) -> None:
        self._app = app
        self._path = behind.path if behind else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(self._path)
        ours = path.rstrip("/") in ("", "/login")  # pages, of which we know that all their scripts are meant
        if ours:  # they are read here, so they come as they are
            plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            scope = {**scope, "headers": plain}
        start: Message = {}
        page = b""

        async def add(message: Message) -> None:
            nonlocal start, page
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers.update(_HEADERS)
                headers["content-security-policy"] = _POLICY.format(scripts="")
                if path.startswith("/gradio_api/file="):
                    headers["content-security-policy"] = _FILE_POLICY
                    if "javascript" in headers.get("content-type", ""):
                        headers["content-type"] = "text/plain"
                if ours and headers.get("content-type", "").startswith("text/html"):
                    start = message
                    return
            elif start and message["type"] == "http.response.body":
                page += message.get("body", b"")
                if message.get("more_body"):
                    return
                policy = _POLICY.format(scripts="".join(f" '{script}'" for script in _inline_scripts(page)))
                MutableHeaders(raw=start["headers"])["content-security-policy"] = policy
                await send(start)
                start = {}
                message = {"type": "http.response.body", "body": page}
            await send(message)

        await self._app(scope, receive, add)


def _inline_scripts(page: bytes) -> Iterable[str]:
    """The hashes by which a policy allows the inline scripts of a page."""
    found: dict[str, None] = {}

    class Scripts(HTMLParser):
        inside = False

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.inside = tag == "script" and "src" not in dict(attrs)

        def handle_data(self, data: str) -> None:
            if self.inside:
                digest = base64.b64encode(hashlib.sha256(data.encode()).digest()).decode()
                found[f"sha256-{digest}"] = None

    Scripts().feed(page.decode(errors="replace").replace("\r\n", "\n"))
    return found


class Gate:
    """Turns away what was not meant for this page: by its host, by its origin, by its path.

    On loopback only loopback's names are answered to; otherwise any web page could give its own name the address
    127.0.0.1 and read the articles (DNS rebinding). A page from elsewhere that sends something here is refused even
    where the browser would send a password along.
    """

    def __init__(self, app: ASGIApp, *, host: str, behind: PublicURL | None) -> None:
        self._app = app
        self._path = behind.path if behind else ""
        self._origins = {behind.origin} if behind else set()
        self._hosts = {"localhost", "127.0.0.1", "[::1]", host, f"[{host}]"} if is_loopback(host) else None
        if self._hosts is not None and behind:
            self._hosts.add(behind.host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # nothing here speaks anything else
        path: str = scope["path"]
        if self._path and path == self._path:
            await RedirectResponse(f"{self._path}/", 307)(scope, receive, send)
            return
        if self._path and path.startswith(f"{self._path}/"):  # other proxies have taken it off
            path = path.removeprefix(self._path)
        headers = Headers(scope=scope)
        refusal = self._refusal(path, headers)
        if refusal:
            status, detail = refusal
            await JSONResponse({"detail": detail}, status)(scope, receive, send)
            return
        # Where the page is found is a setting, and nothing that a request could claim.
        kept = [(name, value) for name, value in scope["headers"] if name not in _CLAIMS]
        await self._app({**scope, "path": path, "raw_path": path.encode(), "headers": kept}, receive, send)

    def _refusal(self, path: str, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "")
        name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
        if self._hosts is not None and name not in self._hosts:
            return 400, f"this page is not {name!r}. Use its own address; behind a proxy, start it with --behind URL"
        origin = headers.get("origin")
        foreign = origin is not None and origin not in self._origins and (urlsplit(origin).netloc or "null") != host
        if foreign or headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not _navigates(headers):
            return 403, "another page's requests are not answered. Behind a proxy, start this one with --behind URL"
        if not _SERVED.fullmatch(path) or "\0" in path:
            return 404, "there is nothing here"
        return None


_CLAIMS = (b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-prefix", b"x-gradio-server", b"x-forwarded-port")


def _navigates(headers: Headers) -> bool:
    """Whether a person followed a link to here, rather than a page from elsewhere fetching something."""
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
