"""Numbers and dates are compared by what they mean."""

import datetime
from decimal import Decimal

import pytest

from qa.verification.days import Day, days_of, is_given, resolved
from qa.verification.numbers import numbers_of
from qa.verification.words import words_of

SUNDAY = datetime.date(2020, 8, 23)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("26", ["26"]),
        ("twenty-six years", ["26"]),
        ("one hundred and five", ["105"]),
        ("1,234,567.5 crowns", ["1234567.5"]),
        ("1.2 million", ["1200000"]),
        ("two dozen", ["24"]),
        ("a hundred", ["100"]),
        ("three hundred thousand and twelve", ["300012"]),
        ("3-2", ["3", "2"]),
        ("$1.2bn", ["1200000000"]),
        ("five or six", ["5", "6"]),
        ("one of them", []),
        ("hundreds of people", []),
        ("the Hundred Acre Wood", []),
        ("5%", ["5"]),
    ],
)
def test_numbers_are_read_by_their_value(text: str, values: list[str]) -> None:
    assert [number.value for number in numbers_of(words_of(text))] == [Decimal(value) for value in values]


@pytest.mark.parametrize("text", ["the third", "the 3rd"])
def test_third_is_no_three(text: str) -> None:
    (number,) = numbers_of(words_of(text))
    assert (number.value, number.is_ordinal) == (3, True)


@pytest.mark.parametrize(
    "text", ["9 August 2020", "August 9, 2020", "Aug. 9, 2020", "2020-08-09", "the 9th of August 2020"]
)
def test_a_date_is_the_same_in_all_its_forms(text: str) -> None:
    (day,) = days_of(text)
    assert (day.year, day.month, day.day) == (2020, 8, 9)


@pytest.mark.parametrize("text", ["He may go.", "The march went on.", "2,020 people", "$2020", "in 20205"])
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert days_of(text) == []


@pytest.mark.parametrize(
    ("said", "wanted", "holds"),
    [
        ("on Friday", Day(2020, 8, 21), True),
        ("on Friday", Day(2020, 8, 28), True),  # the next one
        ("on Friday", Day(2020, 8, 14), False),
        ("yesterday", Day(2020, 8, 22), True),
        ("on Aug. 9", Day(2020, 8, 9), True),
        ("on Aug. 9", Day(2019, 8, 9), False),
        ("in December", Day(2019, 12), True),
        ("in December", Day(2020, 12), True),
        ("last year", Day(2019), True),
        ("on 9 August 2020", Day(weekday=6), True),
        ("nothing of the kind", Day(2020), True),  # the year of publication
        ("nothing of the kind", Day(2020, 8, 23), False),
    ],
)
def test_days_are_reckoned_from_publication(said: str, wanted: Day, holds: bool) -> None:
    assert is_given(wanted, resolved(said, SUNDAY)) == holds


def test_without_a_day_of_publication_only_what_is_written_counts() -> None:
    assert not is_given(Day(2020, 8, 21), resolved("on Friday", None))
    assert is_given(Day(weekday=4), resolved("on Friday", None))
