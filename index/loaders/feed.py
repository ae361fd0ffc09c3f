"""RSS and Atom feeds: an article for each entry, of the text that the feed itself holds."""

import io
import re
from collections.abc import Iterator
from typing import Any

from index.article import article_id
from index.errors import LoadError
from index.loaders.file import File
from index.loaders.markup import html_words
from index.loaders.record import Record

SUFFIXES = (".rss", ".atom", ".xml", ".rdf")

_MARKUP = re.compile(r"<[a-zA-Z/!]|&[#\w]+;")


_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")


def load(file: File) -> Iterator[Record | LoadError]:
    """Read the entries. Pages they link to are not fetched."""
    import feedparser

    # A stream, because feedparser takes a string for an address or a file to open.
    data = io.BytesIO(_REFERENCE.sub(_character, file.data()))
    feed = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    if not feed.version and not feed.entries:
        raise LoadError("is neither an RSS nor an Atom feed")
    if not feed.entries:
        raise LoadError("the feed has no entries")
    for number, entry in enumerate(feed.entries, start=1):
        try:
            yield _record(entry, feed)
        except LoadError as error:
            yield LoadError(f"entry {number}: {error}")


def _character(reference: re.Match[bytes]) -> bytes:
    """The reference to a character by its number, or nothing for a number that no character has."""
    digits = reference[1] or reference[2]
    number = int(digits[-10:], 16 if reference[1] else 10)
    return reference[0] if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else b""


def _record(entry: Any, feed: Any) -> Record:
    title = _plain(entry.get("title_detail"))
    texts = [_plain(detail) for detail in [*entry.get("content", []), entry.get("summary_detail")]]
    text = max(texts, key=len) or title  # many feeds give the first lines besides, some the headline only
    if not text:
        raise LoadError("has neither text nor a title")
    link = str(entry.get("link") or "")
    if link == entry.get("id") and not link.startswith(("http://", "https://")):
        link = ""  # feedparser takes the id for a missing link
    return Record(
        text=text,
        title=title or None,
        date=_published(entry, feed.version),
        source=entry.get("source", {}).get("title") or _plain(feed.feed.get("title_detail")) or None,
        url=link or None,
        id=entry.get("id") or link or title or article_id(text),
    )


def _published(entry: Any, version: str) -> str | None:
    """The date of publication as it is written; the date of an update is none."""
    date = entry.get("published")
    if not date and version.startswith("rss"):
        date = entry.get("updated") if "updated" in entry else None  # where feedparser puts RSS's dc:date
    return date or None


def _plain(detail: Any) -> str:
    if not detail:
        return ""
    value = str(detail.get("value") or "").strip()
    return html_words(value).strip() if detail.get("type") != "text/plain" or _MARKUP.search(value) else value
