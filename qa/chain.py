"""The chain: question -> passages -> reading -> citations -> answer, as a LangChain Runnable."""

import time
from dataclasses import dataclass, replace
from typing import Any

from langchain_core.runnables import Runnable, RunnableLambda

from index.errors import QuestionError
from index.scope import Scope
from index.store import Index
from index.text import clean_line
from qa.answer import Answer
from qa.citations import cite
from qa.reader import Reader, Reading
from qa.relevance import is_about

State = dict[str, Any]
"""What flows through the chain: `ask`, then also `passages`, `reading`, and `clock`, the times between."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What goes into the chain. `query` is the question's standalone form, if that is another.

    `favour` are the ids of the articles already under discussion.
    """

    question: str
    query: str = ""
    limit: int | None = None
    scope: Scope = Scope()
    favour: tuple[str, ...] = ()


def build_chain(index: Index, reader: Reader, *, passages: int, max_question_chars: int) -> Runnable[Any, Answer]:
    """The chain over an index and a reader. Takes a question, an `Ask`, or a dict of an `Ask`'s fields.

    It raises QuestionError for a question that is empty or longer than `max_question_chars`.
    """

    def begin(given: str | dict[str, Any] | Ask) -> State:
        ask = Ask(given) if isinstance(given, str) else Ask(**given) if isinstance(given, dict) else given
        question = clean_line(ask.question) or ""
        _check(question, max_question_chars)
        ask = replace(ask, question=question, query=clean_line(ask.query) or question)
        return {"ask": ask, "clock": [time.perf_counter()]}

    def retrieve(state: State) -> State:
        ask: Ask = state["ask"]
        limit = passages if ask.limit is None else ask.limit
        found = index.search(ask.query, limit=limit, scope=ask.scope, favour=ask.favour)
        return state | {"passages": found, "clock": [*state["clock"], time.perf_counter()]}

    def read(state: State) -> State:
        return state | {"reading": reader.read(state["ask"].query, state["passages"])}

    # Plain steps: the usual RunnablePassthrough.assign starts a thread for each.
    chain = RunnableLambda(begin) | RunnableLambda(retrieve) | RunnableLambda(read) | RunnableLambda(_answer)
    return chain.with_config(run_name="article-qa")


def _check(question: str, max_chars: int) -> None:
    if not question:
        raise QuestionError("the question is empty. Ask something, such as: Who asked for help?")
    if len(question) > max_chars:
        raise QuestionError(
            f"the question has {len(question):,} characters; {max_chars:,} are allowed. Shorten it, or put the text"
            " into an article and ask about that"
        )


def _answer(state: State) -> Answer:
    ask: Ask = state["ask"]
    reading: Reading = state["reading"]
    citations = cite(reading.evidence)
    started, retrieved = state["clock"]
    now = time.perf_counter()
    return Answer(
        question=ask.question,
        query=ask.query,
        text=reading.text if citations else None,  # what no quote stands for is no answer
        confidence=reading.confidence,
        citations=citations,
        passages=tuple(state["passages"]),
        related=bool(citations) or is_about(ask.query, state["passages"]),
        timings_ms={
            "retrieve": 1e3 * (retrieved - started),
            "read": 1e3 * (now - retrieved),
            "total": 1e3 * (now - started),
        },
    )
