import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import sentence_spans
from index.text import clean


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_text_is_cut_into_its_sentences() -> None:
    assert sentences("The ferry sank. Who is to blame? Nobody knows!") == [
        "The ferry sank.",
        "Who is to blame?",
        "Nobody knows!",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "The mayor thanked Mr. Smith, Mrs. Bell and Ms. Rice.",
        "It was Dr. Solano who told Gov. Lee and Sen. Hart.",
        "Prof. J. K. Oduya agreed.",
        "He met U.S. Army officers in Minsk.",
        "The Aug. 9 election was disputed.",
        "The vote was on Jan. 6 in the capital.",
        "Prices rose 3.5 percent to 1.20 euros.",
        "St. Louis won the cup.",
    ],
)
def test_full_stop_inside_a_sentence_ends_nothing(sentence: str) -> None:
    assert sentences(f"{sentence} Then all went home.") == [sentence, "Then all went home."]


def test_quote_keeps_its_marks() -> None:
    assert sentences('"We will stay," she said. "You may go." He left.') == [
        '"We will stay," she said.',
        '"You may go."',
        "He left.",
    ]


def test_quoted_sentences_in_curly_marks_are_parted_after_the_mark() -> None:
    assert sentences("“The dam is safe.” Nobody believed it.") == ["“The dam is safe.”", "Nobody believed it."]


def test_no_sentence_crosses_a_line() -> None:
    assert sentences("A headline without a stop\nThe story begins. It goes\non.") == [
        "A headline without a stop",
        "The story begins.",
        "It goes",
        "on.",
    ]


def test_honorific_at_the_end_of_a_line_does_not_reach_into_the_next() -> None:
    assert sentences("It was signed by Dr.\nThe council met.") == ["It was signed by Dr.", "The council met."]


def test_sentences_in_other_scripts_are_parted() -> None:
    assert sentences("会議は木曜日に開かれた。決定は延期された。") == ["会議は木曜日に開かれた。", "決定は延期された。"]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\n \n"])
def test_text_of_nothing_has_no_sentences(text: str) -> None:
    assert sentences(text) == []


_PIECES = st.sampled_from(
    ["Mr.", "U.S.", "Aug. 9", "word", "won!", "Who?", ".", "…", '"', "”", "😀", "漢字。", "e\u0301", "𝒳"]
)


@given(st.one_of(st.text(), st.lists(st.one_of(_PIECES, st.sampled_from([" ", "\n", "  "]))).map("".join)))
def test_spans_are_in_order_stripped_and_leave_no_character_out(text: str) -> None:
    text = clean(text)
    spans = sentence_spans(text)
    ends = [0, *(end for _, end in spans)]
    assert all(before <= start < end for before, (start, end) in zip(ends, spans, strict=False))
    assert all(text[start:end] == text[start:end].strip() and "\n" not in text[start:end] for start, end in spans)
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
