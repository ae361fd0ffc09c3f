"""The calendar day that words such as "Friday" or "Aug. 9" mean in an article of a known date.

News leaves out what its reader knows on the day: the year, or all but the weekday. What is left out is taken from the
date of publication; what could mean two days means none.
"""

import re
from datetime import date, timedelta

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FEW = 6
_RELATIVE = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}

# In full, or as "Aug." and "Sept."; a capital tells the month of May from the verb.
_MONTH = rf"(?P<month>{'|'.join(f'{name}|{name[:3]}' for name in _MONTHS)}|Sept)\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?P<year>\d{4}))?"
_WITH_MONTH = (
    re.compile(rf"\b{_MONTH}\s+{_DAY}(?!\d|\s*[-–]\s*\d){_YEAR}"),
    re.compile(rf"(?<![\d–-])(?<![–-]\s)\b{_DAY}\s+{_MONTH}{_YEAR}"),
)
_WEEKDAY = re.compile(rf"\b(?:(?P<which>last|next)\s+)?(?P<weekday>{'|'.join(_WEEKDAYS)})\b", re.IGNORECASE)
_WORD = re.compile(rf"\b({'|'.join(_RELATIVE)})\b", re.IGNORECASE)
_TO_COME = re.compile(
    r"\b(will|would|shall|won['’]t|coming|due|set to|going to|scheduled|planned|plans?|expected|is to|are to)\b",
    re.IGNORECASE,
)


def day_meant(words: str, *, sentence: str, published: date | None) -> date | None:
    """The one day that `words` name in a sentence published on a day; None when they name none, or several.

    A day without its year is the one nearest to the publication; a weekday is the last one up to it, or the next one
    where the sentence speaks of what is to come; on that weekday itself, the publication's day. "Next Friday" can mean
    two. Of more than a few words a day is but a part, and not what they mean.
    """
    if len(words.split()) > _FEW:
        return None
    found = [*_with_month(words, published), *(_without_month(words, sentence, published) if published else ())]
    return found[0] if len(found) == 1 else None


def _with_month(words: str, published: date | None) -> list[date]:
    matches = [match for pattern in _WITH_MONTH for match in pattern.finditer(words)]
    days = []
    for match in matches:
        month, day = _month(match["month"]), int(match["day"])
        years = [int(match["year"])] if match["year"] else _years_around(published)
        near = [found for year in years if (found := _day(year, month, day))]
        if near:
            days.append(min(near, key=lambda found: abs(found - published) if published else timedelta()))
    return days


def _month(name: str) -> int:
    return next(number for number, full in enumerate(_MONTHS, start=1) if full.startswith(name[:3]))


def _years_around(published: date | None) -> list[int]:
    return [published.year - 1, published.year, published.year + 1] if published else []


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _without_month(words: str, sentence: str, published: date) -> list[date]:
    if any(pattern.search(words) for pattern in _WITH_MONTH):  # "Sunday, Aug. 9": the weekday says nothing more
        return []
    days = [published + timedelta(_RELATIVE[match[0].lower()]) for match in _WORD.finditer(words)]
    to_come = bool(_TO_COME.search(sentence))
    for match in _WEEKDAY.finditer(words):
        back = (published.weekday() - _WEEKDAYS.index(match["weekday"].lower())) % 7
        which = (match["which"] or "").lower()
        if which == "last":
            days.append(published - timedelta(back or 7))
        elif not which:
            days.append(published + timedelta(-back % 7 if to_come else -back))
    return days
