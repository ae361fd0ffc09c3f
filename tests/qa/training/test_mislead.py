"""Questions are made unanswerable in small, tempting ways."""

import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.training import mislead as ways
from qa.training.examples import Example
from qa.training.mislead import mislead

PASSAGE = (
    "In 1825 the engineer Robert Dale built the first mill in Oslo. It burned down in 1831. "
    "A rival, Peter Holm, then opened 2 mills in Bergen."
)
Way = Callable[[Example, random.Random], Example | None]


def asked(question: str, *answers: str, passage: str = PASSAGE, title: str = "Mills") -> Example:
    """A question with its answers, each where it first stands."""
    spans = tuple((passage.index(answer), passage.index(answer) + len(answer)) for answer in answers)
    return Example("squad", question, passage, title, spans)


def made(way: Way, example: Example) -> list[Example]:
    """All that a way makes of an example by the lots of forty seeds, each once; [] if it makes nothing of it."""
    found = [way(example, random.Random(seed)) for seed in range(40)]
    return sorted({one for one in found if one}, key=lambda one: (one.question, one.passage))


def questions(way: Way, example: Example) -> list[str]:
    return [one.question for one in made(way, example)]


# Other names -------------------------------------------------------------------------------------------------


def test_another_name_of_the_passage_is_asked_about() -> None:
    example = asked("When did Robert Dale build the mill?", "1825")
    assert questions(ways._other_name, example) == [
        "When did Bergen build the mill?",
        "When did Oslo build the mill?",
        "When did Peter Holm build the mill?",
    ]


def test_the_answer_is_not_asked_about_nor_is_what_only_begins_a_sentence() -> None:
    found = " ".join(questions(ways._other_name, asked("Who built the mill in Oslo?", "Robert Dale")))
    assert "Peter Holm" in found
    assert not re.search(r"Dale|\bIt\b|\bIn\b", found)


@pytest.mark.parametrize("question", ["Who built the mill?", "Oslo has how many mills?"])
def test_question_without_a_name_but_its_first_word_gets_no_other(question: str) -> None:
    assert made(ways._other_name, asked(question, "2")) == []


def test_the_passage_tells_of_somebody_else() -> None:
    example = asked("When did Robert Dale build a mill?", "1825")
    found = made(ways._name_not_there, example)
    assert {one.question for one in found} == {example.question}
    assert PASSAGE.replace("Robert Dale", "Peter Holm") in [one.passage for one in found]
    assert not any("Robert Dale" in one.passage for one in found)


def test_the_title_does_not_give_away_of_whom_the_passage_told() -> None:
    example = asked("When did Robert Dale build a mill?", "1825", title="Robert Dale")
    assert {one.title for one in made(ways._name_not_there, example)} == {""}


def test_a_name_that_is_part_of_the_answer_stays_in_the_passage() -> None:
    example = asked("Which mill did Robert Dale build?", "Robert Dale built the first mill")
    assert made(ways._name_not_there, example) == []


# Other numbers -----------------------------------------------------------------------------------------------


def test_another_number_of_the_passage_or_a_near_one_is_asked_about() -> None:
    found = questions(ways._other_number, asked("What was built in 1825?", "the first mill"))
    assert "What was built in 1831?" in found
    years = {int(re.findall(r"\d+", question)[0]) for question in found}
    assert len(years) > 3 and 1825 not in years and all(abs(year - 1825) <= 20 for year in years)


def test_the_answer_is_not_the_other_number() -> None:
    found = questions(ways._other_number, asked("When did the mill of 1825 burn down?", "1831"))
    assert found and not any("1831" in question for question in found)


def test_only_a_whole_number_is_another() -> None:
    assert questions(ways._other_number, asked("Were 2,400 or 1.5 tons of B2 sold?")) == []


# Opposites and negations -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "opposite"),
    [
        ("Who made the first mill?", "Who made the last mill?"),
        ("Who opened a mill?", "Who closed a mill?"),
        ("What stood north of Oslo?", "What stood south of Oslo?"),
    ],
)
def test_a_word_becomes_its_opposite(question: str, opposite: str) -> None:
    assert questions(ways._opposite, asked(question)) == [opposite]


