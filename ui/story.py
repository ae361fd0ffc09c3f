"""Articles as HTML: the list of them, and one in full with its quotes marked."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from qa import Article
from ui.cards import card, card_list, facts
from ui.marking import paragraphs
from ui.place import Place


def article_list(articles: Sequence[Article], total: int) -> str:
    """The first of `total` articles, as buttons that open them."""
    if not articles:
        return f'<p class="note">{"No article has these words in its title or source." if total else ""}</p>'
    more = f'<p class="note">The latest {len(articles)} of {total:,} are shown; the filter finds the others.</p>'
    rows = card_list(card(Place.of(article), article) for article in articles)
    return rows + (more if total > len(articles) else "")


def article_page(article: Article, place: Place) -> str:
    """The whole article, the spans of the place marked if they still stand there."""
    holds = place.holds_in(article)
    changed = "" if holds else '<p class="trouble">This article has changed since it was quoted.</p>'
    link = _link(article.url)
    return (
        f'<article class="story"><header><h2 tabindex="-1" dir="auto">{escape(article.title)}</h2>'
        f'<p class="facts">{facts(article)}{" · " + link if link else ""}</p></header>{changed}'
        f'<div class="text">{paragraphs(article.text, place.spans if holds else ())}</div>'
        f'<footer data-id="{escape(article.id)}">'
        '<button type="button" class="quiet" data-do="doubt">Remove from the index …</button>'
        '<p class="doubt" hidden>Remove this article? Questions will no longer find it. '
        '<button type="button" class="firm" data-do="remove">Remove</button> '
        '<button type="button" class="quiet" data-do="keep">Keep</button></p></footer></article>'
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
