"""What one person asked and was told: a conversation, and how it looks on the page."""

import logging
import time
from collections.abc import Iterator
from typing import Any, Self

from qa import QA, ArticleQAError
from ui import render
from ui.record import Record, Said

logger = logging.getLogger(__name__)

# An answer that comes bit by bit is drawn anew a few times a second: each time the page gets all of it again.
_PAUSE = 0.3


class Talk:
    """One browser session's conversation. Never shared: Gradio keeps one in each session's state."""

    def __init__(self, session: QA, record: Record | None = None) -> None:
        """A conversation that goes on where the record is, and is kept in it; without one it is not kept."""
        turns, self._said = record.before() if record else ([], [])
        self._session = session
        self._conversation = session.conversation(turns)
        self._record = record
        self.left = False  # whether the page shows another conversation by now

    def anew(self) -> Self:
        """Another conversation of the same person."""
        return type(self)(self._session, self._record and self._record.anew())

    @property
    def html(self) -> str:
        """The conversation so far; empty before the first question."""
        return self._record.html(self._said) if self._record else "".join(said.html() for said in self._said)

    def ask(self, question: str, *, query: str = "", **scope: Any) -> Iterator[bool]:
        """Ask, and yield each time the page has something new to show: whether the question was accepted.

        `query`, if given, is searched for in the question's place.
        """
        self._said.append(Said(question, render.pending()))
        yield True
        accepted, shown = True, time.monotonic()
        try:
            for answer in self._conversation.stream(question, query=query or None, **scope):
                reply = render.reply(answer)
                if time.monotonic() - shown > _PAUSE:
                    self._said[-1] = Said(question, reply)
                    yield True
                    shown = time.monotonic()
            self._said[-1] = self._record.keep(answer, reply) if self._record else Said(question, reply)
        except ArticleQAError as error:
            self._said[-1], accepted = Said(question, render.trouble(str(error))), False
        except Exception:
            logger.exception("a question could not be answered")
            self._said[-1] = Said(question, render.trouble("Something went wrong; the log of the program tells what."))
            accepted = False
        yield accepted
