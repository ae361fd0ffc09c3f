"""The chain as a LangChain component, with readers of the tests' own."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

import qa
from qa.chain import Ask


class FirstWord:
    """Answers with the first word of the best passage."""

    def read(self, query: str, passages: Sequence[qa.Passage]) -> qa.Reading:
        start = passages[0].start
        end = start + len(passages[0].text.split()[0])
        return qa.Reading("the word", 0.9, (qa.Evidence(passages[0], start, end, start, end),))


class Inventor:
    """Claims what no article says."""

    def read(self, query: str, passages: Sequence[qa.Passage]) -> qa.Reading:
        return qa.Reading("Made up", 1.0, (qa.Evidence(passages[0], 10**6, 10**6 + 7, 10**6, 10**6 + 7),))


def test_any_reader_can_answer(seed_index: Path) -> None:
    with qa.QA(qa.Settings.build(index=seed_index), reader=FirstWord()) as session:
        answer = session.ask("ferry")
    assert answer.text == "the word"
    assert answer.citations[0].quote == answer.passages[0].text.split()[0]


def test_an_answer_without_a_quote_that_stands_is_not_given(seed_index: Path) -> None:
    with qa.QA(qa.Settings.build(index=seed_index), reader=Inventor()) as session:
        answer = session.ask("ferry")
    assert answer.text is None
    assert answer.citations == ()
    assert answer.passages


def test_it_takes_a_string_a_dict_or_an_ask(session: qa.QA) -> None:
    chain = session.as_runnable()
    question = "How many people were aboard the Lady Isolde?"
    answers = [chain.invoke(given) for given in (question, {"question": question}, Ask(question))]
    assert len({answer.text for answer in answers}) == 1


def test_it_batches_streams_and_runs_asynchronously(session: qa.QA) -> None:
    chain = session.as_runnable()
    questions = ["Who became acting mayor of Port Sallow?", "Why did the Lady Maren sink?"]
    batch = chain.batch(questions)
    assert [answer.question for answer in batch] == questions
    assert [answer.text for answer in chain.stream(questions[0])] == [batch[0].text]
    assert asyncio.run(chain.ainvoke(questions[1])).text == batch[1].text


def test_it_goes_on_into_anyones_chain(session: qa.QA) -> None:
    chain = session.as_runnable() | (lambda answer: len(answer.citations))
    assert chain.invoke("Who became acting mayor of Port Sallow?") >= 1


@pytest.mark.parametrize("question", ["", "  \n "])
def test_an_empty_question_is_refused(session: qa.QA, question: str) -> None:
    with pytest.raises(qa.QuestionError, match="empty"):
        session.ask(question)


def test_a_question_of_10000_characters_is_refused_with_the_limit(session: qa.QA) -> None:
    with pytest.raises(qa.QuestionError, match=r"10,000 characters; 2,000 are allowed"):
        session.ask("a" * 10_000)


@pytest.mark.parametrize(
    "question", ['"unclosed', "NEAR( AND * OR", "ferry) --", "title: x", "🛳️", "?!", "a\x00b", "a\ud800", "ferry's"]
)
def test_no_question_breaks_the_search(session: qa.QA, question: str) -> None:
    assert session.ask(question).passages
