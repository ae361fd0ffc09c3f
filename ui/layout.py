"""What the page consists of: the components and where they stand. What they do is told in `app`."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

TITLE = "Ask the articles"
ALL_SOURCES = ("All sources", "")


@cache
def asset(name: str) -> str:
    """The text of a file in `assets/`."""
    return (Path(__file__).parent / "assets" / name).read_text("utf-8")


class Layout:
    """The page's components, made inside a `gr.Blocks`; `server_functions` are what page.js may call,
    `archive_functions` what archive.js may.

    `max_bytes` is the size up to which a file can be uploaded.
    """

    def __init__(
        self,
        server_functions: list[Callable[..., Any]],
        *,
        max_bytes: int,
        archive_functions: list[Callable[..., Any]],
    ) -> None:
        self.talk = gr.State(None)
        self.arrival = gr.JSON(visible=False)  # what arrival.js says
        self._masthead()
        with gr.Row(elem_id="desk", equal_height=True):
            with gr.Column(elem_id="chat"):
                self._chat()
            with gr.Column(elem_id="panel"):
                self._panel(server_functions, max_bytes)
                self.archive = _html(
                    "archive",
                    html_template=asset("archive.html"),
                    js_on_load=asset("archive.js"),
                    server_functions=archive_functions,
                )

    def _masthead(self) -> None:
        with gr.Row(elem_id="masthead"):
            _html("name", f"<h1>{TITLE}</h1>")
            gr.Button("Articles", size="sm", elem_id="to-library", scale=0)  # page.js opens the panel
            gr.Button("Conversations", size="sm", elem_id="to-archive", scale=0)
            self.anew = gr.Button("New conversation", size="sm", elem_id="anew", scale=0)
            self.account = _html("account")

    def _chat(self) -> None:
        log = '<div role="log" aria-live="polite" aria-label="Conversation">${value}</div>'
        self.conversation = _html("conversation", html_template=log, js_on_load=asset("talk.js"))
        with gr.Column(elem_id="composer"):
            self.limits = gr.Button(visible=False, size="sm", elem_id="limits")
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
            with gr.Accordion("Limit the search", open=False, elem_id="scope"), gr.Row():
                day: dict[str, Any] = {"placeholder": "YYYY-MM-DD", "max_lines": 1, "min_width": 120}
                self.since = gr.Textbox(label="From", elem_id="since", **day)
                self.until = gr.Textbox(label="To", elem_id="until", **day)
                self.source = gr.Dropdown([ALL_SOURCES], value="", label="Source", elem_id="source", min_width=160)

    def _panel(self, server_functions: list[Callable[..., Any]], max_bytes: int) -> None:
        # Article and list are both there; page.js shows one. It fetches articles by the component's server
        # functions, which is several times quicker than an event through Gradio's queue.
        self.reader = _html(
            "reader",
            html_template=asset("reader.html"),
            js_on_load=asset("page.js"),
            server_functions=server_functions,
            max_bytes=max_bytes,
        )
        with gr.Column(elem_id="library"):
            with gr.Row(elem_id="shelf"):
                words = "Filter by title or source"
                self.filter = gr.Textbox(label=words, show_label=False, placeholder=words, max_lines=1)
                self.upload = gr.UploadButton(
                    "Upload articles", file_count="multiple", size="md", elem_id="upload", scale=0
                )
            self.report = _html("report", html_template='<div role="status">${value}</div>')
            self.list = _html("list")


def _html(name: str, value: str = "", *, js_on_load: str | None = None, **options: Any) -> gr.HTML:
    """A piece of our own HTML. Gradio escapes nothing of it: `render` does."""
    return gr.HTML(value, js_on_load=js_on_load, elem_id=name, apply_default_css=False, **options)
