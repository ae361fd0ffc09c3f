"""What one person asked and was told: a conversation, and how it looks on the page."""

import logging
from collections.abc import Iterator
from typing import Any

from qa import QA, ArticleQAError
from ui import render

logger = logging.getLogger(__name__)


class Talk:
    """One browser session's conversation. Never shared: Gradio keeps one in each session's state."""

    def __init__(self, session: QA) -> None:
        self._conversation = session.conversation()
        self._turns: list[str] = []

    @property
    def html(self) -> str:
        """The conversation so far; empty before the first question."""
        return "".join(self._turns)

    def ask(self, question: str, **scope: Any) -> Iterator[bool]:
        """Ask, and yield each time the page has something new to show: whether the question was accepted."""
        self._turns.append(render.turn(question, render.pending()))
        yield True
        try:
            reply, accepted = render.reply(self._conversation.ask(question, **scope)), True
        except ArticleQAError as error:
            reply, accepted = render.trouble(str(error)), False
        except Exception:
            logger.exception("a question could not be answered")
            reply, accepted = render.trouble("Something went wrong; the log of the program tells what."), False
        self._turns[-1] = render.turn(question, reply)
        yield accepted
