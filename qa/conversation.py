"""A conversation: what was asked and answered before completes a question that does not stand by itself."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Unpack

from index.words import content_words
from qa.answer import Answer
from qa.options import Options
from qa.question import names_in
from qa.turn import Turn

if TYPE_CHECKING:
    from qa.session import QA

_REFERS_BACK = re.compile(r"\b(he|him|his|she|her|hers|it|its|they|them|their|theirs)\b", re.IGNORECASE)

# Words of its own from which a question stands by itself, and words that are carried over at most.
_BARE = 2
_CARRIED = 12


class Conversation:
    """Questions that may refer to the ones before. Not shared between threads; the session may be."""

    def __init__(self, session: "QA", turns: Iterable[Turn] = ()) -> None:
        """A conversation that goes on after `turns`, if there were any."""
        self._session = session
        self.turns = list(turns)

    def ask(self, question: str, *, query: str | None = None, **options: Unpack[Options]) -> Answer:
        """Answer `question` in the light of the turns before; options are those of `QA.ask`.

        `query` is searched for instead of the standalone form that would have been made of the question.
        """
        *_, answer = self.stream(question, query=query, **options)
        return answer

    def stream(self, question: str, *, query: str | None = None, **options: Unpack[Options]) -> Iterator[Answer]:
        """The same while it comes: answers, each more complete than the one before. The last is the answer."""
        answer = None
        query = query or self._session.rewritten(question, self.turns) or self.standalone(question)
        for answer in self._session.stream(question, query=query, **options):
            yield answer
        if answer:
            self.turns.append(Turn.of(answer))

    def standalone(self, question: str) -> str:
        """The query to search for: `question` itself, or with what it leaves open put behind it.

        A question that refers back ("What did he offer?"), or says next to nothing by itself ("Why?"), takes
        along the names of the turn before; a bare one its other words, too.
        """
        is_bare = len(content_words(question)) < _BARE and not names_in(question)
        if not self.turns or not (is_bare or _REFERS_BACK.search(question)):
            return question
        last = self.turns[-1]
        asked = content_words(last.query) if is_bare else names_in(last.query)
        # A sentence's first word is written large in any case, a span's only if it is a name.
        told = names_in(f"{'' if last.answer in last.sentences else 'so '}{last.answer or ''}")
        said = re.findall(r"\w[\w'’.-]*\w|\w", f"{last.query} {last.answer or ''}")
        kept = [word for word in dict.fromkeys(said) if word.lower() in {*asked, *told} - names_in(question)]
        return f"{question} ({' '.join(kept[:_CARRIED])})" if kept else question
