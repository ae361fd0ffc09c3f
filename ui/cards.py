"""Cards: buttons that open an article at a place."""

from collections.abc import Iterable
from html import escape

from qa import Article
from ui.place import Place

_EXCERPT_CHARS = 240


def card(place: Place, article: Article, *, number: int | None = None, excerpt: str = "", emphasis: str = "") -> str:
    """One card: what the article is called, where it is from, and a piece of it where one is given.

    `emphasis` is what of the excerpt is emphasised.
    """
    parts = [
        f'<span class="number">{number}</span>' if number else "",
        f'<span class="title" dir="auto">{escape(article.title)}</span>',
        f'<span class="facts">{facts(article)}</span>',
        f'<span class="excerpt" dir="auto">{emphasised(_shortened(excerpt), emphasis)}</span>' if excerpt else "",
    ]
    return f'<button type="button" class="card" data-cite="{escape(place.key)}">{"".join(parts)}</button>'


def card_list(cards: Iterable[str]) -> str:
    """Cards below one another."""
    return f'<ol class="cards">{"".join(f"<li>{html}</li>" for html in cards)}</ol>'


def facts(article: Article) -> str:
    """Where and when the article was published, as HTML."""
    source = f"<bdi>{escape(article.source)}</bdi>" if article.source else ""
    date = article.date
    day = f'<time datetime="{date.isoformat()}">{date.day} {date:%B %Y}</time>' if date else ""
    return " · ".join(filter(None, (source, day))) or "no source, no date"


def emphasised(text: str, part: str) -> str:
    """`text` as HTML, the first occurrence of `part` emphasised where it is not all of it."""
    before, found, after = text.partition(part) if part and part != text else (text, "", "")
    return f"{escape(before)}{f'<em>{escape(found)}</em>' if found else ''}{escape(after)}"


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT_CHARS else line[:_EXCERPT_CHARS].rsplit(" ", 1)[0] + " …"
