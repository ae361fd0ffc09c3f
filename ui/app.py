"""The page at work: which event does what, and what each reader's session keeps."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from ui import render, scope, uploads
from ui.additions import Additions
from ui.archive import Archive
from ui.layout import TITLE, Layout, asset
from ui.library import Library
from ui.login import sign_out
from ui.served import ServedQA, count
from ui.talk import Talk

EXAMPLES = (
    "Who did Lukashenko ask for help?",
    "Why did the Lady Maren sink?",
    "How many people were aboard the Lady Isolde?",
    "Who succeeded Tobias Quill as mayor of Greyfold?",
)

Updates = tuple[Any, ...]
"""What an event puts into its outputs, in their order."""


class Page:
    """The page over a session. What differs from reader to reader is in Gradio's state of each."""

    def __init__(self, session: ServedQA, *, sample: Path | None = None) -> None:
        self._session = session
        self._sample = sample
        self._library = Library(session)
        self._additions = Additions(session, sample=sample, admit=partial(count, session.rates, "upload"))
        self._archive = Archive(session)

    def build(self) -> gr.Blocks:
        """Lay out the page and wire it; launching is the caller's."""

        library, additions = self._library, self._additions
        functions = {
            "reader": _functions(open_article=library.open, remove_article=library.remove),
            "library": _functions(
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
            "scope": _functions(count_within=library.within),
        }
        demo = gr.Blocks(title=TITLE, fill_width=True, analytics_enabled=False)
        with demo:
            self._wire(demo, Layout(functions, max_bytes=uploads.max_bytes(self._session)))
        demo.queue(default_concurrency_limit=None)  # who waits for whom is up to the session: see `served`
        return demo

    def _wire(self, demo: gr.Blocks, page: Layout) -> None:
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        limits: list[Any] = [page.scope]

        told: list[Any] = [page.talk, page.conversation, page.question]
        gr.on([page.question.submit, page.send.click], self._ask, [page.question, page.talk, *limits], told, **quiet)
        page.conversation.ask(self._ask_again, [page.talk, *limits], told, **quiet)
        page.anew.click(self._begin, page.talk, told, **quiet)
        demo.load(self._visit, [page.arrival, page.talk], told[:2], js=asset("arrival.js"), **quiet)
        page.archive.visit(self._visit_named, page.talk, told[:2], **quiet)

        for change in (page.library.changed, demo.load):  # in whichever tab or process
            change(self._refresh, page.talk, page.conversation, **quiet)
        demo.load(self._account, None, page.account, queue=False, **quiet)

    # Asking ----------------------------------------------------------------------------------------------

    def _ask(self, question: str, talk: Talk | None, *limits: str | None, query: str = "") -> Iterator[Updates]:
        """Show the question at once, then the reply. A question that was refused goes back into its box."""
        if not question.strip():
            yield gr.skip(), gr.skip(), gr.skip()
            return
        talk = talk or Talk(self._session)
        for number, accepted in enumerate(talk.ask(question, query=query, **scope.options(*limits))):
            if talk.left:
                return
            box = question if not accepted else gr.skip() if number else ""
            yield talk, talk.html, box

    def _ask_again(self, event: gr.EventData, talk: Talk | None, *limits: str | None) -> Iterator[Updates]:
        """Ask an example, or once more with what is to be searched for."""
        yield from self._ask(str(event.question), talk, *limits, query=str(event.query))

    def _begin(self, talk: Talk | None) -> Updates:
        if talk:
            talk.left = True
        return talk and talk.anew(), self._welcome(), ""

    def _visit(self, named: Any, left: Talk | None) -> Updates:
        """Show the conversation that the browser's address names, or begin one."""
        if left:
            left.left = True
        record, trouble = self._archive.record(named)
        talk = Talk(self._session, record)
        return talk, talk.html or trouble + self._welcome()

    def _visit_named(self, event: gr.EventData, left: Talk | None) -> Updates:
        return self._visit({"reader": event.reader, "conversation": event.conversation}, left)

    # Articles --------------------------------------------------------------------------------------------

    def _refresh(self, talk: Talk | None) -> Any:
        return gr.skip() if talk is None or talk.html else self._welcome()  # None before the first visit

    def _account(self, request: gr.Request) -> str:
        return sign_out(request.username)

    def _welcome(self) -> str:
        return render.welcome(self._library.count(), EXAMPLES, sample=self._sample is not None)


def _functions(**named: Callable[[Any], Any]) -> list[Callable[..., Any]]:
    """Methods as server functions under these names: Gradio marks functions with attributes, which methods have not."""

    def plain(name: str, method: Callable[[Any], Any]) -> Callable[..., Any]:
        def call(given: Any = None) -> Any:
            return method(given)

        call.__name__ = name
        return call

    return [plain(name, method) for name, method in named.items()]
