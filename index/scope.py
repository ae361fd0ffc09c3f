"""Limits a question to some of the articles."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Scope:
    """Articles published from `since` to `until`, both included, by one of `sources`, with one of the ids `articles`.

    What is empty is no limit. An article without a date is outside every range of dates.
    """

    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.sources or self.articles)
