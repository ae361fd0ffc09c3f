"""What speaks for one answer is added up, and speaks against the others."""

from dataclasses import replace

import pytest

import qa
from qa.groups import Group, gather, probabilities
from qa.spans import Span
from tests.qa.conftest import MakePassage

TEXT = "Lukashenko asked Vladimir Putin for help. Putin offered it. Merkel offered nothing."


@pytest.fixture
def passage(make_passage: MakePassage) -> qa.Passage:
    return make_passage(TEXT)


def span(passage: qa.Passage, words: str, score: float) -> Span:
    start = passage.article.text.index(words)
    return Span(passage, start, start + len(words), score)


def of(question: str, spans: list[Span]) -> list[Group]:
    passages = {span.passage.article.id: span.passage for span in spans}
    return gather(question, list(passages.values()), spans)


def chances(groups: list[Group]) -> list[float]:
    return probabilities([group.features for group in groups])


def probability_of(groups: list[Group], words: str) -> float:
    return dict(zip((group.text for group in groups), chances(groups), strict=True))[words]


def test_a_surname_stands_with_the_full_name(passage: qa.Passage) -> None:
    groups = of("Who helped?", [span(passage, "Vladimir Putin", 5), span(passage, "Putin offered", 1)])
    assert [len(group.spans) for group in groups] == [1, 1]
    groups = of("Who helped?", [span(passage, "Vladimir Putin", 5), span(passage, "Putin", 4)])
    assert [group.text for group in groups] == ["Vladimir Putin"]
    assert len(groups[0].spans) == 2


def test_another_article_that_says_so_makes_an_answer_more_probable(
    passage: qa.Passage, make_passage: MakePassage
) -> None:
    alone = [span(passage, "Vladimir Putin", 2), span(passage, "Merkel", 2)]
    supported = [*alone, span(make_passage(TEXT, id="a2"), "Vladimir Putin", 2)]
    before, after = (of("Who offered help?", spans) for spans in (alone, supported))
    assert probability_of(after, "Vladimir Putin") > probability_of(before, "Vladimir Putin")
    assert probability_of(after, "Merkel") < probability_of(before, "Merkel")


def test_the_same_article_twice_is_less_evidence_than_two_articles(
    passage: qa.Passage, make_passage: MakePassage
) -> None:
    once = [span(passage, "Vladimir Putin", 2)]
    twice = [*once, span(passage, "Putin", 1)]
    elsewhere = [*once, span(make_passage(TEXT, id="a2"), "Putin", 1)]
    (alone,), (repeated,), (supported,) = (
        chances(of("Who offered help?", spans)) for spans in (once, twice, elsewhere)
    )
    assert alone < repeated < supported


def test_an_answer_of_the_kind_asked_for_is_more_probable(passage: qa.Passage) -> None:
    groups = of("Who offered help?", [span(passage, "Merkel", 2), span(passage, "nothing", 2)])
    assert probability_of(groups, "Merkel") > probability_of(groups, "nothing")


def test_what_the_question_says_itself_is_no_answer(passage: qa.Passage) -> None:
    groups = of("Whom did Lukashenko ask?", [span(passage, "Lukashenko", 2), span(passage, "Vladimir Putin", 2)])
    assert probability_of(groups, "Vladimir Putin") > probability_of(groups, "Lukashenko")


def test_an_answer_from_what_the_search_found_best_is_more_probable(
    passage: qa.Passage, make_passage: MakePassage
) -> None:
    far = replace(make_passage(TEXT, id="a2"), score=passage.score / 2, dense=passage.dense / 2)
    groups = of("Who offered help?", [span(passage, "Merkel", 2), span(far, "Vladimir Putin", 2)])
    assert probability_of(groups, "Merkel") > probability_of(groups, "Vladimir Putin")


def test_the_probabilities_leave_room_for_no_answer(passage: qa.Passage) -> None:
    sure = [span(passage, "Vladimir Putin", 9)]
    unsure = [replace(sure[0], score=-9.0)]
    (high,), (low,) = (chances(of("Who helped?", spans)) for spans in (sure, unsure))
    assert 0 < low < high < 1
    assert probabilities([]) == []
