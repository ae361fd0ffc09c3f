from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dates import parse_date

DAY = date(2020, 8, 23)


@pytest.mark.parametrize(
    "text",
    [
        "2020-08-23",
        "  2020-08-23\n",
        "2020-08-23T06:30:00Z",
        "2020-08-23 06:30:00.123456+00:00",
        "20200823",
        "2020/08/23",
        "Sun, 23 Aug 2020 06:30:00 +0000",
        "23 Aug 2020 06:30:00 GMT",
        "Aug. 23, 2020",
        "August 23, 2020",
        "August 23rd, 2020",
        "23 August 2020",
        "23rd of August 2020",
        "Sunday 23 August 2020",
        "23/08/2020",
        "08/23/2020",
        "23.8.2020",
        "2020-8-23",
        "AUG 23, 2020",
        "2020-Aug-23",
        "Sunday, August 23rd 2020, 10:15 am ET",
        "Aug. 23, 2020, 10:15 a.m. EDT",
        "10:15, 23 August 2020",
        "August 23, 2020 at 10:15 p.m.",
        "Sun Aug 23 10:15:00 +0000 2020",
        "Sun, 23 Aug 20 06:30:00 GMT",
        "Aug 23 '20",
        "Published: August 23, 2020",
        "First published on Sun 23 Aug 2020 06.30 BST",
        "Posted Aug 23, 2020",
        "\u200e23\u200e/\u200e08\u200e/\u200e2020",
        "23\xa0August\xa02020",
        "2020年8月23日",
        "2020년 8월 23일",
        "23 août 2020",
        "dimanche 23 août 2020 à 10h15",
        "23. August 2020",
        "Sonntag, 23. August 2020, 10:15 Uhr",
        "23 de agosto de 2020",
        "23 agosto 2020",
        "23 augustus 2020",
    ],
)
def test_full_date_is_read(text: str) -> None:
    assert parse_date(text) == DAY


@pytest.mark.parametrize(
    "text",
    ["2020-08-23T23:30:00-11:00", "2020-08-23T00:30:00+14:00", "Sun, 23 Aug 2020 23:30:00 -1100"],
)
def test_time_zone_does_not_move_the_day(text: str) -> None:
    assert parse_date(text) == DAY


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1er mai 2020", date(2020, 5, 1)),
        ("12. März 2020", date(2020, 3, 12)),
        ("12 mars 2020", date(2020, 3, 12)),
        ("3. Mai 2020", date(2020, 5, 3)),
        ("2 de março de 2020", date(2020, 3, 2)),
        ("5 maart 2020", date(2020, 3, 5)),
        ("12 décembre 2020", date(2020, 12, 12)),
    ],
)
def test_month_in_another_language_is_read(text: str, day: date) -> None:
    assert parse_date(text) == day


def test_day_that_can_be_no_month_tells_the_order() -> None:
    assert parse_date("13/04/2020") == parse_date("04/13/2020") == date(2020, 4, 13)


def test_day_and_month_of_one_number_need_no_order() -> None:
    assert parse_date("04/04/2020") == date(2020, 4, 4)


@pytest.mark.parametrize(
    "text",
    ["August 2020", "Aug. 23", "2020", "2020-08", "8/2020", "Friday", "Sunday 23 August", "6:30 p.m.", "23"]
    + ["août 2020", "23 août", "15 March", "2020-W34-7", "2020年8月"],
)
def test_incomplete_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2020",
        "3.4.2020",
        "03-04-2020",
        "03/04/2020 10:00",
        "03/04/2020T10:00",
        "Friday, 03/04/2020",
        "03 04 2020",
        "03/04/20",
        "04-03-20",
        "3.4.20",
        "100304",
        "23 Aug 20",
        "Mar 4 05",
        "10 August 3, 2020 to August 5, 2020",
    ],
)
def test_date_that_reads_two_ways_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_date(text)


@pytest.mark.parametrize(
    "text",
    ["", " ", "nonsense", "yesterday", "2020-13-45", "2020-02-30", "31/31/2020", "2020-08-2345", "1598140800"]
    + ["Updated: August 23, 2020", "32 août 2020", "23 Marchand 2020", "23 brumaire 2020", "mayor 23, 2020"],
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        parse_date(text)


@pytest.mark.parametrize("text", ["0001-01-01", "1066-10-14", "9999-12-31"])
def test_year_no_newspaper_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="out of range"):
        parse_date(text)


@given(st.dates(date(1600, 1, 1), date(2200, 12, 31)), st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%b. %d, %Y"]))
def test_written_date_is_read_back(day: date, form: str) -> None:
    assert parse_date(day.strftime(form)) == day


@pytest.mark.filterwarnings("ignore:tzname")
@given(st.one_of(st.text(), st.text("0123456789-/.:, TZ+AugSepFri", max_size=20)))
def test_any_text_is_either_a_date_or_refused(text: str) -> None:
    with suppress(ValueError, OverflowError):
        assert 1600 <= parse_date(text).year <= 2200
