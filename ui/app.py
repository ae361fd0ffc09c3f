"""The page at work: what each of its parts can call."""

from functools import partial
from pathlib import Path

import gradio as gr

from ui import render, uploads
from ui.additions import Additions
from ui.archive import Archive
from ui.asking import Asking
from ui.functions import server_functions
from ui.layout import TITLE, Layout, asset
from ui.library import Library
from ui.served import ServedQA, count

EXAMPLES = (
    "Who did Lukashenko ask for help?",
    "Why did the Lady Maren sink?",
    "How many people were aboard the Lady Isolde?",
    "Who succeeded Tobias Quill as mayor of Greyfold?",
)


class Page:
    """The page over a session. Gradio lays it out and serves it; its scripts call server functions."""

    def __init__(self, session: ServedQA, *, sample: Path | None = None, signed_in: bool = False) -> None:
        """`sample` is what an empty index offers to begin with; where `signed_in`, who sees the page can sign out."""
        self._session = session
        self._signed_in = signed_in
        self._sample = sample
        self._library = Library(session)
        self._additions = Additions(session, sample=sample, admit=partial(count, session.rates, "upload"))
        self._archive = Archive(session)
        self._asking = Asking(session, self._archive, welcome=self._welcome)

    def build(self) -> gr.Blocks:
        """Lay out the page and wire it; launching is the caller's."""
        library, additions, asking = self._library, self._additions, self._asking
        functions = {
            "conversation": server_functions(
                visit=asking.visit, welcome=asking.welcome, ask_articles=asking.ask, look_for_more=asking.look
            ),
            "reader": server_functions(open_article=library.open, remove_article=library.remove),
            "library": server_functions(
                list_articles=library.list,
                article_news=library.news,
                add_files=additions.files,
                add_text=additions.text,
                add_addresses=additions.addresses,
                add_sample=additions.sample,
                rebuild_index=additions.rebuild,
                progress_of=additions.progress,
            ),
            "archive": self._archive.functions(),
            "scope": server_functions(count_within=library.within),
        }
        demo = gr.Blocks(title=TITLE, fill_width=True, analytics_enabled=False)
        with demo:
            page = Layout(functions, signed_in=self._signed_in, max_bytes=uploads.max_bytes(self._session))
            asked = [page.question.submit, page.send.click]
            gr.on(asked, None, page.question, page.question, js=asset("ask.js"), api_visibility="private")
        demo.queue(default_concurrency_limit=None)  # who waits for whom is up to the session: see `served`
        return demo

    def _welcome(self) -> str:
        return render.welcome(self._library.count(), EXAMPLES, sample=self._sample is not None)
