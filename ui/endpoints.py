"""The same for `gradio_client`, and as tools for assistants that speak the Model Context Protocol."""

import functools
import json
from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio.events import api as endpoint

from qa import ArticleQAError
from ui.api import Api


class NoMCP(ArticleQAError):
    """The package that the Model Context Protocol needs is not installed."""


def require_mcp() -> None:
    """Raise NoMCP where it is not installed: Gradio would only print that, and answer nothing."""
    try:
        import mcp  # noqa: F401
    except ImportError as error:
        raise NoMCP("--mcp needs the package mcp. Install it: pip install 'article-qa[mcp]'") from error


def add_endpoints(demo: gr.Blocks, api: Api, *, mcp: bool) -> None:
    """Give a page its endpoints; with `mcp` also the tools `ask` and `search`, which answer in JSON text."""
    named: dict[str, Callable[..., Any]] = {
        "ask": api.ask,
        "search": api.search,
        "articles": api.list_articles,
        "article": api.get_article,
        "remove": api.remove_article,
        "index": api.add,
    }
    with demo:
        for name, function in named.items():
            endpoint(_told(function), api_name=name)
        if mcp:
            for name in ("ask", "search"):
                # Not queued, or Gradio would call itself over the network, without the caller's password.
                endpoint(_as_text(named[name]), api_name=f"{name}_json", queue=False)


def _told(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, its errors said as Gradio says them."""

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except ArticleQAError as error:
            raise gr.Error(str(error), print_exception=False) from error

    call._mcp_type = "endpoint"  # type: ignore[attr-defined]  # no tool
    return call


def _as_text(function: Callable[..., Any]) -> Callable[..., str]:
    """The function as a tool, which gives text: Gradio would give Python's way of writing a dict."""

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> str:
        return json.dumps(function(*args, **options), ensure_ascii=False)

    call.__annotations__ = {**function.__annotations__, "return": str}
    return call
