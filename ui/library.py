"""The articles as the page sees them: listed, opened, removed."""

from html import escape
from itertools import islice
from typing import Any

from qa import QA, ArticleQAError
from ui import render, story, uploads
from ui.place import Place

_SHOWN = 200
_GONE = "This article is no longer in the index."


class Library:
    """What the page can do with articles. Everything returned is HTML; nothing depends on who asks."""

    def __init__(self, session: QA) -> None:
        self._session = session

    def count(self) -> int:
        """How many articles there are."""
        return self._session.index.counts()[0]

    def list(self, wanted: str) -> str:
        """The latest articles with `wanted` in their title or source."""
        words = wanted.casefold().split()
        if not words:
            return story.article_list(list(islice(self._session.articles(), _SHOWN)), self.count())
        found = [
            article
            for article in self._session.articles()
            if all(word in f"{article.title} {article.source or ''}".casefold() for word in words)
        ]
        return story.article_list(found[:_SHOWN], len(found) or self.count())

    def open(self, key: object) -> str:
        """The article of a place, its spans marked; `key` is what a button on the page carries."""
        place = Place.parse(key)
        article = self._session.index.article(place.article_id) if place else None
        return story.article_page(article, place) if place and article else render.trouble(_GONE)

    def remove(self, article_id: object) -> dict[str, Any]:
        """Erase an article and its uploaded file. Returns whether that was done, and what to show."""
        article = self._session.index.article(str(article_id))
        if article is None:
            return {"done": True, "html": render.trouble(_GONE)}
        try:
            self._session.remove([article.id])
            uploads.forget(article, self._session)
        except (ArticleQAError, OSError) as error:
            return {"done": False, "html": render.trouble(str(error))}
        return {"done": True, "html": f'<p class="note">Removed: {escape(article.title)}</p>'}
