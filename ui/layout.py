"""What the page consists of: the components and where they stand. What they do is told in `app`."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from ui import render
from ui.uploads import MAX_FILES

TITLE = "Ask the articles"
_SIGN_OUT = '<form method="post" action="logout"><button>Sign out</button></form>'


@cache
def asset(name: str) -> str:
    """The text of a file in `assets/`."""
    return (Path(__file__).parent / "assets" / name).read_text("utf-8")


class Layout:
    """The page's components, made inside a `gr.Blocks`.

    `server_functions` are what the scripts of the parts may call, which is several times quicker than an event through
    Gradio's queue; where `signed_in`, who sees the page can sign out; `max_bytes` is the size up to which a file can be
    uploaded.
    """

    def __init__(
        self, server_functions: dict[str, list[Callable[..., Any]]], *, signed_in: bool, max_bytes: int
    ) -> None:
        self._masthead(signed_in)
        with gr.Row(elem_id="desk", equal_height=True):
            with gr.Column(elem_id="chat"):
                self._chat(server_functions)
            with gr.Column(elem_id="panel"):
                self._panel(server_functions, max_bytes)

    def _masthead(self, signed_in: bool) -> None:
        with gr.Row(elem_id="masthead"):
            _html("name", f"<h1>{TITLE}</h1>")
            gr.Button("Articles", size="sm", elem_id="to-library", scale=0)  # page.js opens the panel
            gr.Button("Conversations", size="sm", elem_id="to-archive", scale=0)
            gr.Button("New conversation", size="sm", elem_id="anew", scale=0)  # talk.js begins one
            if signed_in:
                _html("account", _SIGN_OUT)

    def _chat(self, server_functions: dict[str, list[Callable[..., Any]]]) -> None:
        _html(
            "conversation",
            html_template='<div role="log" aria-live="polite" aria-label="Conversation"></div>',
            js_on_load=asset("talk.js"),
            server_functions=server_functions["conversation"],
            pending=render.turn("", render.pending()),
        )
        with gr.Column(elem_id="composer"):
            _html(
                "scope",
                html_template=asset("scope.html"),
                js_on_load=asset("scope.js"),
                server_functions=server_functions["scope"],
            )
            with gr.Row(elem_id="ask"):
                self.question = gr.Textbox(
                    label="Your question",
                    show_label=False,
                    placeholder="Ask about the articles",
                    max_lines=6,
                    elem_id="question",
                    html_attributes=gr.InputHTMLAttributes(autocomplete="off"),
                )
                self.send = gr.Button("Ask", variant="primary", elem_id="send", scale=0)

    def _panel(self, server_functions: dict[str, list[Callable[..., Any]]], max_bytes: int) -> None:
        # Article and list are both there; page.js shows one.
        _html(
            "reader",
            html_template=asset("reader.html"),
            js_on_load=asset("page.js"),
            server_functions=server_functions["reader"],
        )
        _html(
            "library",
            html_template=asset("library.html"),
            js_on_load=asset("adding.js") + asset("library.js"),
            server_functions=server_functions["library"],
            max_bytes=max_bytes,
            max_files=MAX_FILES,
        )
        _html(
            "archive",
            html_template=asset("archive.html"),
            js_on_load=asset("archive.js"),
            server_functions=server_functions["archive"],
        )


def _html(name: str, value: str = "", *, js_on_load: str | None = None, **options: Any) -> gr.HTML:
    """A piece of our own HTML. Gradio escapes nothing of it: `render` does."""
    return gr.HTML(value, js_on_load=js_on_load, elem_id=name, apply_default_css=False, **options)
