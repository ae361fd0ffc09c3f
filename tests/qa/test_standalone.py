"""The standalone query of a follow-up, from turns made by hand."""

import pytest

from qa.ellipsis import complete
from qa.references import points_back, resolve
from qa.standalone import discussed, standalone, without_small_talk
from qa.subject import left_out
from qa.turn import Turn

HELP = Turn(
    "Who did Lukashenko ask for help?",
    "Who did Lukashenko ask for help?",
    "Vladimir Putin",
    ("Lukashenko has turned to Russian President Vladimir Putin for help.",),
    ("a1",),
)
SHIP = Turn(
    "How many people were aboard the Lady Isolde?",
    "How many people were aboard the Lady Isolde?",
    "96",
    ("All 96 people aboard the ferry Lady Isolde were brought safely ashore off the island of Tarnsey.",),
    ("a2",),
)


def test_without_turns_a_question_is_what_it_is() -> None:
    assert str(standalone("Thanks! What did he offer?", [])) == "Thanks! What did he offer?"


def test_he_is_who_was_asked_for() -> None:
    assert resolve("What did he offer?", [HELP]) == "What did Vladimir Putin offer?"


def test_what_is_his_is_that_persons() -> None:
    assert resolve("What was his offer?", [HELP]) == "What was Vladimir Putin’s offer?"


def test_she_may_be_a_ship_but_he_may_not() -> None:
    assert resolve("Where did she run aground?", [SHIP]) == "Where did the Lady Isolde run aground?"
    assert resolve("Where did he go?", [SHIP]) == "Where did he go?"


def test_he_is_nobody_known_when_it_was_not_said_who() -> None:
    unknown = Turn("Who won the 1998 World Cup?", "Who won the 1998 World Cup?")
    assert resolve("How old is he?", [HELP, unknown]) == "How old is he?"


def test_he_is_the_one_named_before_in_the_question() -> None:
    question = "When did Pompeo say that he would come?"
    assert resolve(question, [HELP]) == question


@pytest.mark.parametrize(
    ("question", "asked", "answer", "completed"),
    [
        ("Why?", "When did Dorrit Haskell resign?", "Monday", "Why did Dorrit Haskell resign?"),
        ("And when?", "Why did Dorrit Haskell resign?", None, "When did Dorrit Haskell resign?"),
        ("When?", "Who was elected mayor?", "Lucia Marchbank", "When was Lucia Marchbank elected mayor?"),
        ("When?", "Who was elected mayor?", None, "When?"),
        ("Who else?", "Who did Lukashenko ask for help?", "Putin", "Who else did Lukashenko ask for help?"),
        ("And in Lithuania?", "Who protested in Belarus?", None, "Who protested in Lithuania?"),
        ("And in 2014?", "Who protested?", None, "Who protested in 2014?"),
        ("What about Russia?", "Who rules Belarus?", None, "Who rules Russia?"),
        ("What about Greyfold?", "Who is Port Sallow’s mayor?", None, "Who is Greyfold’s mayor?"),
        ("Why did it sink?", "When did the ferry sail?", None, "Why did it sink?"),
    ],
)
def test_an_ellipsis_is_put_into_the_words_of_the_question_before(
    question: str, asked: str, answer: str | None, completed: str
) -> None:
    assert complete(question, asked, answer) == completed


@pytest.mark.parametrize(
    "question", ["What did he offer?", "And then?", "Who else?", "How much help?", "When will the others come?"]
)
def test_a_question_that_points_back_or_says_little_needs_the_turns_before(question: str) -> None:
    assert points_back(question, [HELP])


@pytest.mark.parametrize(
    "question",
    ["How many people were aboard the Lady Isolde?", "Who is Petra Oyelund?", "Who said that Hollin Deep is safe?"],
)
def test_a_question_that_names_what_is_new_does_not(question: str) -> None:
    assert not points_back(question, [HELP])
    assert str(standalone(question, [HELP])) == question
    assert discussed(question, [HELP]) == []


def test_what_a_question_leaves_out_are_words_of_the_turns_before() -> None:
    assert {"Lady", "Isolde"} <= set(left_out("How deep is the water there?", [SHIP]))


def test_a_subject_that_was_left_is_not_brought_up_again() -> None:
    query = str(standalone("Who was hurt?", [HELP, SHIP]))
    assert "Isolde" in query
    assert "Putin" not in query
    assert discussed("Who was hurt?", [HELP, SHIP]) == ["a2"]


def test_a_subject_that_is_named_again_is() -> None:
    query = str(standalone("And what did Lukashenko get from him?", [HELP, SHIP]))
    assert "Putin" in query
    assert "Isolde" not in query


def test_a_day_is_taken_along_only_for_then() -> None:
    when = Turn("When did Dorrit Haskell resign?", "When did Dorrit Haskell resign?", "15 September")
    assert "September" in str(standalone("What happened then?", [when]))
    assert "September" not in str(standalone("Who replaced her?", [when]))


def test_words_that_only_said_what_a_query_was_about_are_not_taken_for_asked() -> None:
    later = Turn("How deep is it?", "How deep is it? (Brannoch Dam)", "38 metres", ("It is 38 metres deep.",))
    assert "Brannoch" not in left_out("And how wide?", [later])


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Thanks! Who leads it?", "Who leads it?"),
        ("That’s interesting. Okay. Why?", "Why?"),
        ("Really?", "Really?"),
        ("I heard of a theft. Who did it?", "I heard of a theft. Who did it?"),
    ],
)
def test_small_talk_is_not_searched_for(question: str, asked: str) -> None:
    assert without_small_talk(question) == asked
