import pytest

from qa.question import Kind, is_broad, kind_of, names_in, subject_of


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who did Lukashenko ask for help?", Kind.WHO),
        ("When was the election?", Kind.WHEN),
        ("In what year did the mine open?", Kind.WHEN),
        ("How many people were aboard?", Kind.HOW_MANY),
        ("How long has Lukashenko ruled?", Kind.HOW_MANY),
        ("What share of the vote did she win?", Kind.HOW_MANY),
        ("Where did Tikhanovskaya take refuge?", Kind.WHERE),
        ("Which country offered help?", Kind.WHERE),
        ("Why did the ferry sink?", Kind.WHY),
        ("What did the inquiry find?", Kind.OTHER),
    ],
)
def test_the_kind_of_a_question_is_told_by_its_words(question: str, kind: Kind) -> None:
    assert kind_of(question) is kind


@pytest.mark.parametrize(
    ("kind", "yes", "no"),
    [
        (Kind.WHO, "The strike was led by Runa Castellane.", "The strike went on."),
        (Kind.WHEN, "It opened on Aug. 9.", "It opened to applause."),
        (Kind.HOW_MANY, "The crack was 14 metres long.", "The crack was long."),
        (Kind.WHERE, "She fled to Vilnius.", "She fled at once."),
        (Kind.WHY, "It sank because a door was open.", "It sank."),
    ],
)
def test_a_sentence_with_such_an_answer_is_told_from_one_without(kind: Kind, yes: str, no: str) -> None:
    assert kind.cue(yes) == 1
    assert kind.cue(no) == 0


@pytest.mark.parametrize("question", ["Why?", "How did it start?", "What happened in Minsk?", "Describe the protests"])
def test_broad_questions_may_take_several_sentences(question: str) -> None:
    assert is_broad(question)


@pytest.mark.parametrize("question", ["How many came?", "How long did it last?", "Who came?", "What is the capital?"])
def test_narrow_questions_take_one(question: str) -> None:
    assert not is_broad(question)


def test_names_are_capitalised_words_and_numbers_but_not_the_first_word() -> None:
    assert names_in("Who won the 1998 World Cup in Lukashenko's Minsk?") == {
        "1998",
        "world",
        "cup",
        "lukashenko",
        "minsk",
    }


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("Who did Lukashenko ask for help?", "lukashenko"),
        ("Where did the opposition candidate flee?", None),
        ("Where did Svetlana Tikhanovskaya take refuge?", "tikhanovskaya"),
        ("Who is the president of France?", None),
        ("Who won the Cup?", None),
    ],
)
def test_whom_a_question_is_about_stands_behind_its_auxiliary_verb(question: str, subject: str | None) -> None:
    assert subject_of(question) == subject
