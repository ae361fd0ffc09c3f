"""What pages ask: a question comes in, and the reply goes out as far as it is known.

Scripts call this directly, and not through Gradio's queue, in which events wait until it looks for them.
"""

import asyncio
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from qa import QA, ArticleQAError
from ui import render, scope
from ui.archive import Archive
from ui.person import current_user
from ui.talk import Reply, Talk

_PAGES = 2_000  # that are remembered; the conversation of another is read from where it is kept
_PATIENCE = 10.0  # seconds that a request waits for more of a reply
_WRONG = "Something went wrong; the log of the program tells what."

Told = dict[str, Any]


class _Asked(BaseModel):
    """What a script gives; whose conversation is meant, and which, is read by `Archive.record`."""

    key: str = ""
    question: str = ""
    query: str = ""
    limits: str = ""
    seen: int = 0


class _Replying:
    """A reply that comes: told from a thread, looked at from the event loop."""

    def __init__(self) -> None:
        self._loop, self._news = asyncio.get_running_loop(), asyncio.Event()
        self._told: Told = {"done": False, "seen": 0}

    @property
    def done(self) -> bool:
        """Whether all of it is there."""
        return bool(self._told["done"])

    def tell(self, reply: Reply, conversation: str | None) -> None:
        """Give what there is of it now."""
        with suppress(RuntimeError):  # the program has ended, and nobody looks any more
            self._loop.call_soon_threadsafe(self._put, asdict(reply) | {"conversation": conversation})

    def _put(self, told: Told) -> None:
        self._told = told | {"seen": self._told["seen"] + 1}
        self._news.set()

    async def after(self, seen: int) -> Told:
        """What there is as soon as it is more than was `seen`, or after a while whatever there is."""
        if self._told["seen"] <= seen:
            self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _PATIENCE)
        return self._told


@dataclass
class _Page:
    talk: Talk | None = None
    replying: _Replying | None = None
    left: bool = False  # whether it shows another conversation by now


class Asking:
    """The conversations on pages, each known to its page by a key nobody can guess."""

    def __init__(self, session: QA, archive: Archive, *, welcome: Callable[[], str]) -> None:
        """`welcome` gives what stands in an empty conversation."""
        self._session = session
        self._archive = archive
        self._welcome = welcome
        self._pages: OrderedDict[str, _Page] = OrderedDict()
        self._lock = threading.Lock()

    def visit(self, given: Any) -> Told:
        """Show the conversation that is named, or begin one; what the page with this key showed, it shows no more."""
        talk, said, trouble = self._open(given)
        with self._lock:
            before = self._pages.pop(_asked(given).key, None)
        if before:
            before.left = True
        html = said or trouble + self._welcome()
        return {"key": self._know(_Page(talk)), "html": html, "conversation": talk.conversation, "user": current_user()}

    def welcome(self, _: Any = None) -> str:
        """What stands in an empty conversation, now."""
        return self._welcome()

    async def ask(self, given: Any) -> Told:
        """Ask in the conversation of the page with this key, or else in the one that is named.

        What comes back, after a while at most, is what there is of the reply, and the key to look for more with.
        """
        asked = _asked(given)
        key, page = asked.key, self._pages.get(asked.key)
        if page is None:
            page = _Page()
            key = self._know(page)
        if page.replying and not page.replying.done:
            return _refused("The question before is still being answered. Wait for its answer, then ask again.")
        replying = page.replying = _Replying()
        work = copy_context()  # it knows who asks
        threading.Thread(target=work.run, args=(self._answer, page, replying, asked, given), daemon=True).start()
        return {"key": key} | await replying.after(0)

    async def look(self, given: Any) -> Told:
        """More than was `seen` of the reply to what was asked with this key."""
        asked = _asked(given)
        page = self._pages.get(asked.key)
        if page is None or page.replying is None:
            return _refused("The program has been started anew. Ask again.")
        return {"key": asked.key} | await page.replying.after(asked.seen)

    def _answer(self, page: _Page, replying: _Replying, asked: _Asked, given: Any) -> None:
        reply = Reply("", done=False)
        try:
            talk = page.talk = page.talk or self._open(given)[0]
            for reply in talk.ask(asked.question, query=asked.query, **scope.options(asked.limits)):
                replying.tell(reply, talk.conversation)
                if page.left:
                    break
        except ArticleQAError as error:
            reply = Reply(render.trouble(str(error)), accepted=False)
            replying.tell(reply, None)
        finally:  # whatever happens, no page may wait for ever, nor for the rest of what it has left
            if not reply.done:
                replying.tell(Reply(reply.html or render.trouble(_WRONG), accepted=bool(reply.html)), None)

    def _open(self, named: Any) -> tuple[Talk, str, str]:
        """The conversation that is named or a new one, what was said in it, and what went wrong."""
        record, trouble = self._archive.record(named)
        try:
            turns, said = record.before() if record else ([], "")
        except ArticleQAError as error:
            return Talk(self._session), "", render.trouble(str(error))
        return Talk(self._session, turns, record), said, trouble

    def _know(self, page: _Page) -> str:
        key = secrets.token_urlsafe(12)
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
        return key


def _asked(given: Any) -> _Asked:
    try:
        return _Asked.model_validate(given)
    except ValidationError:
        return _Asked()


def _refused(words: str) -> Told:
    return asdict(Reply(render.trouble(words), accepted=False)) | {"conversation": None}
