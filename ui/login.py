"""Signing in: whatever is asked for, nobody passes who has not shown a password."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
from html import escape
from typing import Literal, TypedDict
from urllib.parse import parse_qsl, quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui import person
from ui.address import PublicURL
from ui.layout import asset
from ui.rates import Rates, TooMany
from ui.sessions import Sessions
from ui.users import Users

_WRONG = "Name or password is wrong."
_REFUSED = "sign in first: with a name and a password (curl -u NAME), or on the page"


class _CookieOptions(TypedDict):
    path: str
    samesite: Literal["lax"]
    secure: bool


class Anybody:
    """Where nobody has to sign in: notes from which address each request comes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            person.note(scope, None)
        await self._app(scope, receive, send)


class Login:
    """Asks for a name and a password, in a form or in each request (HTTP Basic), before anything is served.

    Gradio's own login guards some of its routes only, lets passwords be tried without end, and has its sessions never
    end. The form is what `gradio_client` fills in, too.
    """

    def __init__(self, app: ASGIApp, *, users: Users, port: int, behind: PublicURL | None) -> None:
        self._app = app
        self._users = users
        self._sessions = Sessions(users)
        self._tries = Rates(6, burst=10)
        self._checking = asyncio.Semaphore(2)  # each takes memory and a core, from whoever asks questions
        self._cookie = f"article-qa-{port}"  # browsers do not tell the ports of one machine apart
        self._root = behind.path if behind else ""
        secure = behind is not None and behind.origin.startswith("https:")
        self._cookie_options: _CookieOptions = {"path": self._root or "/", "samesite": "lax", "secure": secure}
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, str | None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await self._response(request)
        except TooMany as error:
            response = self._told(request, str(error), 429)
            response.headers["retry-after"] = str(error.seconds)
        await (response or self._app)(scope, receive, send)

    async def _response(self, request: Request) -> Response | None:
        """What is said to a request; None when it may pass."""
        path = request.scope["path"].rstrip("/")
        if path == "/login":
            return await self._login(request)
        if path == "/logout":
            return self._logout(request)
        name = await self._who(request)
        if name is None:
            return self._refusal(request)
        person.note(request.scope, name)
        return None

    # Who it is -------------------------------------------------------------------------------------------

    async def _who(self, request: Request) -> str | None:
        name = self._sessions.who(request.cookies.get(self._cookie, ""))
        return name or await self._basic(request)

    async def _basic(self, request: Request) -> str | None:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        # A program sends its password with every request, and scrypt takes its time.
        known = hmac.digest(self._key, value.encode(), hashlib.sha256)
        mark = self._users.mark(name)
        if mark and self._known.get(known) == mark:
            return name
        if not await self._fits(request, name, password):
            return None
        if len(self._known) > 1000:
            self._known.clear()
        self._known[known] = self._users.mark(name)
        return name

    async def _fits(self, request: Request, name: str, password: str) -> bool:
        address = request.client.host if request.client else person.SOMEBODY
        if seconds := self._tries.take(address):
            raise TooMany(f"Too many tries. Wait for {seconds:.0f} seconds.", seconds)
        async with self._checking:
            fits = await run_in_threadpool(self._users.check, name, password)
        if fits:
            self._tries.give_back(address)
        return fits

    # The form --------------------------------------------------------------------------------------------

    async def _login(self, request: Request) -> Response:
        if request.method != "POST":
            return self._form(request)
        form = dict(parse_qsl((await request.body()).decode(errors="replace"), max_num_fields=10))
        name, password = form.get("username", "").strip(), form.get("password", "")
        if not await self._fits(request, name, password):
            return self._told(request, _WRONG, 401)
        done: Response = JSONResponse({"success": True})
        if _is_page(request):
            done = RedirectResponse(self._root + _onward(request), 303)
        token = self._sessions.begin(name)
        done.set_cookie(self._cookie, token, **self._cookie_options, httponly=True)
        return done

    def _form(self, request: Request, message: str = "", status: int = 200) -> Response:
        page = asset("login.html").replace("{colours}", asset("style.css").partition("/* The frame")[0])
        told = f'<p role="alert">{escape(message)}</p>' if message else ""
        action = f"{self._root}/login?next={quote(_onward(request), safe='')}"
        return HTMLResponse(page.replace("{message}", told).replace("{action}", escape(action)), status)

    def _told(self, request: Request, message: str, status: int) -> Response:
        if _is_page(request) and request.method == "POST":
            return self._form(request, message, status)
        return JSONResponse({"detail": message}, status)

    def _logout(self, request: Request) -> Response:
        if request.method != "POST":  # a link elsewhere must not do it
            return JSONResponse({"detail": "POST to sign out"}, 405, {"allow": "POST"})
        self._sessions.end(request.cookies.get(self._cookie, ""))
        gone = RedirectResponse(f"{self._root}/login", 303)
        gone.delete_cookie(self._cookie, **self._cookie_options, httponly=True)
        return gone

    def _refusal(self, request: Request) -> Response:
        if request.method == "GET" and _is_page(request):
            query = f"?{request.url.query}" if request.url.query else ""
            wanted = quote(request.scope["path"] + query, safe="")
            return RedirectResponse(f"{self._root}/login?next={wanted}", 303)
        return JSONResponse({"detail": _REFUSED}, 401, {"cache-control": "no-store"})


def _is_page(request: Request) -> bool:
    """Whether a browser asks for a page to show."""
    return "text/html" in request.headers.get("accept", "")


def _onward(request: Request) -> str:
    """Where to go after signing in: only to a place of this page, never to another's."""
    wanted = request.query_params.get("next", "/")
    return wanted if wanted.startswith("/") and wanted[1:2] not in ("/", "\\") and wanted.isprintable() else "/"
