"""An article as HTML, in full, with its quotes marked."""

from html import escape
from urllib.parse import urlsplit

from qa import Article
from ui.cards import facts
from ui.marking import paragraphs
from ui.place import Place


def article_page(article: Article, place: Place, *, note: str = "", below: str = "") -> str:
    """The whole article, the spans of the place marked if they still stand there; `below` comes after the text.

    An earlier version of an article has a `note`, as HTML, that says so, and cannot be removed.
    """
    holds = place.holds_in(article)
    changed = note if holds else '<p class="trouble">This article has changed since it was quoted.</p>'
    link = _link(article.url)
    return (
        f'<article class="story"><header><h2 tabindex="-1" dir="auto">{escape(article.title)}</h2>'
        f'<p class="facts">{facts(article)}{" · " + link if link else ""}</p></header>{changed}'
        f'<div class="text">{paragraphs(article.text, place.spans if holds else ())}</div>{below}'
        f"{'' if note else _removal(article)}</article>"
    )


def _removal(article: Article) -> str:
    return (
        f'<footer data-id="{escape(article.id)}">'
        '<button type="button" class="quiet" data-do="doubt">Remove from the index …</button>'
        '<p class="doubt" hidden>Remove this article? Questions will no longer find it. '
        '<button type="button" class="firm" data-do="remove">Remove</button> '
        '<button type="button" class="quiet" data-do="keep">Keep</button></p></footer>'
    )


def _link(url: str | None) -> str:
    """A link for addresses of the web, the plain text for others: `javascript:` must not be clickable."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return escape(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return escape(url)
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{escape(parts.hostname)}</a>'
