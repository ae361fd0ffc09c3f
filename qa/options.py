"""What a question may be limited to, as users write it."""

import datetime
from collections.abc import Iterable
from typing import TypedDict

from index.errors import QuestionError
from index.scope import Scope

Date = datetime.date | str

# An id that no article has: to a scope, an empty tuple would be no limit.
_NO_ARTICLE = ("",)


class Options(TypedDict, total=False):
    """The options of `QA.ask`, which explains them."""

    k: int | None
    since: Date | None
    until: Date | None
    source: str | Iterable[str] | None
    articles: Iterable[str] | None
    favour: Iterable[str]


def scope_of(
    since: Date | None,
    until: Date | None,
    source: str | Iterable[str] | None,
    articles: Iterable[str] | None = None,
) -> Scope:
    """A scope from what users give. No source is no limit; of no articles nothing can be found.

    Raises QuestionError for a date that is none.
    """
    sources = (source,) if isinstance(source, str) else tuple(source or ())
    chosen = () if articles is None else tuple(articles) or _NO_ARTICLE
    return Scope(_day("since", since), _day("until", until), sources, chosen)


def _day(name: str, value: Date | None) -> datetime.date | None:
    if value is None or isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        raise QuestionError(f"{name} {value!r} is not a date. Write it as YYYY-MM-DD") from None
