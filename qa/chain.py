"""The chain: question -> passages -> reading -> citations -> answer, as a LangChain Runnable."""

import time
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from langchain_core.runnables import Runnable, RunnableLambda
from langchain_core.runnables.config import run_in_executor

from index.errors import QuestionError
from index.scope import Scope
from index.store import Index
from index.text import clean_line
from qa.answer import Answer, Statement
from qa.citations import cite
from qa.reader import Claim, Reader, Reading, StreamingReader
from qa.relevance import is_about

State = dict[str, Any]
"""What flows through the chain: `ask`, then also `passages`, and `clock`, the times between."""

T = TypeVar("T")


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

    def read(state: State) -> Iterator[Answer]:
        query, found = state["ask"].query, state["passages"]
        if isinstance(reader, StreamingReader):
            yield from (_answer(state, reading) for reading in reader.stream(query, found))
        else:
            yield _answer(state, reader.read(query, found))

    async def aread(state: State) -> AsyncIterator[Answer]:
        async for answer in in_threads(read(state)):
            yield answer

    # Plain steps: the usual RunnablePassthrough.assign starts a thread for each. Of the answers that the last one
    # yields, whoever invokes it gets the last.
    chain = RunnableLambda(begin) | RunnableLambda(retrieve) | RunnableLambda(read, aread)
    return chain.with_config(run_name="article-qa")


async def in_threads(items: Iterator[T]) -> AsyncIterator[T]:
    """The items, each waited for in a thread of the pool, so that the event loop goes on."""
    end: Any = object()
    try:
        while (item := await run_in_executor(None, next, items, end)) is not end:
            yield item
    finally:
        if isinstance(items, Generator):
            with suppress(ValueError):  # it is still at work in its thread, and will end there
                items.close()


def _check(question: str, max_chars: int) -> None:
    if not question:
        raise QuestionError("the question is empty. Ask something, such as: Who asked for help?")
    if len(question) > max_chars:
        raise QuestionError(
            f"the question has {len(question):,} characters; {max_chars:,} are allowed. Shorten it, or put the text"
            " into an article and ask about that"
        )


def _answer(state: State, reading: Reading) -> Answer:
    ask: Ask = state["ask"]
    citations = cite(reading.evidence)
    statements = tuple(map(_statement, reading.claims))
    said = " ".join(statement.text for statement in statements if statement.verified) if statements else reading.text
    started, retrieved = state["clock"]
    now = time.perf_counter()
    return Answer(
        question=ask.question,
        query=ask.query,
        text=said if citations else None,  # what no quote stands for is no answer
        confidence=reading.confidence,
        citations=citations,
        passages=tuple(state["passages"]),
        related=bool(citations) or is_about(ask.query, state["passages"]),
        timings_ms={
            "retrieve": 1e3 * (retrieved - started),
            "read": 1e3 * (now - retrieved),
            "total": 1e3 * (now - started),
        },
        reader=reading.reader,
        statements=statements,
        note=reading.note,
        usage=reading.usage,
    )


def _statement(claim: Claim) -> Statement:
    citations = cite(claim.evidence)
    return Statement(claim.text, citations, verified=claim.verified and bool(citations), cited=claim.cited)
