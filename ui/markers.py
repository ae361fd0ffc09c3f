"""Markers: the small numbers in an answer that open the article they stand for."""

from html import escape

from qa import Article
from ui.place import Place


def marker(number: int, place: Place, article: Article) -> str:
    """The number of a citation, as a button."""
    label = escape(f"Citation {number}: {article.title}")
    key = escape(place.key)
    return f'<button type="button" class="marker" data-cite="{key}" aria-label="{label}">[{number}]</button>'


def with_tail(text: str, markers: str) -> str:
    """The text and its markers, the first of which no line break parts from the last word."""
    before, space, last = text.rpartition(" ")
    return f'{escape(before + space)}<span class="kept">{escape(last)}{markers}</span>' if markers else escape(text)
