"""From a page to what is served: its port, its guards, and everything of Gradio's that is switched off."""

import asyncio
import socket
from dataclasses import dataclass
from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.types import ASGIApp

from qa import ArticleQAError
from ui import uploads
from ui.address import PublicURL
from ui.api import Api
from ui.bodies import Bodies
from ui.endpoints import add_endpoints, name_tools
from ui.guard import Gate, Headed
from ui.layout import asset
from ui.login import Anybody, Login
from ui.person import user_of
from ui.rest import add_errors, rest
from ui.served import Counted, ServedQA
from ui.theme import theme
from ui.users import Users

_PORTS_TRIED = 100

# What is no upload: a question, a pasted article, or all turns of a long conversation.
_MAX_BODY = 4_000_000


class NoPort(ArticleQAError):
    """The address cannot be listened on."""


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or the next one that is free; 0 means any. Raises NoPort."""
    family, *_, address = _resolve(host, wanted)
    for port in range(wanted, min(wanted + _PORTS_TRIED, 65_536)):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address[0], port))
            except PermissionError as error:
                raise NoPort(f"port {port} needs more rights than you have. Take one above 1023") from error
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise NoPort(f"no free port from {wanted} on at {host}. Give another with --port")


def _resolve(host: str, port: int) -> Any:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(found[0], socket.SOCK_STREAM) as probe:
            probe.bind((found[4][0], 0))
    except OSError as error:
        cause = error.strerror or error
        raise NoPort(f"cannot listen on {host}: {cause}. Give an address of this machine with --host") from error
    return found


@dataclass(frozen=True, slots=True)
class Serving:
    """How a page is served: where, to whom, and with what besides the page."""

    host: str
    port: int
    behind: PublicURL | None = None
    users: Users | None = None
    mcp: bool = False


def application(demo: gr.Blocks, session: ServedQA, serving: Serving, stopping: asyncio.Event) -> ASGIApp:
    """The page, its endpoints, and before both what guards them. Nothing of it leaves this machine."""
    app = FastAPI(title="article-qa", docs_url=None, redoc_url=None)
    api = Api(session)
    app.include_router(rest(api, max_file_bytes=uploads.max_bytes(session)))
    add_errors(app)
    add_endpoints(demo, api, mcp=serving.mcp)
    gr.mount_gradio_app(
        app,
        demo,
        "/",
        server_name=serving.host,
        server_port=serving.port,
        root_path=serving.behind.url if serving.behind else "",
        auth_dependency=user_of if serving.users else None,
        theme=theme(),
        head=f"<style>{asset('style.css')}{asset('library.css')}</style>",
        max_file_size=uploads.max_bytes(session),
        allowed_paths=[],
        footer_links=[],
        mcp_server=serving.mcp,
        # Said here, so that no environment variable says otherwise.
        enable_monitoring=False,
        pwa=False,
        run_history=False,
        show_error=False,
        ssr_mode=False,
    )
    # Gradio checks that a file was uploaded only once it takes itself to be launched, which mounting does not do: until
    # then whoever sends an event can name any file of this machine as the one uploaded.
    demo.has_launched = True
    if serving.mcp:
        name_tools(demo)
    return _guarded(app, session, serving, stopping)


def _guarded(app: ASGIApp, session: ServedQA, serving: Serving, stopping: asyncio.Event) -> ASGIApp:
    """The guards in the order in which a request meets them, last to first."""

    def limit(path: str) -> int:
        is_upload = path.startswith("/gradio_api/upload") or path == "/api/index"
        return uploads.max_total_bytes(session) if is_upload else _MAX_BODY

    app, users = Counted(app, session.rates), serving.users
    app = Login(app, users=users, port=serving.port, behind=serving.behind) if users else Anybody(app)
    app = Bodies(app, limit=limit, stopping=stopping)
    return Headed(Gate(app, host=serving.host, behind=serving.behind), behind=serving.behind)
