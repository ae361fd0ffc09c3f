"""The list of articles as HTML, and what a browser may ask of it."""

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator

from index.article import Listed
from index.scope import Scope
from ui.cards import facts
from ui.place import Place

PAGE = 50
_MOST = 2_000
_EMPTY = (
    '<li class="blank"><p class="lead">No articles yet</p><p class="note">Drop files anywhere on this side, paste a'
    " text, or give the address of a web page. Text, Markdown, HTML, PDF, Word, EPUB, mail, feeds, CSV and JSON are"
    " read.</p></li>"
)
_NO_MATCH = (
    '<li class="blank"><p class="lead">No article matches</p><p class="note">Try fewer words or wider limits.</p>'
    '<button type="button" class="quiet" data-do="reset">Show all articles</button></li>'
)


class Wanted(BaseModel):
    """Which articles a page of the list shows."""

    words: Annotated[str, Field(max_length=300)] = ""
    since: date | None = None
    until: date | None = None
    source: Annotated[str, Field(max_length=1000)] = ""
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=_MOST)] = PAGE

    @field_validator("since", "until", mode="before")
    @classmethod
    def _no_date(cls, value: Any) -> Any:
        return value or None

    @property
    def scope(self) -> Scope:
        """The limits."""
        return Scope(self.since, self.until, (self.source,) if self.source else ())

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not self.words.strip() and not self.scope


def rows_html(articles: Sequence[Listed], wanted: Wanted) -> str:
    """A page of the list: a box to choose each article by, and a button that opens it."""
    if not articles and not wanted.offset:
        return _EMPTY if wanted.is_all else _NO_MATCH
    return "".join(map(_row, articles))


def summary(found: int, total: int, wanted: Wanted) -> str:
    """How many articles there are, in words."""
    noun = "article" if total == 1 else "articles"
    return f"{total:,} {noun}" if wanted.is_all else f"{found:,} of {total:,} {noun}"


def _row(article: Listed) -> str:
    told = [
        facts(article),
        _number(article.versions, "earlier version"),
        _number(article.reprints, "reprint"),
    ]
    return (
        f'<li data-id="{escape(article.id)}"><input type="checkbox" class="pick"'
        f' aria-label="Choose: {escape(article.title)}">'
        f'<button type="button" class="card" data-cite="{escape(Place.of(article).key)}">'
        f'<span class="title" dir="auto">{escape(article.title)}</span>'
        f'<span class="facts">{" · ".join(filter(None, told))}</span></button></li>'
    )


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""
