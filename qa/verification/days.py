"""The days, months and years that a sentence names, compared as far as they are given.

A day that is named by its weekday, or as yesterday, is reckoned from the day of publication: in an article of Sunday
2020-08-23, "on Friday" is 2020-08-21.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r"(?P<year>(?:1[5-9]|20)\d\d)"
_FORMS = [
    re.compile(form)
    for form in (
        r"\b(?P<year>\d{4})-(?P<number>\d\d)-(?P<day>\d\d)\b",
        rf"\b{_DAY} (?:of )?{_MONTH},?(?: {_YEAR})?\b",
        rf"\b{_MONTH} {_DAY}\b(?:,? {_YEAR}\b)?",
        rf"\b{_MONTH},?(?: of)? {_YEAR}\b",
        rf"\b(?:[Ii]n|of|by|[Ll]ast|this|next|late|early|until|[Ss]ince|mid) {_MONTH}",
        rf"(?<![\w$€£.,-]){_YEAR}(?![\w%]|[.,]\d)",
    )
]
_WEEKDAY = re.compile(rf"\b({'|'.join(_WEEKDAYS)})\b", re.IGNORECASE)
_RELATIVE = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}
_RELATIVE_WORD = re.compile(rf"\b({'|'.join(_RELATIVE)})\b", re.IGNORECASE)
_RELATIVE_YEAR = re.compile(r"\b(last|this|next) year\b", re.IGNORECASE)
_BACK, _AHEAD = 366, 183  # days from the day of publication that a date without a year is looked for


@dataclass(frozen=True, slots=True)
class Day:
    """What is given of a date; the characters `[start, end)` give it."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    start: int = 0
    end: int = 0


def days_of(text: str) -> list[Day]:
    """The dates that `text` names, in order of their form."""
    found: list[Day] = []
    for form in _FORMS:
        for match in form.finditer(text):
            if not any(match.start() < other.end and other.start < match.end() for other in found):
                found.append(_day(match))
    for match in _WEEKDAY.finditer(text):
        found.append(Day(weekday=_WEEKDAYS.index(match[1].lower()), start=match.start(), end=match.end()))
    return found


def _day(match: re.Match[str]) -> Day:
    given = match.groupdict()
    month = given.get("month")
    number = int(given["number"]) if given.get("number") else _MONTHS.index(month[:3].lower()) + 1 if month else None
    year, day = given.get("year"), given.get("day")
    return Day(int(year) if year else None, number, int(day) if day else None, None, match.start(), match.end())


def resolved(text: str, published: date | None) -> list[Day]:
    """The dates of `text`, those named by weekday, relative to the day of publication, or without a year completed."""
    found = days_of(text)
    if published is None:
        return found
    near = [_near(day, published) for day in found]
    for match in _RELATIVE_WORD.finditer(text):
        near.append([_of(published + timedelta(days=_RELATIVE[match[1].lower()]))])
    for match in _RELATIVE_YEAR.finditer(text):
        near.append([Day(year=published.year + {"last": -1, "this": 0, "next": 1}[match[1].lower()])])
    return [*found, *(day for days in near for day in days), Day(year=published.year)]


def _near(day: Day, published: date) -> list[Day]:
    """The dates that a partial one can stand for in an article of that day."""
    if day.weekday is not None:
        back = (published.weekday() - day.weekday) % 7
        return [_of(published - timedelta(days=back)), _of(published + timedelta(days=7 - back))]
    if day.year is None and day.month:
        years = range(published.year - 1, published.year + 2)
        away = [((_some_day(year, day) - published).days, year) for year in years]
        return [Day(year, day.month, day.day) for distance, year in away if -_BACK <= distance <= _AHEAD]
    return []


def _some_day(year: int, day: Day) -> date:
    return date(year, day.month or 1, min(day.day or 15, 28))


def _of(day: date) -> Day:
    return Day(day.year, day.month, day.day, day.weekday())


def is_given(wanted: Day, given: Iterable[Day]) -> bool:
    """Whether one of the dates `given` has all that is `wanted`."""
    return any(
        all(
            getattr(wanted, part) in (None, getattr(day, part) if part != "weekday" else _weekday(day))
            for part in ("year", "month", "day", "weekday")
        )
        for day in given
    )


def _weekday(day: Day) -> int | None:
    if day.weekday is None and day.year and day.month and day.day:
        try:
            return date(day.year, day.month, day.day).weekday()
        except ValueError:
            return None
    return day.weekday
