"""The same for `gradio_client`, and as tools for assistants that speak the Model Context Protocol."""

import functools
import json
from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio.events import api as endpoint

from qa import ArticleQAError
from ui.api import Api

_TOOLS = ("ask", "search")
_TEXT = "_json"


class NoMCP(ArticleQAError):
    """The package that the Model Context Protocol needs is missing, or one that Gradio cannot use."""


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
            for name in _TOOLS:
                # Not queued, or Gradio would call itself over the network, without the caller's password.
                endpoint(_as_text(named[name]), api_name=f"{name}{_TEXT}", queue=False)


def name_tools(demo: gr.Blocks) -> None:
    """Let assistants have the two tools alone, under their plain names. Raises NoMCP where they can have none."""
    server = demo.mcp_server_obj
    if server is None:  # Gradio would only print why, and serve the page without
        cause = "the package mcp, of a version below 2. Install it: pip install 'article-qa[mcp]'"
        raise NoMCP(f"--mcp needs {cause}")
    server.tool_to_endpoint = {name: f"/{name}{_TEXT}" for name in _TOOLS}


def _told(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, its errors said as Gradio says them."""

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except ArticleQAError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return call


def _as_text(function: Callable[..., Any]) -> Callable[..., str]:
    """The function as a tool, which gives text: Gradio would give Python's way of writing a dict."""

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> str:
        return json.dumps(function(*args, **options), ensure_ascii=False)

    call.__annotations__ = {**function.__annotations__, "return": str}
    return call
