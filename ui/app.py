"""The page at work: which event does what, and what each reader's session keeps."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from qa import QA
from ui import render, scope, uploads
from ui.archive import Archive
from ui.indexing import index_files
from ui.layout import ALL_SOURCES, TITLE, Layout, asset
from ui.library import Library
from ui.login import sign_out
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

    def __init__(self, session: QA, *, sample: Path | None = None) -> None:
        self._session = session
        self._sample = sample
        self._library = Library(session)
        self._archive = Archive(session)

    def build(self) -> gr.Blocks:
        """Lay out the page and wire it; launching is the caller's."""

        # Gradio marks server functions with an attribute, which methods cannot have.
        def open_article(key: Any) -> str:
            return self._library.open(key)

        def remove_article(article_id: Any) -> dict[str, Any]:
            return self._library.remove(article_id)

        demo = gr.Blocks(title=TITLE, fill_width=True, analytics_enabled=False)
        with demo:
            page = Layout(
                [open_article, remove_article],
                max_bytes=uploads.max_bytes(self._session),
                archive_functions=self._archive.functions(),
            )
            self._wire(demo, page)
        demo.queue(default_concurrency_limit=None)  # who waits for whom is up to the session: see `served`
        return demo

    def _wire(self, demo: gr.Blocks, page: Layout) -> None:
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        limits: list[Any] = [page.since, page.until, page.source]

        told: list[Any] = [page.talk, page.conversation, page.question]
        gr.on([page.question.submit, page.send.click], self._ask, [page.question, page.talk, *limits], told, **quiet)
        page.conversation.ask(self._ask_again, [page.talk, *limits], told, **quiet)
        page.anew.click(self._begin, page.talk, told, **quiet)
        demo.load(self._visit, [page.arrival, page.talk], told[:2], js=asset("arrival.js"), **quiet)
        page.archive.visit(self._visit_named, page.talk, told[:2], **quiet)

        changes = [field.change for field in limits]
        gr.on(changes, self._describe, limits, page.limits, trigger_mode="always_last", **quiet)
        page.limits.click(lambda: ("", "", ""), None, limits, **quiet)

        known: list[Any] = [page.talk, page.filter]
        shown: list[Any] = [page.conversation, page.list, page.source]
        # Not `input`, which no pasting triggers; and the last letters typed must not get lost while one is answered.
        page.filter.change(self._library.list, page.filter, page.list, trigger_mode="always_last", **quiet)
        received = page.upload.upload(self._receive, page.upload, [page.report, page.upload], **quiet)
        sampled = page.conversation.sample(self._add_sample, None, page.report, **quiet)
        for change in (received.then, sampled.then, page.reader.changed, demo.load):
            change(self._refresh, known, shown, **quiet)
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

    def _describe(self, *limits: str | None) -> Any:
        words = scope.describe(*limits)
        return gr.update(value=f"Limited to: {words}  ✕", visible=bool(words))

    # Articles --------------------------------------------------------------------------------------------

    def _refresh(self, talk: Talk | None, wanted: str) -> Updates:
        sources = [ALL_SOURCES, *((source, source) for source in self._session.index.sources())]
        conversation = talk.html or self._welcome() if talk else gr.skip()  # else the first visit is to come
        return conversation, self._library.list(wanted), gr.update(choices=sources)

    def _account(self, request: gr.Request) -> str:
        return sign_out(request.username)

    def _welcome(self) -> str:
        return render.welcome(self._library.count(), EXAMPLES, sample=self._sample is not None)

    def _receive(self, files: list[str] | None) -> Iterator[Updates]:
        try:
            paths, left = uploads.keep(files or [], self._session)
        except OSError as error:
            yield render.trouble(f"the files could not be kept beside the index: {error.strerror or error}"), None
            return
        for html in index_files(self._session, paths, left):
            yield html, None

    def _add_sample(self) -> Iterator[str]:
        yield from index_files(self._session, [self._sample] if self._sample else [])
