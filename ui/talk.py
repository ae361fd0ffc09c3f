"""One conversation on a page: its questions are answered, and what was said before counts."""

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from qa import QA, ArticleQAError, Turn
from ui import render
from ui.record import Record

logger = logging.getLogger(__name__)

# An answer that comes bit by bit is drawn anew a few times a second.
_PAUSE = 0.3


@dataclass(frozen=True, slots=True)
class Reply:
    """What is replied to a question, as HTML; whether that is all, and whether the question was accepted at all."""

    html: str
    done: bool = True
    accepted: bool = True


class Talk:
    """A conversation that goes on after `turns`, and is kept where there is a record. Not shared between threads."""

    def __init__(self, session: QA, turns: Iterable[Turn] = (), record: Record | None = None) -> None:
        self._conversation = session.conversation(turns)
        self._record = record

    @property
    def conversation(self) -> str | None:
        """The id under which it is kept, once anything is."""
        return self._record.conversation if self._record else None

    def ask(self, question: str, *, query: str = "", **scope: Any) -> Iterator[Reply]:
        """Ask, and yield the reply, each time more of it; a `query` is searched for in the question's place."""
        shown = time.monotonic()
        try:
            for answer in self._conversation.stream(question, query=query or None, **scope):
                reply = render.reply(answer)
                if time.monotonic() - shown > _PAUSE:
                    yield Reply(reply, done=False)
                    shown = time.monotonic()
            yield Reply(self._record.keep(answer, reply) if self._record else reply)
        except ArticleQAError as error:
            yield Reply(render.trouble(str(error)), accepted=False)
        except Exception:
            logger.exception("a question could not be answered")
            told = render.trouble("Something went wrong; the log of the program tells what.")
            yield Reply(told, accepted=False)
