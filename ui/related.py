"""What belongs to an article: its earlier versions and its reprints, each of which can be opened."""

from collections.abc import Sequence
from html import escape

from index.article import Listed, Version
from ui.cards import card_list, facts
from ui.place import Place


def related_html(versions: Sequence[Version], reprints: Sequence[Listed]) -> str:
    """The section below an article's text; empty where nothing belongs to it."""
    parts = []
    if reprints:
        rows = (_row(Place.of(copy), copy.title, facts(copy)) for copy in reprints)
        parts.append(f"<h3>Also carried by</h3>{card_list(rows)}")
    if versions:
        rows = (_row(Place.of(old.article), old.article.title, f"read until {_moment(old)}") for old in versions)
        parts.append(f"<h3>Earlier versions</h3>{card_list(rows)}")
    return f'<section class="related">{"".join(parts)}</section>' if parts else ""


def version_note(version: Version, now: Place) -> str:
    """What stands above an earlier version; `now` is the article as it is."""
    return (
        f'<p class="trouble">This article has changed since. This is how it read until {_moment(version)}.'
        f' <button type="button" class="quiet" data-cite="{escape(now.key)}">Read it as it is now</button></p>'
    )


def _row(place: Place, title: str, told: str) -> str:
    return (
        f'<button type="button" class="card" data-cite="{escape(place.key)}">'
        f'<span class="title" dir="auto">{escape(title)}</span><span class="facts">{told}</span></button>'
    )


def _moment(version: Version) -> str:
    at = version.replaced
    return f'<time datetime="{at.isoformat()}">{at.day} {at:%B %Y, %H:%M} UTC</time>'
