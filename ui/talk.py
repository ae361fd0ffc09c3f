"""What one person asked and was told: a conversation, and how it looks on the page."""

import logging
import time
from collections.abc import Iterator
from typing import Any

from qa import QA, ArticleQAError
from ui import render

logger = logging.getLogger(__name__)

# An answer that comes bit by bit is drawn anew a few times a second: each time the page gets all of it again.
_PAUSE = 0.3


class Talk:
    """One browser session's conversation. Never shared: Gradio keeps one in each session's state."""

    def __init__(self, session: QA) -> None:
        self._conversation = session.conversation()
        self._turns: list[str] = []

    @property
    def html(self) -> str:
        """The conversation so far; empty before the first question."""
        return "".join(self._turns)

    def ask(self, question: str, *, query: str = "", **scope: Any) -> Iterator[bool]:
        """Ask, and yield each time the page has something new to show: whether the question was accepted.

        `query`, if given, is searched for in the question's place.
        """
        self._turns.append(render.turn(question, render.pending()))
        yield True
        reply, accepted, shown = "", True, time.monotonic()
        try:
            for answer in self._conversation.stream(question, query=query or None, **scope):
                reply = render.reply(answer)
                if time.monotonic() - shown > _PAUSE:
                    self._turns[-1] = render.turn(question, reply)
                    yield True
                    shown = time.monotonic()
        except ArticleQAError as error:
            reply, accepted = render.trouble(str(error)), False
        except Exception:
            logger.exception("a question could not be answered")
            reply, accepted = render.trouble("Something went wrong; the log of the program tells what."), False
        self._turns[-1] = render.turn(question, reply)
        yield accepted
