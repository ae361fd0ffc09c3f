"""Questions about the sample articles: what they say is answered, what they do not say is not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import qa
from qa.evaluation.scores import exact_match

QUESTIONS = [json.loads(line) for line in Path(__file__).with_name("seed_questions.jsonl").read_text().splitlines()]
ANSWERABLE = [question for question in QUESTIONS if question["answers"]]
UNANSWERABLE = [question for question in QUESTIONS if not question["answers"]]
SPANS = [json.loads(line) for line in Path(__file__).with_name("span_questions.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def eager(seed_index: Path) -> Iterator[qa.QA]:
    """A session that gives every answer, however unsure."""
    with qa.QA.open(seed_index, min_confidence=0) as session:
        yield session


def is_right(answer: qa.Answer, question: dict[str, Any]) -> bool:
    return any(gold.lower() in (answer.text or "").lower() for gold in question["answers"])


@pytest.mark.parametrize(
    "question",
    [
        "Who did Lukashenko ask for help?",
        "Where did Svetlana Tikhanovskaya take refuge?",
        "When did Pompeo go to Minsk?",
        "How many people were aboard the Lady Isolde?",
        "Why did the Lady Maren sink?",
        "Why did Dorrit Haskell resign?",
        "Who succeeded Tobias Quill as mayor of Greyfold?",
    ],
)
def test_it_is_answered(session: qa.QA, question: str) -> None:
    known = next(item for item in ANSWERABLE if item["question"] == question)
    answer = session.ask(question)
    assert is_right(answer, known), answer.text


@pytest.mark.parametrize(
    "question",
    [
        "Who won the 1998 World Cup?",
        "Who is the president of France?",
        "What is the capital of Australia?",
        "Who wrote Hamlet?",
        "What is the price of Bitcoin?",
    ],
)
def test_it_is_not_answered_but_the_nearest_passages_are_shown(session: qa.QA, question: str) -> None:
    answer = session.ask(question)
    assert answer.text is None
    assert answer.citations == ()
    assert answer.passages


def test_the_passages_hold_the_answer_almost_always(session: qa.QA) -> None:
    held = [
        any(gold.lower() in " ".join(p.text for p in session.index.search(item["question"])).lower() for gold in golds)
        for item in ANSWERABLE
        if (golds := item["answers"])
    ]
    assert sum(held) >= len(held) - 1


def test_most_is_answered_right_and_little_wrong(session: qa.QA) -> None:
    answers = [(session.ask(item["question"]), item) for item in ANSWERABLE]
    given = [(answer, item) for answer, item in answers if answer.text]
    right = sum(is_right(answer, item) for answer, item in given)
    assert right >= 0.6 * len(answers)
    assert right >= 0.75 * len(given)


def test_most_of_what_the_articles_do_not_say_is_not_answered(session: qa.QA) -> None:
    silent = sum(session.ask(item["question"]).text is None for item in UNANSWERABLE)
    assert silent >= 0.6 * len(UNANSWERABLE)


def test_every_citation_is_the_articles_own_text(session: qa.QA) -> None:
    for item in ANSWERABLE:
        for citation in session.ask(item["question"]).citations:
            article = session.index.article(citation.article.id)
            assert article is not None
            assert citation.quote == article.text[citation.start : citation.end] != ""
            assert citation.sentence_start <= citation.start < citation.end <= citation.sentence_end


# Questions of six kinds, ten each and fifteen of the last, written by somebody who had read the articles but never seen
# the reader answer. The articles were made up for this project: nothing was trained on them. The numbers are what was
# measured, less one, since processors round differently: low for who and where; a better reader raises them.
@pytest.mark.parametrize(
    ("kind", "least"), [("who", 3), ("when", 6), ("where", 2), ("how many", 6), ("why", 4), ("other", 7)]
)
def test_no_fewer_questions_of_each_kind_are_answered_exactly_than_before(eager: qa.QA, kind: str, least: int) -> None:
    answers = [(item, eager.ask(item["question"])) for item in SPANS if item["kind"] == kind]
    wrong = {item["question"]: answer.text for item, answer in answers if not is_exact(answer, item)}
    assert len(answers) - len(wrong) >= least, wrong


def is_exact(answer: qa.Answer, item: dict[str, Any]) -> bool:
    """Whether it is one of the known answers; for why, whether the sentences cited give the reason."""
    if item["kind"] == "why":
        return any(gold in citation.sentence for gold in item["answers"] for citation in answer.citations)
    return exact_match(answer.text, item["answers"]) == 1
