"""Days are resolved from the article's date, and only where they can be only one."""

from datetime import date

import pytest

from qa.days import day_meant

SUNDAY = date(2020, 8, 23)


def meant(words: str, *, sentence: str = "", published: date | None = SUNDAY) -> str | None:
    day = day_meant(words, sentence=sentence or f"It happened on {words}.", published=published)
    return day.isoformat() if day else None


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Aug. 9", "2020-08-09"),
        ("August 9", "2020-08-09"),
        ("9 August", "2020-08-09"),
        ("the 9th Sept", "2020-09-09"),
        ("Sept. 1", "2020-09-01"),
        ("Dec. 31", "2020-12-31"),
        ("January 3rd", "2021-01-03"),
        ("March 3, 2014", "2014-03-03"),
        ("3 March 2014", "2014-03-03"),
        ("Sunday, Aug. 9", "2020-08-09"),
    ],
)
def test_day_of_a_month_is_the_one_nearest_to_the_publication(words: str, day: str) -> None:
    assert meant(words) == day


def test_year_that_is_near_but_not_the_publications(words: str = "Dec. 30") -> None:
    assert meant(words, published=date(2021, 1, 2)) == "2020-12-30"
    assert meant("Jan. 2", published=date(2020, 12, 30)) == "2021-01-02"


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Friday", "2020-08-21"),
        ("early Saturday", "2020-08-22"),
        ("Sunday", "2020-08-23"),
        ("Monday night", "2020-08-17"),
        ("last Sunday", "2020-08-16"),
        ("last Friday", "2020-08-21"),
        ("yesterday", "2020-08-22"),
        ("today", "2020-08-23"),
    ],
)
def test_weekday_is_the_last_one_up_to_the_publication(words: str, day: str) -> None:
    assert meant(words) == day


@pytest.mark.parametrize(
    ("sentence", "words", "day"),
    [
        ("Biegun will travel to Vilnius on Monday.", "Monday", "2020-08-24"),
        ("The vote is due on Sunday.", "Sunday", "2020-08-23"),
        ("The council is to meet on Saturday.", "Saturday", "2020-08-29"),
        ("Talks are planned for tomorrow.", "tomorrow", "2020-08-24"),
    ],
)
def test_weekday_of_what_is_to_come_is_the_next_one(sentence: str, words: str, day: str) -> None:
    assert meant(words, sentence=sentence) == day


@pytest.mark.parametrize(
    "words",
    ["26 years", "August", "2019", "Feb. 30", "Aug. 9-12", "9–12 August", "Friday and Saturday", "next Friday", "May"]
    + ["may 10", "Mayor 10", "Junior 12", "Decade 10", "", "Two men were held on Friday after a raid"],
)
def test_what_names_no_day_or_several_is_none(words: str) -> None:
    assert meant(words) is None


def test_without_a_publication_date_only_a_full_date_is_a_day() -> None:
    assert meant("Friday", published=None) is None
    assert meant("Aug. 9", published=None) is None
    assert meant("Aug. 9, 2020", published=None) == "2020-08-09"
