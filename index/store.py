"""An index: the ledger, the vectors, the embedder, and who may change them."""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import Self

from index.article import Article, Listed, Reprint, Version
from index.backup import export
from index.build import rebuild, restore, update
from index.doctor import Finding, examine
from index.embeddings import Embedder, load_embedder
from index.engines import open_engines
from index.errors import ModelError
from index.mend import mend
from index.protocols import Outdated
from index.query import Query
from index.report import OnProgress, Report, silent
from index.scope import Scope
from index.search import Passage, search
from index.settings import IndexSettings
from index.text import clean_line


class Index:
    """Articles that can be searched. Any thread may search it, while one at a time changes it.

    Changes of other processes are seen by the next search.
    """

    def __init__(self, settings: IndexSettings, *, create: bool = False, another_model: bool = False) -> None:
        """Open the index at `settings.index`; `create` makes an empty one where none is.

        Raises IndexNotFound, IndexUnusable, and ModelError when the settings name another embedding model, unless
        `another_model` allows it: then the index can only be rebuilt with that one.
        """
        self._settings = settings
        self._engines = open_engines(settings, create=create)
        self._ledger, self._vectors = self._engines.ledger, self._engines.vectors
        self._writing = threading.RLock()
        self._locked = False
        if not another_model:
            self._check_model()

    def _check_model(self) -> None:
        made_with = self._own_model
        if made_with and self._model_given and made_with != self._settings.embedding_model:
            raise ModelError(
                f"the index at {self._engines.name} was built with the embedding model {made_with}, not with"
                f" {self._settings.embedding_model}. Ask without --embedding-model, or change the index's model with:"
                f" qa index --rebuild --embedding-model {self._settings.embedding_model}"
            )

    @property
    def _own_model(self) -> str:
        return (self._ledger.meta("fingerprint") or "").rpartition("@")[0]

    @property
    def _model_given(self) -> bool:
        return "embedding_model" in self._settings.model_fields_set

    def _load_embedder(self) -> Embedder:
        """The embedder that the settings name, or else the index's own, or else the default one."""
        own = self._own_model
        if own and not self._model_given:
            return load_embedder(self._settings.model_copy(update={"embedding_model": own}))
        return load_embedder(self._settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release files and connections."""
        self._vectors.close()
        self._ledger.close()

    @cached_property
    def embedder(self) -> Embedder:
        """The embedder of this index. Raises ModelError when its weights are not the ones indexed with."""
        embedder = self._load_embedder()
        self._check_fingerprint(embedder)
        return embedder

    def _current_embedder(self) -> Embedder:
        """The embedder, loaded anew when the index has been rebuilt with another model and none was asked for."""
        if not self._made_with(self.embedder) and not self._model_given:
            self.__dict__.pop("embedder", None)
        self._check_fingerprint(self.embedder)
        return self.embedder

    def _made_with(self, embedder: Embedder) -> bool:
        return self._ledger.meta("fingerprint") in (None, embedder.fingerprint)

    def _check_fingerprint(self, embedder: Embedder) -> None:
        if not self._made_with(embedder):
            made_with = self._ledger.meta("fingerprint")
            raise ModelError(
                f"the index at {self._engines.name} was built with {made_with}, but the model at hand is"
                f" {embedder.fingerprint}. Open it again if another process has rebuilt it, or make its vectors anew"
                " with: qa index --rebuild"
            )

    # Reading ---------------------------------------------------------------------------------------------

    def search(
        self, query: str, *, limit: int = 10, scope: Scope | None = None, favour: Collection[str] = ()
    ) -> list[Passage]:
        """The best passages for `query`, best first; see `index.query` for how one is written.

        Articles whose ids are in `favour` come before others that are about as good.
        """
        query = clean_line(query) or ""
        if not query:
            return []
        while True:
            embedder = self._current_embedder()
            vector = embedder.embed_query(query)
            with suppress(Outdated), self._ledger.snapshot():
                if not self._made_with(embedder):  # rebuilt just now
                    continue
                return search(
                    Query.parse(query),
                    vector,
                    ledger=self._ledger,
                    dense=self._vectors,
                    limit=limit,
                    scope=scope or Scope(),
                    favour=favour,
                )

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""
        return self._ledger.article(article_id)

    def articles(self) -> Iterator[Article]:
        """All articles, the latest first."""
        return self._ledger.articles()

    def counts(self) -> tuple[int, int]:
        """How many articles and chunks there are."""
        return self._ledger.counts()

    def listed(
        self, words: Iterable[str] = (), scope: Scope | None = None, *, limit: int, offset: int = 0
    ) -> tuple[list[Listed], int]:
        """Articles that have all of `words` in title, source or text, the latest first, and how many there are.

        At most `limit` after the first `offset`. Quick in a large index, as no text is loaded.
        """
        return self._ledger.listed(words, scope or Scope(), limit=limit, offset=offset)

    @property
    def generation(self) -> int:
        """Grows with each change of the articles, by whichever process."""
        return self._ledger.generation

    def indexed_from(self, paths: Iterable[Path | str]) -> list[str]:
        """The ids of the articles that were read from these pages and files, or from files below these folders."""
        names = set(map(str, paths))
        return [
            article_id
            for article_id, (_, path) in self._ledger.hashes().items()
            if path and any(name in names for name in (path, *map(str, Path(path).parents)))
        ]

    def versions(self, article_id: str) -> list[Version]:
        """What was read under this id before, the latest first."""
        return self._ledger.versions(article_id)

    def reprints(self, article_id: str) -> list[Reprint]:
        """The other articles that carry nearly the same text, the earliest first."""
        copies = self._ledger.reprints([article_id], Scope()).get(article_id, [])
        return [copy for copy in copies if copy.article_id != article_id]

    def export(self, path: Path) -> int:
        """Write a backup of all articles; see `index.backup`. How many there are is returned."""
        return export(self._ledger, path)

    def sources(self) -> list[str]:
        """The sources that articles name."""
        return self._ledger.sources()

    # Writing ---------------------------------------------------------------------------------------------

    def update(self, paths: Iterable[Path | str], *, on_progress: OnProgress = silent) -> Report:
        """Add new and changed articles from files, folders and web pages, remove those that vanished from folders.

        What is unchanged is not embedded again. Raises IndexBusy when another process writes for too long.
        """
        return self._change(partial(update, paths, settings=self._settings), on_progress)

    def restore(self, backup: Path, *, on_progress: OnProgress = silent) -> Report:
        """Add the articles of a backup, under the ids they had. Raises as `update` does."""
        return self._change(partial(restore, backup), on_progress)

    def _change(self, change: Callable[..., Report], on_progress: OnProgress) -> Report:
        started = time.perf_counter()
        with self._write():
            embedder = self._current_embedder()  # another process may have been the first to write
            self._ledger.note(fingerprint=embedder.fingerprint)
            report = change(
                ledger=self._ledger, embedder=embedder, on_progress=on_progress, on_stored=self._vectors.keep_up
            )
            self._vectors.publish(erase=report.removed > 0)
        report.seconds = time.perf_counter() - started
        return report

    def remove(self, article_ids: Iterable[str]) -> int:
        """Erase articles, their text and their vectors; how many there were is returned."""
        with self._write():
            before, _ = self.counts()
            self._ledger.remove(article_ids)
            self._vectors.publish(erase=True)
            return before - self.counts()[0]

    def rebuild(self, *, on_progress: OnProgress = silent) -> Report:
        """Embed all articles again, with the model that the settings name, and then put the new in the old's place.

        Until then questions are answered from the old. A rebuild that was interrupted goes on where it was. To change
        the model, open the index with `another_model=True`.
        """
        started = time.perf_counter()
        with self._write(alone=True):
            embedder = self._load_embedder()
            report = rebuild(ledger=self._ledger, embedder=embedder, on_progress=on_progress)
            self.__dict__["embedder"] = embedder
            self._vectors.publish()
        report.seconds = time.perf_counter() - started
        return report

    def examine(self) -> list[Finding]:
        """All that is wrong with the files of this index; see `index.doctor`. Nothing is changed."""
        with self._write(alone=True):
            embedder = self._load_embedder()
            return examine(self._ledger, self._vectors, fingerprint=embedder.fingerprint, dimension=embedder.dimension)

    def repair(self, *, on_progress: OnProgress = silent) -> list[str]:
        """Mend what `examine` finds; what had to be given up is returned."""
        with self._write(alone=True):
            findings = self.examine()
            if any(finding.kind == "model" for finding in findings):
                self.rebuild(on_progress=on_progress)
            return mend(
                findings,
                ledger=self._ledger,
                vectors=self._vectors,
                embedder=self.embedder,
                read_again=self.update,
                on_progress=on_progress,
            )

    @contextmanager
    def _write(self, *, alone: bool = False) -> Iterator[None]:
        with self._writing:
            if self._locked:  # a change that is part of another
                yield
                return
            with self._engines.writing(alone):
                self._locked = True
                try:
                    yield
                finally:
                    self._locked = False
