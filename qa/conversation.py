"""A conversation: what was asked and answered before completes a question that does not stand by itself."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Unpack

from qa.answer import Answer
from qa.options import Options
from qa.standalone import discussed, standalone
from qa.turn import Turn

if TYPE_CHECKING:
    from qa.session import QA


class Conversation:
    """Questions that may refer to the ones before. Not shared between threads; the session may be."""

    def __init__(self, session: "QA", turns: Iterable[Turn] = ()) -> None:
        """A conversation that goes on after `turns`, if there were any."""
        self._session = session
        self.turns = list(turns)

    def ask(self, question: str, *, query: str | None = None, **options: Unpack[Options]) -> Answer:
        """Answer `question` in the light of the turns before; options are those of `QA.ask`.

        `query` is searched for, as it is, instead of the standalone form that would have been made of the question.
        """
        *_, answer = self.stream(question, query=query, **options)
        return answer

    def stream(self, question: str, *, query: str | None = None, **options: Unpack[Options]) -> Iterator[Answer]:
        """The same while it comes: answers, each more complete than the one before. The last is the answer."""
        if not query:
            query = self._session.rewritten(question, self.turns) or self.standalone(question)
            options.setdefault("favour", discussed(question, self.turns))
        answer = None
        for answer in self._session.stream(question, query=query, **options):
            yield answer
        if answer:
            self.turns.append(Turn.of(answer))

    def standalone(self, question: str) -> str:
        """The query to search for: `question` itself, or completed from the turns before; see `qa.standalone`."""
        return str(standalone(question, self.turns))
