"""What programs can do: ask, search, add, list, read and remove. Plain values in, plain values out."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from qa import Article, ArticleQAError, Passage, Problem, QuestionError, Report
from ui import uploads
from ui.served import ServedQA

MAX_LISTED = 500
_MOST_PASSAGES = 100


class NoArticle(ArticleQAError):
    """No article has the id that was given."""


class Api:
    """The endpoints over a session. What they return consists of dicts, lists, strings and numbers."""

    def __init__(self, session: ServedQA) -> None:
        self._session = session

    def ask(
        self,
        question: str,
        k: int | None = None,
        since: str | None = None,
        until: str | None = None,
        source: str | list[str] | None = None,
        articles: list[str] | None = None,
    ) -> dict[str, Any]:
        """Answer a question from the articles, with verbatim citations; "answer" is null when they do not say.

        Args:
            question: What to ask, in words.
            k: How many passages are read.
            since: Only articles of this day or later, YYYY-MM-DD.
            until: Only articles of this day or earlier, YYYY-MM-DD.
            source: Only articles of this source, or of these.
            articles: Only the articles with these ids.
        """
        limits: dict[str, Any] = {"since": since, "until": until, "source": source, "articles": articles}
        return self._session.ask(question, k=_passages(k), **limits).to_dict()

    def search(
        self,
        query: str,
        k: int | None = None,
        since: str | None = None,
        until: str | None = None,
        source: str | list[str] | None = None,
        articles: list[str] | None = None,
    ) -> dict[str, Any]:
        """Find the passages of the articles that are nearest to some words, best first.

        Args:
            query: What to look for, in words.
            k: How many passages to find.
            since: Only articles of this day or later, YYYY-MM-DD.
            until: Only articles of this day or earlier, YYYY-MM-DD.
            source: Only articles of this source, or of these.
            articles: Only the articles with these ids.
        """
        limits: dict[str, Any] = {"since": since, "until": until, "source": source, "articles": articles}
        found = self._session.search(query, k=_passages(k), **limits)
        return {"query": query, "passages": [_passage(passage) for passage in found]}

    def list_articles(self, text: str = "", limit: int = 50, offset: int = 0) -> dict[str, Any]:
        """List the articles, the latest first.

        Args:
            text: Only those with these words in their title or source.
            limit: How many to list, at most 500.
            offset: How many to pass over first.
        """
        if not 1 <= limit <= MAX_LISTED or offset < 0:
            raise QuestionError(f"limit goes from 1 to {MAX_LISTED} and offset from 0; they are {limit} and {offset}")
        words = text.casefold().split()
        found = [article for article in self._session.articles() if _has(article, words)] if words else None
        total = self._session.index.counts()[0] if found is None else len(found)
        listed = islice(self._session.articles() if found is None else found, offset, offset + limit)
        return {"total": total, "articles": [_facts(article) for article in listed]}

    def get_article(self, article_id: str) -> dict[str, Any]:
        """Read one article, its text included.

        Args:
            article_id: The article's id, as listings and citations give it.
        """
        article = self._known(article_id)
        return _facts(article) | {"text": article.text}

    def remove_article(self, article_id: str) -> dict[str, Any]:
        """Remove one article from the index: its text, its versions and its uploaded file.

        Args:
            article_id: The article's id.
        """
        article = self._known(article_id)
        removed = self._session.remove([article.id])
        uploads.forget(article, self._session)
        return {"removed": removed}

    def add(
        self,
        urls: list[str] | None = None,
        articles: list[dict[str, Any]] | None = None,
        files: list[Any] | None = None,
    ) -> dict[str, Any]:
        """Add or update articles. Returns how many, and what could not be read and why.

        Args:
            urls: Addresses of web pages, feeds or files, https://...
            articles: Texts with what is known of them: text, title, date, source, url.
            files: Files that were uploaded, of any format that can be indexed.
        """
        urls, articles, files = urls or [], articles or [], files or []
        if not 0 < len(urls) + len(articles) + len(files) <= uploads.MAX_FILES:
            raise QuestionError(f"give from 1 to {uploads.MAX_FILES} urls, articles or files at once")
        if bad := [url for url in urls if not str(url).lower().startswith(("http://", "https://"))]:
            raise QuestionError(f"{bad[0]!r} is no address of a web page. Give one that begins with https://")
        kept, refused = uploads.keep([_received(file) for file in files], self._session)
        kept += [uploads.paste(_pasted(article), self._session) for article in articles]
        return report_dict(self._session.add([*kept, *urls]), refused)

    def _known(self, article_id: str) -> Article:
        article = self._session.index.article(article_id)
        if article is None:
            raise NoArticle(f"no article {article_id} in the index. The ids are in the list of articles")
        return article


def report_dict(report: Report, refused: Iterable[Problem] = ()) -> dict[str, Any]:
    """What an update did, without the folders that only this machine knows; `refused` were not even tried."""
    counts = {name: getattr(report, name) for name in ("added", "changed", "unchanged", "removed", "chunks_embedded")}
    problems = {"failed": [*report.failed, *refused], "warnings": report.warnings}
    told = {kind: [{"where": _shown(p.where), "cause": p.cause} for p in found] for kind, found in problems.items()}
    return counts | told | {"seconds": round(report.seconds, 3)}


def _shown(where: str) -> str:
    return where if "://" in where else Path(where).name


def _passages(k: int | None) -> int | None:
    if k is not None and not 1 <= k <= _MOST_PASSAGES:
        raise QuestionError(f"k goes from 1 to {_MOST_PASSAGES}; it is {k}")
    return k


def _pasted(fields: object) -> dict[str, Any]:
    known = ("text", "title", "date", "source", "url")
    if not isinstance(fields, dict) or not isinstance(fields.get("text"), str) or not fields["text"].strip():
        raise QuestionError("an article needs a text, and may have a title, date, source and url")
    if unknown := set(fields) - set(known):
        raise QuestionError(f"an article has no field {min(unknown)!r}. It has {', '.join(known)}")
    return {name: str(fields[name]) for name in known if fields.get(name)}


def _received(file: Any) -> str:
    """The path of a file that was uploaded: a program could name any, and only those that were received count."""
    path = Path(str(file.get("path", "") if isinstance(file, dict) else file))
    inside = path.is_absolute() and path.resolve().is_relative_to(uploads.receiving_folder())
    if not inside or path.is_symlink() or not path.is_file():
        raise QuestionError(f"{path.name!r} was not uploaded. Upload it first")
    return str(path)


def _has(article: Article, words: list[str]) -> bool:
    shown = f"{article.title} {article.source or ''}".casefold()
    return all(word in shown for word in words)


def _facts(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": article.title,
        "date": article.date.isoformat() if article.date else None,
        "source": article.source,
        "url": article.url,
        "characters": len(article.text),
    }


def _passage(passage: Passage) -> dict[str, Any]:
    article = passage.article
    return {
        "article_id": article.id,
        "title": article.title,
        "date": article.date.isoformat() if article.date else None,
        "source": article.source,
        "url": article.url,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "score": round(passage.score, 4),
        "rank": passage.rank,
    }
