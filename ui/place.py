"""A place in an article, in the form in which a button on the page carries it to the server and back."""

import re
from dataclasses import dataclass
from typing import Self

from index.article import Listed
from qa import Article

Span = tuple[int, int]
"""Characters `[start, end)` of an article's text."""

_KEY = re.compile(r"(?P<id>\S{1,64}) (?P<version>\S{1,64})(?P<spans>( \d{1,9}-\d{1,9}){0,64})", re.ASCII)
_VERSION_CHARS = 12
_MAX_SPANS = 64  # as many as the pattern takes


@dataclass(frozen=True, slots=True)
class Place:
    """An article in a certain version, and the spans in it to mark, the foremost first."""

    article_id: str
    version: str
    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, article: Article | Listed, *spans: Span) -> Self:
        """The place of these spans in the article as it is now; each span is named once."""
        named = tuple(dict.fromkeys(spans))[:_MAX_SPANS]
        return cls(article.id, article.content_hash[:_VERSION_CHARS], named)

    @classmethod
    def parse(cls, key: object) -> Self | None:
        """Read what `key` writes; None for anything else, since it comes from a browser."""
        found = _KEY.fullmatch(key) if isinstance(key, str) else None
        if found is None:
            return None
        spans = [span.split("-") for span in found["spans"].split()]
        return cls(found["id"], found["version"], tuple((int(start), int(end)) for start, end in spans))

    @property
    def key(self) -> str:
        """One line of text for the whole place."""
        return " ".join([self.article_id, self.version, *(f"{start}-{end}" for start, end in self.spans)])

    def holds_in(self, article: Article) -> bool:
        """Whether `article` is still the version meant, so that the spans still mean the same words."""
        inside = all(0 <= start < end <= len(article.text) for start, end in self.spans)
        return inside and self.version == article.content_hash[:_VERSION_CHARS]
