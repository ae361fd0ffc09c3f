"""One conversation as it is kept: what was said in it before, and each answer that comes."""

from qa import QA, Answer, ArticleQAError, Turn
from ui import render
from ui.history import History
from ui.recheck import Recheck, keep, turns_of, words_of
from ui.verdicts import thumbs


class Record:
    """The kept side of one conversation; its first answer gives it an id."""

    def __init__(self, session: QA, history: History, owner: str, conversation: str | None = None) -> None:
        self._session = session
        self._history = history
        self._owner = owner
        self.conversation = conversation

    def before(self) -> tuple[list[Turn], str]:
        """What was said so far: for the conversation to go on after, and as HTML for the page to show.

        The citations are checked against the articles as they are now.
        """
        if self.conversation is None:
            return [], ""
        kept, recheck = self._history.answers(self._owner, self.conversation), Recheck(self._session)
        said = []
        for one in kept:
            again = recheck(one.answer)
            reply = render.reply(again.answer, since=again.since) + thumbs(one.number, one.verdict, one.note)
            said.append(render.turn(again.answer.question, reply))
        return turns_of(one.answer for one in kept), "".join(said)

    def keep(self, answer: Answer, reply: str) -> str:
        """Keep an answer. What comes back is the reply with thumbs under it, or with why it is not kept.

        Where the conversation was deleted meanwhile, on another page, the answer begins another.
        """
        try:
            home, number = self._history.add(self._owner, self.conversation, keep(answer), words_of(answer))
        except ArticleQAError as error:
            return reply + render.trouble(f"This answer is not kept: {error}")
        self.conversation = home
        return reply + thumbs(number)
