"""A language model's answer: sentences with citations, streamed as they are verified."""

import asyncio
import json
import logging
import threading
from collections.abc import Callable

import pytest

import qa
from tests.qa.llm.servers import KEY, Protocol, Say, prompt_of, says, sentences

QUESTION = "Who did Lukashenko ask for help?"
TRUE = "Lukashenko turned to Vladimir Putin for help."
MORE = "He has been in power for twenty-six years."
FALSE = "Lukashenko turned to Emmanuel Macron for help."

Open = Callable[..., qa.QA]


@pytest.mark.parametrize("protocol", ["openai", "ollama"])
def test_each_sentence_is_cited_by_quotes_that_stand_in_the_articles(ask_model: Open, protocol: Protocol) -> None:
    answer = ask_model(says(sentences((TRUE, [1]), (MORE, [1]))), protocol).ask(QUESTION)
    assert answer.text == f"{TRUE} {MORE}"
    assert answer.reader == f"{protocol}:scripted"
    assert (answer.confidence, answer.note) == (None, None)
    for statement in answer.statements:
        assert statement.verified
        for citation in statement.citations:
            assert citation.quote == citation.article.text[citation.start : citation.end]
    assert answer.statements[0].citations[0].quote.endswith("Vladimir Putin for help")
    assert "26 years" in answer.statements[1].citations[0].quote
    assert answer.usage == {"input_tokens": 120, "output_tokens": 30}


def test_passages_go_in_numbered_and_the_schema_with_them(ask_model: Open) -> None:
    session = ask_model(says(sentences((TRUE, [1]))))
    answer = session.ask(QUESTION)
    (request,) = session.server.requests  # type: ignore[attr-defined]
    assert request["response_format"]["json_schema"]["name"] == "answer"
    for number, passage in enumerate(answer.passages, start=1):
        assert f'<passage number="{number}" title="' in prompt_of(request)
        assert passage.text[:40] in prompt_of(request)


def test_what_is_not_borne_out_is_marked(ask_model: Open) -> None:
    answer = ask_model(says(sentences((TRUE, [1]), (FALSE, [1])))).ask(QUESTION)
    assert [(one.text, one.verified, len(one.citations)) for one in answer.statements] == [
        (TRUE, True, 1),
        (FALSE, False, 0),
    ]
    assert answer.text == TRUE


def test_or_dropped(ask_model: Open) -> None:
    answer = ask_model(says(sentences((TRUE, [1]), (FALSE, [1]))), unverified="drop").ask(QUESTION)
    assert [one.text for one in answer.statements] == [TRUE]


def test_a_sentence_is_held_against_the_passages_it_names_and_no_others(ask_model: Open) -> None:
    answer = ask_model(says(sentences((TRUE, [1]), (TRUE, [9])))).ask(QUESTION)
    assert [one.verified for one in answer.statements] == [True, False]
    assert [one.cited for one in answer.statements] == [(1,), (9,)]


def test_a_sentence_that_names_no_passage_is_held_against_all(ask_model: Open) -> None:
    assert ask_model(says(TRUE)).ask(QUESTION).text == TRUE


def test_structured_output_may_come_as_the_call_of_a_tool(ask_model: Open) -> None:
    answer = ask_model(says(*sentences((TRUE, [1]), (MORE, [1])), tool="answer")).ask(QUESTION)
    assert answer.text == f"{TRUE} {MORE}"


def test_sentences_come_while_the_model_still_writes(ask_model: Open) -> None:
    go_on = threading.Event()
    went_on: list[bool] = []
    script = sentences((TRUE, [1]), (MORE, [1]))
    place = script.index(MORE)

    class Waiting(list[str]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            yield script[:place]
            went_on.append(go_on.wait(30))
            yield script[place:]

    answers = ask_model(lambda request: Say(Waiting())).stream(QUESTION)
    assert next(answers).text == TRUE
    go_on.set()
    assert [answer.text for answer in answers][-1] == f"{TRUE} {MORE}"
    assert went_on == [True]


def test_it_streams_to_an_event_loop_that_goes_on(ask_model: Open) -> None:
    session = ask_model(says(*sentences((TRUE, [1]), (MORE, [1])), pause=0.005))
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    async def run() -> list[str | None]:
        ticking = asyncio.create_task(tick())
        texts = [answer.text async for answer in session.astream(QUESTION)]
        ticking.cancel()
        return texts

    texts = asyncio.run(run())
    assert texts[0] == TRUE and texts[-1] == f"{TRUE} {MORE}"
    assert ticks > 10


def test_whoever_stops_listening_stops_the_model(ask_model: Open) -> None:
    session = ask_model(says(*sentences((TRUE, [1])), *(" " * 3000), pause=0.01))
    answers = session.stream(QUESTION)
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    threads = [thread for thread in threading.enumerate() if thread.name == "llm"]
    for thread in threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in threads)


def test_silence_stays_an_answer(ask_model: Open) -> None:
    for said in (sentences(), "The articles do not say.", sentences(("The passages do not mention it.", []))):
        answer = ask_model(says(said)).ask(QUESTION)
        assert (answer.text, answer.statements, answer.note) == (None, (), None)
        assert answer.passages


def test_what_is_said_beside_silence_stays(ask_model: Open) -> None:
    answer = ask_model(says(f"The articles do not say when. {TRUE} [1]")).ask(QUESTION)
    assert answer.text == TRUE


def test_without_passages_the_model_is_not_asked(ask_model: Open) -> None:
    session = ask_model(says(sentences((TRUE, [1]))))
    assert session.ask(QUESTION, source="nobody").text is None
    assert session.server.requests == []  # type: ignore[attr-defined]


def test_passages_are_packed_into_the_window_the_best_first(ask_model: Open) -> None:
    session = ask_model(says(sentences((TRUE, [1]))), llm_window=2048)
    answer = session.ask(QUESTION)
    told = prompt_of(session.server.requests[0])  # type: ignore[attr-defined]
    given = [passage for passage in answer.passages if passage.text[:40] in told]
    assert 1 <= len(given) < len(answer.passages)
    assert given[0] is answer.passages[0]
    assert len(told) < 4 * 2048


def test_an_ollama_server_is_told_the_window(ask_model: Open) -> None:
    session = ask_model(says(sentences((TRUE, [1]))), "ollama", llm_window=4096)
    session.ask(QUESTION)
    assert session.server.requests[0]["options"]["num_ctx"] == 4096  # type: ignore[attr-defined]


def test_the_models_own_words_cannot_steer_a_terminal(ask_model: Open) -> None:
    answer = ask_model(says(f"{TRUE} [1] \x1b[2JGone.\x07")).ask(QUESTION)
    assert "\x1b" not in json.dumps(answer.to_dict(), ensure_ascii=False)


def test_keys_stay_out_of_answers_logs_and_errors(
    ask_model: Open, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER_API_KEY", "a-secret-of-another-provider")
    caplog.set_level(logging.DEBUG)
    leaking = f"The key is {KEY}. {TRUE} [1] The other is a-secret-of-another-provider."
    session = ask_model(says(leaking))
    answer = session.ask(QUESTION)
    assert session.server.headers[0]["authorization"] == f"Bearer {KEY}"  # type: ignore[attr-defined]
    shown = json.dumps(answer.to_dict()) + repr(answer) + repr(session) + repr(session.settings)
    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith(("qa", "index")))
    theirs = "".join(record.getMessage() for record in caplog.records if not record.name.startswith("qa"))
    assert KEY not in shown + ours
    assert f"Bearer {KEY}" not in theirs
    assert "a-secret" not in shown + ours
    assert [one.verified for one in answer.statements] == [False, True, False]
