"""Publication dates as news writes them; a date that cannot be trusted is refused, never guessed."""

import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime

_YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d{2})\2(\d{2})(?!\d)")
_MONTH = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?!\d)")


def parse_date(text: str) -> date:
    """Read a calendar date, as it stands in the text: time zones do not move it.

    Reads ISO 8601, RFC 2822, and dates with the month in letters ("Aug. 23, 2020"). Raises ValueError for
    anything incomplete ("August 2020") or ambiguous ("03/04/2020").
    """
    text = text.strip()
    if match := _YEAR_FIRST.match(text):
        return _known(date(int(match[1]), int(match[3]), int(match[4])))
    if match := _NUMERIC.match(text):
        return _known(_numeric(*map(int, match.groups())))
    try:
        return _known(parsedate_to_datetime(text).date())
    except ValueError:
        return _known(_written_out(text))


def _numeric(first: int, second: int, year: int) -> date:
    if first != second and first <= 12 and second <= 12:
        raise ValueError("day and month cannot be told apart")
    day, month = (first, second) if first > 12 or first == second else (second, first)
    return date(year, month, day)


def _written_out(text: str) -> date:
    from dateutil import parser

    if not _MONTH.search(text):
        raise ValueError("it names no month and is not in the form YYYY-MM-DD")

    # Whatever the text leaves out is filled from the default, so two defaults that share no part tell.
    first, second = (
        parser.parse(text, default=default).date() for default in (datetime(1904, 2, 29), datetime(2000, 12, 3))
    )
    if first != second:
        raise ValueError("it names no full day")
    return first


def _known(day: date) -> date:
    if not 1600 <= day.year <= 2200:
        raise ValueError(f"the year {day.year} is out of range")
    return day
