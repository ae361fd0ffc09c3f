"""What is indexed: articles and the chunks they are cut into."""

import datetime
import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Article:
    """One loaded story. All spans and offsets count Unicode code points in `text`."""

    id: str
    text: str
    title: str
    date: datetime.date | None = None
    source: str | None = None
    url: str | None = None
    path: str | None = None

    @property
    def content_hash(self) -> str:
        """SHA-256 over everything a reader sees: equal hashes need no new work."""
        parts = (self.title, str(self.date or ""), self.source or "", self.url or "", self.text)
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an article as it is indexed: characters `[start, end)` of the article's text."""

    article_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Version:
    """How an article read before another text took its place, from `indexed` to `replaced` (UTC)."""

    article: Article
    indexed: datetime.datetime
    replaced: datetime.datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """An article as a list shows it: all but its text, how many earlier versions and how many reprints there are."""

    id: str
    title: str
    date: datetime.date | None
    source: str | None
    content_hash: str
    versions: int = 0
    reprints: int = 0


@dataclass(frozen=True, slots=True)
class Reprint:
    """Another article that carries nearly the same text."""

    article_id: str
    title: str
    date: datetime.date | None
    source: str | None
    url: str | None


def article_id(key: str) -> str:
    """A short stable id for what identifies an article: its URL, or else its path."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]
