"""The articles as the page sees them: listed, opened, removed, counted."""

from collections.abc import Sequence
from html import escape
from typing import Any

from pydantic import ValidationError

from index.article import Article, Version
from index.scope import Scope
from qa import QA, ArticleQAError
from qa.options import scope_of
from ui import render, scope, shelf, story, uploads
from ui.place import Place
from ui.related import related_html, version_note

_GONE = "This article is no longer in the index."


class Library:
    """What the page can do with articles. What is shown is HTML; nothing depends on who asks."""

    def __init__(self, session: QA) -> None:
        self._session = session

    def count(self) -> int:
        """How many articles there are."""
        return self._session.index.counts()[0]

    def list(self, given: object) -> dict[str, Any]:
        """A page of the list as it is at a `generation`, what there is to say about it, and the sources there are."""
        try:
            wanted = shelf.Wanted.model_validate(given or {})
        except ValidationError:
            return {"trouble": "This cannot be searched for. Use fewer words, and dates as YYYY-MM-DD."}
        index = self._session.index
        generation = index.generation  # first: what changes meanwhile is news
        rows, found = index.listed(wanted.words.split(), wanted.scope, limit=wanted.limit, offset=wanted.offset)
        total = self.count()
        return {
            "generation": generation,
            "empty": not total,
            "html": shelf.rows_html(rows, wanted),
            "rows": len(rows),
            "found": found,
            "summary": shelf.summary(found, total, wanted),
            "sources": index.sources(),
        }

    def news(self, _: object = None) -> int:
        """The generation of the articles: another one, another list."""
        return self._session.index.generation

    def within(self, limits: object) -> dict[str, Any]:
        """How many articles are within the limits of a search, or what is wrong with them."""
        try:
            limited = scope_of(**scope.options(str(limits or "")))
        except ArticleQAError as error:
            return {"trouble": str(error)}
        return {"count": self._session.index.listed(scope=limited, limit=1)[1]}

    def open(self, key: object) -> str:
        """The article of a place, its spans marked; `key` is what a button on the page carries."""
        place = Place.parse(key)
        article = self._session.index.article(place.article_id) if place else None
        if place is None or article is None:
            return render.trouble(_GONE)
        versions = self._session.index.versions(article.id)
        meant = next((old for old in versions if place.holds_in(old.article)), None)
        if meant and not place.holds_in(article):
            return story.article_page(meant.article, place, note=version_note(meant, Place.of(article)))
        return story.article_page(article, place, below=self._related(article, versions))

    def _related(self, article: Article, versions: Sequence[Version]) -> str:
        copies = tuple(copy.article_id for copy in self._session.index.reprints(article.id))
        listed = self._session.index.listed(scope=Scope(articles=copies), limit=len(copies))[0] if copies else []
        return related_html(versions, listed)

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
