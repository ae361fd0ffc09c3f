import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.text import clean, clean_line, headline


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\n\n", "\r\n \t\r\n"])
def test_every_kind_of_line_end_parts_paragraphs(newline: str) -> None:
    assert clean(f"One.{newline}Two.") == "One.\nTwo."


@pytest.mark.parametrize("rubbish", ["\x00", "\x07", "\x7f", "\x9f", "\u200b", "\u2060", "\ufeff", "\ud800", "\udfff"])
def test_unprintable_characters_are_dropped(rubbish: str) -> None:
    assert clean(f"{rubbish}fer{rubbish}ry{rubbish}") == "ferry"


@pytest.mark.parametrize("space", ["\x0b", "\x0c", "\x85"])
def test_control_characters_that_part_words_still_part_them(space: str) -> None:
    assert clean(f"end of page{space}start of page").split() == ["end", "of", "page", "start", "of", "page"]


def test_runs_of_spaces_become_one() -> None:
    assert clean("  One\t \u00a0two\u3000three  \n") == "One two three"


def test_letters_and_their_accents_are_composed() -> None:
    assert clean("Cafe\u0301") == "Caf\u00e9"


def test_line_and_paragraph_order_is_kept() -> None:
    assert clean("b\n\na\nb") == "b\na\nb"


@pytest.mark.parametrize(
    "credit",
    [
        "Photo: AP",
        "PHOTO : Reuters / J. Doe",
        "Image credit: Northlight News",
        "Photos by: A. Bell",
        "Picture: Handout",
    ],
)
def test_photo_credit_on_its_own_line_is_dropped(credit: str) -> None:
    assert clean(f"One.\n  {credit}\nTwo.") == "One.\nTwo."


@pytest.mark.parametrize(
    "line",
    [
        "Photos show the ferry on its side.",
        "He held up the photo: it showed his house.",
        "Photo: " + "the story of a picture that went around the world, and of the man who took it, " * 2,
    ],
)
def test_sentence_that_only_mentions_a_photo_is_kept(line: str) -> None:
    assert clean(line) == line.strip()


def test_text_of_nothing_but_space_and_rubbish_is_empty() -> None:
    assert clean(" \r\n\x00\t\ufeff ") == ""


@given(st.text())
@example("e\u200b\u0301")
@example("Photo\x00: AP")
@example("\u2028\u0301a\u0300\u0301")
def test_cleaning_clean_text_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(st.characters()))
def test_clean_text_can_be_stored_and_is_composed(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert unicodedata.is_normalized("NFC", cleaned)
    assert all(line and line == line.strip() for line in cleaned.splitlines() if cleaned)


@given(st.text(st.characters(categories=["L", "N", "P"])))
def test_letters_numbers_and_punctuation_are_all_kept(text: str) -> None:
    assert clean("x" + text) == unicodedata.normalize("NFC", "x" + text)


def test_name_is_one_line() -> None:
    assert clean_line(" Port Sallow\r\n mayor  resigns ") == "Port Sallow mayor resigns"


@pytest.mark.parametrize("nothing", [None, "", " \n\x00 "])
def test_name_of_nothing_is_none(nothing: str | None) -> None:
    assert clean_line(nothing) is None


def test_short_first_line_is_the_whole_headline() -> None:
    assert headline("Ferry capsizes off Orvay.\nAt least 12 died.") == "Ferry capsizes off Orvay."


def test_long_first_line_is_cut_at_the_end_of_a_word() -> None:
    assert headline("one, two, three, four", limit=12) == "one, two…"


def test_headline_of_one_endless_word_is_cut() -> None:
    assert headline("x" * 200, limit=10) == "x" * 10 + "…"


def test_long_run_of_accents_is_cut_and_of_other_signs_is_not() -> None:
    """Normalising takes time that grows with the square of such a run."""
    assert clean("a" + "\u0316" * 100_000 + "b") == "a" + "\u0316" * 30 + "b"
    assert clean("。" * 100 + "“" * 100) == "。" * 100 + "“" * 100
