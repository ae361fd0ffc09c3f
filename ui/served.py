"""A session that many people share: their questions and their articles take turns."""

import logging
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from qa import QA, Answer, Passage, QuestionError, Report
from qa.options import scope_of
from ui.person import current_person
from ui.rates import Rates, TooMany
from ui.turns import Turns

logger = logging.getLogger(__name__)

QUESTIONS_WAITING = 32
_INDEXINGS_WAITING = 4


class ServedQA(QA):
    """A session whose questions are answered few at a time and in turn of who asks, so many a minute for each."""

    def __init__(self, session: QA, *, per_minute: float) -> None:
        """Share `session`; each person may ask, upload and index `per_minute` times, 0 being no limit."""
        self.settings = session.settings
        self.index = session.index
        self.rates = Rates(per_minute)
        self._session = session
        self._given_reader = None
        # Every core can be used by one question already; a second fills the pauses of the first.
        self._asking = Turns(max(2, session.settings.threads), QUESTIONS_WAITING, what="questions")
        self._indexing = Turns(1, _INDEXINGS_WAITING, what="uploads")

    def ask(self, question: str, **options: Any) -> Answer:
        """As `QA.ask`, when it is this person's turn. Raises also TooMany, Busy and Stopping."""
        person = count(self.rates, "question")
        with self._asking.turn(person):
            return self._session.ask(question, **options)

    def stream(self, question: str, **options: Any) -> Iterator[Answer]:
        """As `QA.stream`, when it is this person's turn."""
        person = count(self.rates, "question")
        with self._asking.turn(person):
            yield from self._session.stream(question, **options)

    def search(self, query: str, *, k: int | None = None, **limits: Any) -> list[Passage]:
        """The passages nearest to a query, best first; `limits` are those of `ask`. Raises as `ask` does."""
        if not query.strip() or len(query) > self.settings.max_question_chars:
            raise QuestionError(f"a query has from 1 to {self.settings.max_question_chars:,} characters. Give another")
        scope = scope_of(*(limits.get(name) for name in ("since", "until", "source", "articles")))
        person = count(self.rates, "question")
        with self._asking.turn(person):
            return self.index.search(query, limit=k or self.settings.passages, scope=scope)

    def add(self, paths: Iterable[str | Path] | str | Path, **options: Any) -> Report:
        """As `QA.add`, one at a time."""
        person = count(self.rates, "upload")
        with self._indexing.turn(person):
            return self._session.add(paths, **options)

    def finish(self, seconds: float) -> None:
        """Begin nothing more, and wait until what was begun is done, but no longer than so many seconds."""
        end = time.monotonic() + seconds
        done = [turns.drain(max(0, end - time.monotonic())) for turns in (self._asking, self._indexing)]
        if not all(done):
            logger.warning("stopping, though not all is done after %g seconds", seconds)


def count(rates: Rates, what: str) -> str:
    """Count a question or an upload of the person who is being answered, and return who that is. Raises TooMany."""
    person = current_person()
    if seconds := rates.take(person):
        many = f"{rates.per_minute:g} questions and uploads a minute are the most"
        raise TooMany(f"{many}. The next {what} can come in {seconds:.0f} seconds", seconds)
    return person


class Counted:
    """Counts uploads among what a person may do so often, before their bodies are read; one too many gets a 429."""

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        self._app = app
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].rstrip("/") == "/gradio_api/upload":
            try:
                count(self._rates, "upload")
            except TooMany as error:
                told = JSONResponse({"detail": str(error)}, 429, {"retry-after": str(error.seconds)})
                await told(scope, receive, send)
                return
        await self._app(scope, receive, send)