@pytest.mark.parametrize("question", ["Who made a mill?", "Who was Ann Firstly?"])
def test_question_without_such_a_word_has_no_opposite(question: str) -> None:
    assert questions(ways._opposite, asked(question)) == []


@pytest.mark.parametrize(
    ("question", "negated"),
    [
        ("When did Dale build a mill?", ["did Dale never", "did Dale not", "didn't Dale"]),
        ("Where will the mill stand?", ["will the mill never", "will the mill not", "won't the mill"]),
        ("What can Holm build?", ["can Holm never", "can Holm not", "can't Holm"]),
    ],
)
def test_question_is_negated(question: str, negated: list[str]) -> None:
    found = questions(ways._negated, asked(question))
    assert len(found) == 3 and all(any(words in one for one in found) for words in negated)


@pytest.mark.parametrize("question", ["Who did not build a mill?", "Who didn't?", "Which mills never burned?", "Why?"])
def test_question_that_is_negated_already_or_has_no_auxiliary_is_not(question: str) -> None:
    assert questions(ways._negated, asked(question)) == []


# Without the answer ------------------------------------------------------------------------------------------


def test_sentences_with_a_word_of_the_answer_are_taken_out() -> None:
    passage = f"{PASSAGE} Dale died poor."
    (found,) = made(ways._without_answer, asked("Who built the first mill?", "Robert Dale", passage=passage))
    assert found.passage == "It burned down in 1831. A rival, Peter Holm, then opened 2 mills in Bergen."


@pytest.mark.parametrize("answer", ["mill", "Oslo. It burned"])
def test_a_passage_is_not_made_a_single_sentence(answer: str) -> None:
    example = asked("What was built?", answer, passage="A mill stood in Oslo. It burned. Then mill two was built.")
    assert made(ways._without_answer, example) == []


def test_an_answer_of_small_words_is_taken_out_like_any_other() -> None:
    passage = "The Who played. All knew the band The Who. It rained. Nobody left."
    (found,) = made(ways._without_answer, asked("Who played?", "The Who", "band The Who", passage=passage))
    assert found.passage == "It rained. Nobody left."


# One of them -------------------------------------------------------------------------------------------------


def changed(example: Example | None) -> tuple[str, str] | None:
    return (example.question, example.passage) if example else None


@pytest.mark.parametrize("way", ways._WAYS)
def test_each_way_is_gone_by_some_lot(way: Way) -> None:
    example = asked("When did Robert Dale build the first of 2 mills?", "1825", passage=f"{PASSAGE} Dale left.")
    found = {changed(mislead(example, random.Random(seed))) for seed in range(100)}
    assert found & {changed(one) for one in made(way, example)}


def test_nothing_is_made_of_a_question_that_gives_no_handle() -> None:
    assert mislead(asked("Why?", "rain", passage="It saw rain."), random.Random(0)) is None


def test_a_name_that_is_only_part_of_a_word_in_the_passage_is_no_handle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the same question over the same passage would be taught as answerable and as not."""
    monkeypatch.setattr(ways, "_WAYS", (ways._name_not_there,))
    example = asked("What wet the Norman army?", "rain", passage="It saw the Normans ride to Oslo in rain.")
    assert mislead(example, random.Random(0)) is None


PIECES = ["Ann Baker", "Oslo", "New York", "1990", "7", "2,400", "the", "first", "did", "won", "was", "ferry", "it's"]
TEXTS = st.lists(st.sampled_from(PIECES)).map(" ".join) | st.text(max_size=30)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """An answerable example, of sense or not."""
    passage = " ".join(f"Now {text}." for text in draw(st.lists(TEXTS, min_size=1, max_size=4)))
    start = draw(st.integers(0, len(passage) - 1))
    spans = ((start, draw(st.integers(start + 1, len(passage)))),)
    return Example("squad", f"Who {draw(TEXTS)}?", passage, "A title", spans)


@given(examples(), st.integers(0, 99))
def test_what_is_made_differs_has_no_answer_and_is_the_same_for_the_same_seed(example: Example, seed: int) -> None:
    found = mislead(example, random.Random(seed))
    assert found == mislead(example, random.Random(seed))
    if found:
        assert (found.spans, found.source) == ((), "squad-not")
        assert (found.question, found.passage) != (example.question, example.passage)
