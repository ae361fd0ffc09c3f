"""Publication dates as news writes them; a date that cannot be trusted is refused, never guessed."""

import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime

# The year, the month and the day in numbers: nobody writes them the other way round when the year is first.
_YEAR_FIRST = (
    re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)"),
    re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"),
    re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]"),
)
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?!\d)")
_MONTH = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_DAY_FIRST = re.compile(
    r"(?:[^\W\d]+\.?,?\s+)?(\d{1,2})(?:\.|er|º)?\s+(?:de\s+)?([^\W\d]{3,})\.?,?\s+(?:de\s+)?(\d{4})\b", re.IGNORECASE
)
_LANGUAGES = ["fr", "de", "es", "it", "pt", "nl"]  # no word is one month in one of them and another in another

# A year in full; or in two digits where they can be nothing else, as by the rules of old mail headers.
_YEAR = re.compile(r"(?<![\d+:])\d{4}(?![\d:])|'\d\d\b|\b\d{1,2} [a-z]{3} \d\d \d{1,2}:\d\d", re.IGNORECASE)

_LABEL = re.compile(r"(first\s+)?(published|posted)(\s+on|\s+at)?\s*:?\s+", re.IGNORECASE)
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def parse_date(text: str) -> date:
    """Read a calendar date, as it stands in the text: time zones do not move it.

    Reads ISO 8601, RFC 2822, and dates with the month in letters ("Aug. 23, 2020", "23 août 2020"). Raises
    ValueError or OverflowError for anything incomplete ("August 2020") or ambiguous ("03/04/2020").
    """
    text = _LABEL.sub("", _DIRECTION.sub("", text).strip(), count=1)
    for year_first in _YEAR_FIRST:
        if match := year_first.match(text):
            return _known(date(*map(int, match.groups())))
    if match := _NUMERIC.match(text):
        return _known(_numeric(*map(int, match.groups())))
    if not _YEAR.search(text):
        raise ValueError("it names no day with its year in full")
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
    try:
        return _in_english(text)
    except ValueError:
        if found := _in_another_language(text):
            return found
        raise


def _in_english(text: str) -> date:
    from dateutil import parser

    if not _MONTH.search(text):
        raise ValueError("it names no month and is not in the form YYYY-MM-DD")

    # Whatever the text leaves out is filled from the default, so two defaults that share no part tell.
    first, second = (
        parser.parse(text, default=default, ignoretz=True).date()
        for default in (datetime(1904, 2, 29), datetime(2000, 12, 3))
    )
    if first != second:
        raise ValueError("it names no full day")
    return first


def _in_another_language(text: str) -> date | None:
    """A day, a month in letters and a year; whatever else dateparser would make a date of is not tried."""
    import dateparser

    match = _DAY_FIRST.match(text)
    if not match:
        return None
    day, month, year = match.groups()
    rules = {"STRICT_PARSING": True, "REQUIRE_PARTS": ["day", "month", "year"], "DATE_ORDER": "DMY"}
    found = dateparser.parse(f"{day} {month} {year}", languages=_LANGUAGES, settings=rules)
    return found.date() if found and (found.day, found.year) == (int(day), int(year)) else None


def _known(day: date) -> date:
    if not 1600 <= day.year <= 2200:
        raise ValueError(f"the year {day.year} is out of range")
    return day
