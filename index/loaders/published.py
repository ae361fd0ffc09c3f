"""When a web page says that it was published, in the page's own words."""

import json
import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from index.dates import parse_date

# What pages call it, the surest first; names of a date of change are left out on purpose.
_META = (
    *("article:published_time", "og:article:published_time", "article:published", "datepublished"),
    *(
        "parsely-pub-date",
        "sailthru.date",
        "pubdate",
        "publishdate",
        "publish-date",
        "publish_date",
        "publication_date",
    ),
    *("dc.date.issued", "dcterms.issued", "dcterms.date", "dc.date", "citation_publication_date", "date"),
)
_ARTICLE = re.compile(r"Article|BlogPosting|Report\b")
_PAGE = re.compile(r"WebPage|CreativeWork")
_STATED = re.compile(r'"datePublished"\s*:\s*"([^"]+)"')
_PUBLISHED_CLASS = re.compile(r"publi(sh|cation)|entry-date|pubdate", re.IGNORECASE)
_CHANGED_CLASS = re.compile(r"updat|modif", re.IGNORECASE)
_IN_URL = re.compile(r"://[^/]+/(?:[^?#]*/)?((?:19|20)\d\d/\d\d/\d\d)/")


def published(page: Any) -> str | None:
    """The date that the page states; a date of change, or one in the story, is not taken for it."""
    stated = [*_json_ld(page), *_meta(page), *_marked(page)]
    stated = [date for date in map(str.strip, stated) if date]
    return next(filter(_is_date, stated), stated[0] if stated else None)


def date_in(url: str | None) -> str | None:
    """The date in the address of a story, as in `/2020/08/23/ferry`."""
    found = _IN_URL.search(url or "")
    return found[1] if found else None


def _is_date(text: str) -> bool:
    try:
        parse_date(text)
    except (ValueError, OverflowError):
        return False
    return True


def _json_ld(page: Any) -> Iterator[str]:
    """Of the outermost article that the page describes, or else of the page."""
    texts = [script.text or "" for script in page.iterfind('.//script[@type="application/ld+json"]')]
    waiting: deque[Any] = deque()
    for text in texts:
        try:
            waiting.append(json.loads(text, strict=False))
        except (ValueError, RecursionError):
            yield from _STATED.findall(text)[:1]
    described: list[dict[str, Any]] = []
    while waiting:
        value = waiting.popleft()
        waiting += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if isinstance(value, dict):
            described.append(value)
    for types in (_ARTICLE, _PAGE):
        first = next((one for one in described if types.search(str(one.get("@type")))), {})
        if isinstance(date := first.get("datePublished"), str):
            yield date


def _meta(page: Any) -> Iterator[str]:
    found: dict[str, str] = {}
    for element in page.iter("meta"):
        for attribute in ("property", "name", "itemprop"):
            if (name := (element.get(attribute) or "").lower()) in _META:
                found.setdefault(name, element.get("content") or "")
    yield from (found[name] for name in _META if name in found)


def _marked(page: Any) -> Iterator[str]:
    """What elements of the page are marked to be its date of publication."""
    for element in page.iter("time", "span", "abbr", "p", "div"):
        by_name = (element.get("itemprop") or "").lower() == "datepublished" or element.get("pubdate") is not None
        marks = element.get("class") or ""
        by_class = element.tag == "time" and _PUBLISHED_CLASS.search(marks) and not _CHANGED_CLASS.search(marks)
        if by_name or by_class:
            yield element.get("datetime") or element.get("content") or element.text or ""
