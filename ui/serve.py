"""From a page to a running server: its port, and everything of Gradio's that is switched off."""

import os
import socket
from typing import Any

import gradio as gr

from qa import QA, ArticleQAError
from ui import uploads
from ui.guard import middleware
from ui.layout import asset
from ui.theme import theme

_PORTS_TRIED = 100


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


def launch(demo: gr.Blocks, session: QA, *, host: str, port: int) -> None:
    """Serve the page and return once it answers. Nothing of it leaves this machine."""
    # Gradio asks its own page whether it is there, which must not go through a proxy.
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "localhost", "127.0.0.1", "::1", host]))
    demo.launch(
        server_name=f"[{host}]" if ":" in host else host,
        server_port=port,
        app_kwargs={"middleware": middleware(host)},
        theme=theme(),
        head=f"<style>{asset('style.css')}{asset('library.css')}</style>",
        max_file_size=uploads.max_bytes(session),
        allowed_paths=[],
        footer_links=[],
        quiet=True,
        prevent_thread_lock=True,
        # Said here, so that no environment variable says otherwise.
        debug=False,
        inbrowser=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
        run_history=False,
        share=False,
        show_error=False,
        ssr_mode=False,
    )
