"""The Python API: a session over an index."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, Unpack

from index.article import Article
from index.report import OnProgress, Report, silent
from index.store import Index
from qa.answer import Answer
from qa.conversation import Conversation
from qa.options import Date, Options, scope_of
from qa.reader import Reader
from qa.settings import Settings
from qa.turn import Turn

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from qa.retriever import ArticleRetriever

StrPath = str | Path


def ask(question: str, *, index: StrPath | None = None, **options: Unpack[Options]) -> Answer:
    """Answer one question from the index at `index`; options are those of `QA.ask`."""
    with QA.open(index) as session:
        return session.ask(question, **options)


class QA:
    """An open index that answers questions. Threads may share it."""

    def __init__(self, settings: Settings, *, reader: Reader | None = None, create: bool = False) -> None:
        """Open the index that the settings name; `create` makes an empty one where none is.

        `reader` answers in the place of the built-in one. Raises IndexNotFound, IndexUnusable, ModelError.
        """
        self.settings = settings
        self.index = Index(settings, create=create)
        self._given_reader = reader

    @classmethod
    def open(cls, index: StrPath | None = None, *, create: bool = False, **settings: Any) -> Self:
        """Open the index at a folder; the other settings by name, or from the environment."""
        return cls(Settings.build(index=index, **settings), create=create)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the index's files."""
        self.index.close()

    @cached_property
    def _reader(self) -> Reader:
        if self._given_reader is not None:
            return self._given_reader
        from qa.extractive import SentenceReader
        from qa.network import SpanNetwork
        from qa.span_reader import SpanReader

        least = self.settings.min_confidence
        sentences = SentenceReader(self.index.embedder.embed, min_confidence=least)
        return SpanReader(SpanNetwork(threads=self.settings.threads), min_confidence=least, sentences=sentences)

    @cached_property
    def _chain(self) -> "Runnable[Any, Answer]":
        from qa.chain import build_chain

        return build_chain(
            self.index,
            self._reader,
            passages=self.settings.passages,
            max_question_chars=self.settings.max_question_chars,
        )

    def ask(
        self,
        question: str,
        *,
        query: str | None = None,
        k: int | None = None,
        since: Date | None = None,
        until: Date | None = None,
        source: str | Iterable[str] | None = None,
        articles: Iterable[str] | None = None,
        favour: Iterable[str] = (),
    ) -> Answer:
        """Answer `question` from the articles published from `since` to `until` by `source`, from `k` passages.

        `query` is searched for in the question's place; `articles` are the ids of the only ones to be read, `favour` of
        those that come before others just as good. Raises QuestionError.
        """
        from qa.chain import Ask

        return self._chain.invoke(
            Ask(question, query or "", k, scope_of(since, until, source, articles), tuple(favour))
        )

    def stream(self, question: str, *, query: str | None = None, **options: Unpack[Options]) -> Iterator[Answer]:
        """Answer as `ask` does, while the answer comes: each more complete than the one before, the last one whole."""
        yield self.ask(question, query=query, **options)

    def conversation(self, turns: Iterable[Turn] = ()) -> Conversation:
        """A conversation, in which a question may refer to the ones before; new, or going on after `turns`."""
        return Conversation(self, turns)

    def add(self, paths: Iterable[StrPath] | StrPath, *, on_progress: OnProgress = silent) -> Report:
        """Index files, folders and web pages by URL, incrementally; the next question sees them."""
        return self.index.update([paths] if isinstance(paths, str | Path) else paths, on_progress=on_progress)

    def articles(self) -> Iterator[Article]:
        """All articles, the latest first."""
        return self.index.articles()

    def remove(self, article_ids: Iterable[str]) -> int:
        """Erase articles; how many there were is returned."""
        return self.index.remove(article_ids)

    def as_runnable(self) -> "Runnable[Any, Answer]":
        """The whole chain as a LangChain Runnable, from a question to an `Answer`."""
        return self._chain

    def as_retriever(
        self,
        *,
        k: int | None = None,
        since: Date | None = None,
        until: Date | None = None,
        source: str | Iterable[str] | None = None,
        articles: Iterable[str] | None = None,
    ) -> "ArticleRetriever":
        """The index as a LangChain retriever; see `ArticleRetriever` for what it returns."""
        from qa.retriever import ArticleRetriever

        scope = scope_of(since, until, source, articles)
        return ArticleRetriever(index=self.index, k=k or self.settings.passages, scope=scope)
