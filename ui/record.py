"""One conversation as it is kept: what was said in it before, and each answer that comes."""

import logging
from dataclasses import dataclass
from typing import Self

from qa import QA, Answer, ArticleQAError, Turn
from ui import render
from ui.history import History
from ui.recheck import Recheck, keep, turns_of, words_of
from ui.verdicts import thumbs

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """A question and the reply to it, as HTML; `home` is the conversation that keeps it as its answer `number`."""

    question: str
    reply: str
    home: str | None = None
    number: int = 0

    def html(self, foot: str = "") -> str:
        """The turn, with `foot` under the reply."""
        return render.turn(self.question, self.reply + foot)


class Record:
    """The kept side of one conversation; its first answer gives it an id."""

    def __init__(self, session: QA, history: History, owner: str, conversation: str | None = None) -> None:
        self._session = session
        self._history = history
        self._owner = owner
        self._id = conversation

    def anew(self) -> Self:
        """The record of another conversation of the same owner."""
        return type(self)(self._session, self._history, self._owner)

    def before(self) -> tuple[list[Turn], list[Said]]:
        """What was said so far: for the conversation to go on after, and for the page to show.

        The citations are checked against the articles as they are now.
        """
        if self._id is None:
            return [], []
        kept = self._history.answers(self._owner, self._id)
        recheck = Recheck(self._session)
        said = []
        for one in kept:
            again = recheck(one.answer)
            reply = render.reply(again.answer, since=again.since)
            said.append(Said(again.answer.question, reply, self._id, one.number))
        return turns_of(one.answer for one in kept), said

    def keep(self, answer: Answer, reply: str) -> Said:
        """Keep an answer, and say so where it cannot be kept; `reply` is how it is shown."""
        try:
            home, number = self._history.add(self._owner, self._id, keep(answer), words_of(answer))
        except ArticleQAError as error:
            return Said(answer.question, reply + render.trouble(f"This answer is not kept: {error}"))
        self._id = home
        return Said(answer.question, reply, home, number)

    def html(self, turns: list[Said]) -> str:
        """The turns under the conversation's id, with thumbs under each answer that is kept."""
        if self._id is None:
            return "".join(turn.html() for turn in turns)
        try:
            verdicts = self._history.verdicts(self._owner, self._id)
        except ArticleQAError as error:
            logger.warning("%s", error)
            return "".join(turn.html() for turn in turns)
        # One that was deleted meanwhile, on another page, has its earlier turns here only.
        shown = (
            turn.html(thumbs(turn.number, *verdicts.get(turn.number, (None, ""))) if turn.home == self._id else "")
            for turn in turns
        )
        return f'<div data-conversation="{self._id}">{"".join(shown)}</div>'
