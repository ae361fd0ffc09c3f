"""Cards: buttons that open an article at a place."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from index.article import Listed
from qa import Article
from ui.place import Place

_EXCERPT_CHARS = 240
_CARRIERS = 4


def card(
    place: Place,
    article: Article,
    *,
    number: int | None = None,
    excerpt: str = "",
    emphasis: tuple[int, int] = (0, 0),
    carriers: Sequence[str] = (),
    since: str = "",
) -> str:
    """One card: what the article is called, where it is from, and a piece of it where one is given.

    `emphasis` are the characters `[start, end)` of the excerpt that are emphasised; `carriers` who else carries it;
    `since` what became of the article since it was quoted.
    """
    parts = [
        f'<span class="number">{number}</span>' if number else "",
        f'<span class="title" dir="auto">{escape(article.title)}</span>',
        f'<span class="facts">{facts(article)}</span>',
        f'<span class="excerpt" dir="auto">{emphasised(excerpt, *emphasis, limit=_EXCERPT_CHARS)}</span>'
        if excerpt
        else "",
        f'<span class="carriers">Also carried by {_names(carriers)}</span>' if carriers else "",
        f'<span class="since">{escape(since)}</span>' if since else "",
    ]
    return f'<button type="button" class="card" data-cite="{escape(place.key)}">{"".join(parts)}</button>'


def card_list(cards: Iterable[str]) -> str:
    """Cards below one another."""
    return f'<ol class="cards">{"".join(f"<li>{html}</li>" for html in cards)}</ol>'


def facts(article: Article | Listed) -> str:
    """Where and when the article was published, as HTML."""
    source = f"<bdi>{escape(article.source)}</bdi>" if article.source else ""
    date = article.date
    day = f'<time datetime="{date.isoformat()}">{date.day} {date:%B %Y}</time>' if date else ""
    return " · ".join(filter(None, (source, day))) or "no source, no date"


def _names(carriers: Sequence[str]) -> str:
    shown = ", ".join(f"<bdi>{escape(name)}</bdi>" for name in carriers[:_CARRIERS])
    rest = len(carriers) - _CARRIERS
    return f"{shown} and {rest} more" if rest > 0 else shown


def emphasised(text: str, start: int, end: int, *, limit: int | None = None) -> str:
    """The text as HTML, its characters `[start, end)` emphasised where they are not all of it.

    What comes behind them is shortened to `limit` characters in all.
    """
    if (start, end) in ((0, 0), (0, len(text))):
        return escape(_shortened(text, limit))
    behind = text[end:] and _shortened(text[end:], None if limit is None else max(0, limit - end))
    return f"{escape(text[:start])}<em>{escape(text[start:end])}</em>{escape(behind)}"


def _shortened(text: str, limit: int | None) -> str:
    line = re.sub(r"\s+", " ", text)
    return line if limit is None or len(line) <= limit else line[:limit].rpartition(" ")[0] + " …"
