"""Web pages: main text, title, publication date, site and canonical URL, by trafilatura."""

import re
from collections.abc import Iterator
from typing import Any

from index.errors import LoadError
from index.loaders.file import File
from index.loaders.published import date_in, published
from index.loaders.record import Record

SUFFIXES = (".html", ".htm", ".xhtml")

# Trafilatura takes time that grows with the square of how many elements stand side by side, so those that only
# change the looks of words go where they are many, and what is no page for people at all is refused.
_LOOKS = re.compile(r"</?(?:b|i|em|strong|span|font|u|s|small|big|sub|sup|mark|code|a)(?:\s[^<>]*)?>", re.IGNORECASE)
_MANY_LOOKS = 10_000
_MOST_SIDE_BY_SIDE = 20_000

_QUICK = {"extensive_search": False}  # for a date that is not used


def load(file: File) -> Iterator[Record]:
    """Read the page's one article. A date is taken where the page states one, never guessed: see `published`."""
    from trafilatura import bare_extraction, load_html
    from trafilatura.settings import Document

    text = file.text()
    if sum(1 for _ in _LOOKS.finditer(text)) > _MANY_LOOKS:
        text = _LOOKS.sub("", text)
    tree = load_html(text)
    if tree is None:
        raise LoadError("no article text was found in the page")
    if max(len(element) for element in tree.iter()) > _MOST_SIDE_BY_SIDE:
        raise LoadError("the page has too many elements to find its article; save its text as .txt")
    url = _canonical(tree)
    date = published(tree)  # now: the extraction takes the tree apart
    page = bare_extraction(tree, with_metadata=True, include_comments=False, date_extraction_params=_QUICK)
    if not isinstance(page, Document) or not page.text:
        raise LoadError("no article text was found in the page")
    url = url or page.url
    yield Record(text=page.text, title=page.title, date=date or date_in(url), source=page.sitename, url=url)


def _canonical(page: Any) -> str | None:
    """The address that the page calls its own, when it is a whole one."""
    for link in page.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            href = (link.get("href") or "").strip()
            return href if href.startswith(("http://", "https://")) else None
    return None
