"""The Python API: a session over an index."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
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

    from qa.chain import Ask
    from qa.llm.asking import Asker
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
        return self._generative(self._extractive()) if self.settings.llm else self._extractive()

    def _extractive(self) -> Reader:
        from qa.extractive import SentenceReader
        from qa.network import SpanNetwork
        from qa.span_reader import SpanReader

        least = self.settings.min_confidence
        sentences = SentenceReader(self.index.embedder.embed, min_confidence=least)
        return SpanReader(SpanNetwork(threads=self.settings.threads), min_confidence=least, sentences=sentences)

    def _generative(self, fallback: Reader) -> Reader:
        from qa.llm.reader import GenerativeReader

        settings = self.settings
        return GenerativeReader(
            self._asker,
            name=settings.llm or "",
            window=settings.llm_window,
            unverified=settings.unverified,
            fallback=fallback,
        )

    @cached_property
    def _asker(self) -> "Asker":
        from qa.llm.asking import Asker
        from qa.llm.model import open_model

        settings = self.settings
        provider = (settings.llm or "").partition(":")[0]
        model = open_model(settings)
        return Asker(model, provider=provider, seconds=settings.llm_timeout, retries=settings.llm_retries)

    @cached_property
    def _chain(self) -> "Runnable[Any, Answer]":
        from qa.chain import build_chain

        return build_chain(
            self.index,
            self._reader,
            passages=self.settings.passages,
            max_question_chars=self.settings.max_question_chars,
        )

    def ask(self, question: str, *, query: str | None = None, **options: Unpack[Options]) -> Answer:
        """Answer `question` from the articles published from `since` to `until` by `source`, from `k` passages.

        `query` is searched for in the question's place; `articles` are the ids of the only ones to be read, `favour` of
        those that come before others just as good. Raises QuestionError.
        """
        return self._chain.invoke(self._asked(question, query=query, **options))

    def _asked(
        self,
        question: str,
        *,
        query: str | None,
        k: int | None = None,
        since: Date | None = None,
        until: Date | None = None,
        source: str | Iterable[str] | None = None,
        articles: Iterable[str] | None = None,
        favour: Iterable[str] = (),
    ) -> "Ask":
        from qa.chain import Ask

        return Ask(question, query or "", k, scope_of(since, until, source, articles), tuple(favour))

    def stream(self, question: str, *, query: str | None = None, **options: Unpack[Options]) -> Iterator[Answer]:
        """Answer as `ask` does, while the answer comes: each more complete than the one before, the last one whole.

        A language model's answer comes sentence by sentence, as they are verified. Should it fail after some, the last
        answer is another, and says so in its `note`.
        """
        yield from self._chain.stream(self._asked(question, query=query, **options))

    async def astream(
        self, question: str, *, query: str | None = None, **options: Unpack[Options]
    ) -> AsyncIterator[Answer]:
        """The same for programs that run an event loop, which goes on meanwhile."""
        async for answer in self._chain.astream(self._asked(question, query=query, **options)):
            yield answer

    def rewritten(self, question: str, turns: Sequence[Turn]) -> str | None:
        """The standalone form of a question after these turns, by the language model; None if there is none."""
        if not (self.settings.llm and turns):
            return None
        from qa.llm.rewriting import rewrite

        return rewrite(self._asker, question, turns, max_chars=self.settings.max_question_chars)

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
        """The whole chain as a LangChain Runnable, from a question to an `Answer`, which streams as `stream` does.

        `qa.messages.as_message` behind it makes a LangChain message with citations.
        """
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
