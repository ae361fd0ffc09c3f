"""As components of somebody's LangChain program: streams, events, batches, messages with citations, a tool."""

import asyncio
from typing import Any

import pytest

import qa
from qa.messages import as_message
from tests.qa.llm.conftest import Open
from tests.qa.llm.servers import says, sentences

QUESTION = "Who did Lukashenko ask for help?"
TRUE = "Lukashenko turned to Vladimir Putin for help."
MORE = "He has been in power for twenty-six years."
SCRIPT = says(*sentences((TRUE, [1]), (MORE, [1])))


def test_the_runnable_streams_the_answer_as_it_grows(ask_model: Open) -> None:
    texts = [answer.text for answer in ask_model(SCRIPT).as_runnable().stream(QUESTION)]
    assert texts[0] == TRUE and texts[-1] == f"{TRUE} {MORE}"


def test_so_it_does_asynchronously_and_tells_its_events(ask_model: Open) -> None:
    chain = ask_model(SCRIPT).as_runnable()

    async def run() -> tuple[list[str | None], list[dict[str, Any]]]:
        texts = [answer.text async for answer in chain.astream(QUESTION)]
        return texts, [dict(event) async for event in chain.astream_events(QUESTION, version="v2")]

    texts, events = asyncio.run(run())
    assert texts[0] == TRUE and texts[-1] == f"{TRUE} {MORE}"
    names = [event["event"] for event in events]
    assert names[0] == "on_chain_start" and names[-1] == "on_chain_end"
    assert "on_chat_model_stream" in names
    assert events[-1]["data"]["output"].text == f"{TRUE} {MORE}"


def test_it_batches_and_goes_on_into_a_chain(ask_model: Open) -> None:
    chain = ask_model(SCRIPT).as_runnable() | (lambda answer: len(answer.statements))
    assert chain.batch([QUESTION, QUESTION]) == [2, 2]
    assert asyncio.run(chain.abatch([QUESTION, QUESTION])) == [2, 2]
    assert list(chain.stream(QUESTION)) == [2]


def test_a_message_carries_citations_with_places_in_the_answer_and_in_the_article(ask_model: Open) -> None:
    chain = ask_model(SCRIPT).as_runnable() | as_message
    message = chain.invoke(QUESTION)
    (block,) = message.content_blocks
    assert message.text == block["text"] == f"{TRUE} {MORE}"
    first, second = block["annotations"]
    assert (first["type"], block["text"][first["start_index"] : first["end_index"]]) == ("citation", TRUE)
    assert block["text"][second["start_index"] : second["end_index"]] == MORE
    assert first["cited_text"].endswith("Vladimir Putin for help")
    assert first["extras"]["end"] - first["extras"]["start"] == len(first["cited_text"])


def test_an_extracted_answer_and_silence_are_messages_too(session: qa.QA) -> None:
    extracted = as_message(session.ask(QUESTION))
    (block,) = extracted.content_blocks
    assert {one["cited_text"] for one in block["annotations"]} >= {"Vladimir Putin"}
    assert all((one["start_index"], one["end_index"]) == (0, len(block["text"])) for one in block["annotations"])
    silent = as_message(session.ask("Who won the 1998 World Cup?"))
    assert silent.text == "The articles do not say."
    assert not silent.content_blocks[0].get("annotations")


@pytest.mark.parametrize("question", ["", "x" * 10_000])
def test_a_question_that_cannot_be_asked_is_refused_before_the_model_is(ask_model: Open, question: str) -> None:
    session = ask_model(SCRIPT)
    with pytest.raises(qa.QuestionError):
        session.ask(question)
    assert session.server.requests == []  # type: ignore[attr-defined]
