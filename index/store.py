"""An index on disk: the ledger, Chroma, the embedder, and one writer at a time."""

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Self

from index.article import Article
from index.build import update
from index.embeddings import Embedder, load_embedder
from index.errors import IndexNotFound, IndexUnusable, ModelError, VectorsUnusable
from index.ledger import Ledger
from index.lock import LOCK_NAME, write_lock
from index.report import OnProgress, Report, silent
from index.scope import Scope
from index.search import Passage, search
from index.settings import IndexSettings
from index.text import clean_line
from index.vectors import VectorStore

logger = logging.getLogger(__name__)

_LEDGER = "ledger.sqlite3"
_PROBED = 10


class Index:
    """A folder with articles that can be searched. Any thread may search it, while one at a time changes it.

    Changes of other processes are seen by the next search.
    """

    def __init__(self, settings: IndexSettings, *, create: bool = False) -> None:
        """Open the index at `settings.index`; `create` makes an empty one where none is.

        Raises IndexNotFound, IndexUnusable, and ModelError when the settings name another embedding model.
        """
        self._settings = settings
        self._folder = settings.index.expanduser()
        path = self._folder / _LEDGER
        if not path.is_file():
            self._check_empty(create)
            with write_lock(self._folder, wait=self._settings.wait):
                if not path.is_file():
                    self._create(path)
        self._ledger = Ledger(path)
        self._vectors = VectorStore(self._folder / "chroma")
        self._generation = self._ledger.generation
        self._writing = threading.RLock()
        self._check_model()

    def _check_empty(self, create: bool) -> None:
        shown = self._settings.index
        try:
            # Beside the lock, a creation that was cut short, or is going on elsewhere, leaves a draft.
            inside = [item for item in self._folder.iterdir() if not item.name.startswith((LOCK_NAME, _LEDGER))]
        except FileNotFoundError:
            inside = []
        except OSError as error:
            raise IndexUnusable(f"{shown} cannot be used as an index folder: {error.strerror}") from error
        if inside:
            raise IndexUnusable(f"{shown} is a folder with other things in it, not an index; give another with --index")
        if not create:
            raise IndexNotFound(f"no index at {shown}. Build one: qa index PATH --index {shown}")

    def _create(self, path: Path) -> None:
        """Create the ledger beside its place and move it there, so that no half of one is ever found."""
        draft = path.with_name(f"{_LEDGER}.new")
        for left in self._folder.glob(f"{draft.name}*"):
            left.unlink()
        Ledger(draft, create=True).close()
        draft.rename(path)

    def _check_model(self) -> None:
        made_with = (self._ledger.meta("fingerprint") or "").rpartition("@")[0]
        wanted = self._settings.embedding_model
        if made_with and made_with != wanted:
            raise ModelError(
                f"the index at {self._settings.index} was built with the embedding model {made_with}, not with"
                f" {wanted}. Ask with that one, or index the articles into a new folder with --index"
            )

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
        embedder = load_embedder(self._settings)
        self._check_fingerprint(embedder)
        return embedder

    def _check_fingerprint(self, embedder: Embedder) -> None:
        made_with = self._ledger.meta("fingerprint")
        if made_with and made_with != embedder.fingerprint:
            raise ModelError(
                f"the index at {self._settings.index} was built with {made_with}, but the model at hand is"
                f" {embedder.fingerprint}. Index the articles again into a new folder with --index"
            )

    # Reading ---------------------------------------------------------------------------------------------

    def search(self, query: str, *, limit: int = 10, scope: Scope | None = None) -> list[Passage]:
        """The best passages for `query`, best first."""
        query = clean_line(query) or ""
        if not query:
            return []
        embedder = self.embedder
        self._refresh()
        return search(
            query,
            ledger=self._ledger,
            vectors=self._vectors,
            embedder=embedder,
            limit=limit,
            scope=scope or Scope(),
        )

    def _refresh(self) -> None:
        """Open Chroma again if another process has written. While this one writes, no other does."""
        if self._ledger.generation == self._generation or not self._writing.acquire(blocking=False):
            return
        try:
            self._generation = self._ledger.generation
            self._vectors.reopen()
        finally:
            self._writing.release()

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""
        return self._ledger.article(article_id)

    def articles(self) -> Iterator[Article]:
        """All articles, the latest first."""
        return self._ledger.articles()

    def counts(self) -> tuple[int, int]:
        """How many articles and chunks there are."""
        return self._ledger.counts()

    def sources(self) -> list[str]:
        """The sources that articles name."""
        return self._ledger.sources()

    # Writing ---------------------------------------------------------------------------------------------

    def update(self, paths: Iterable[Path], *, on_progress: OnProgress = silent) -> Report:
        """Add new and changed articles from files and folders, remove those that vanished from them.

        What is unchanged is not embedded again. Raises IndexBusy when another process writes for too long.
        """
        started = time.perf_counter()
        with self._write():
            self._check_fingerprint(self.embedder)  # another process may have been the first to write
            self._ledger.set_fingerprint(self.embedder.fingerprint)
            report = update(
                paths,
                ledger=self._ledger,
                embedder=self.embedder,
                max_bytes=int(self._settings.max_file_mb * 1e6),
                follow=self._follow,
                on_progress=on_progress,
            )
        report.seconds = time.perf_counter() - started
        return report

    def remove(self, article_ids: Iterable[str]) -> int:
        """Erase articles, their text and their vectors; how many there were is returned."""
        with self._write():
            before, _ = self.counts()
            self._ledger.remove(article_ids)
            self._follow()
            return before - self.counts()[0]

    @contextmanager
    def _write(self) -> Iterator[None]:
        with self._writing, write_lock(self._folder, wait=self._settings.wait):
            if self._generation != self._ledger.generation:
                self._generation = self._ledger.generation
                self._vectors.reopen()
            self._mend()
            yield

    def _mend(self) -> None:
        """Finish what a crash cut short: Chroma follows the ledger, from the start if need be."""
        try:
            self._follow()
            in_step = self._vectors_answer()
        except VectorsUnusable as error:
            logger.warning("%s", error)
            in_step = False
        if not in_step:
            self._vectors.clear()
            self._ledger.resend()
            self._follow()

    def _vectors_answer(self) -> bool:
        """Whether Chroma has as many vectors as the ledger has chunks, and finds them: a count alone can deceive."""
        chunks = self.counts()[1]
        if len(self._vectors) != chunks:
            return False
        probe = self._ledger.any_vector()
        return probe is None or len(self._vectors.nearest(probe, _PROBED)) == min(_PROBED, chunks)

    def _follow(self) -> None:
        """Let Chroma do what the ledger noted for it."""
        while outgoing := self._ledger.outgoing(self._vectors.batch_limit):
            self._vectors.delete(outgoing.deleted)
            self._vectors.put(outgoing.added)
            self._ledger.followed(outgoing.number)
        self._generation = self._ledger.generation
