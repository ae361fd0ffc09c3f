"""The vectors in Chroma, embedded: found by cosine, always rebuildable from the ledger."""

import itertools
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import VectorsUnusable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_COLLECTION = "chunks"
_OPENINGS = itertools.count()


class VectorStore:
    """The Chroma collection of an index. Ids are chunk ids; texts and metadata stay in the ledger.

    Another process's rows become visible to a search only when Chroma is opened again, hence `reopen`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._client: Any = None
        self._collection: Any = None

    def _open(self) -> Any:
        """The collection, opened when first needed: importing Chroma takes most of a second."""
        with self._lock:
            if self._collection is None:
                import chromadb
                from chromadb.config import Settings

                # Chroma keeps one system for each spelling of a path, broken and outdated ones too: a spelling of
                # its own, `chroma/././.`, makes each opening a fresh one.
                path = str(self._folder) + "/." * next(_OPENINGS)
                with self._explained():
                    self._client = chromadb.PersistentClient(path, settings=Settings(anonymized_telemetry=False))
                    self._collection = self._client.get_or_create_collection(
                        _COLLECTION, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
                    )
            return self._collection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Chroma's errors are of many kinds; the remedy is the same for all, since the ledger has every vector."""
        try:
            yield
        except Exception as error:
            raise VectorsUnusable(
                f"the vectors in {self._folder} cannot be used: {error}. Any `qa index` on this index makes them anew"
                " from the ledger, without embedding"
            ) from error

    def reopen(self) -> None:
        """Let the next call see what other processes have written."""
        self.close()

    def close(self) -> None:
        """Release Chroma's files."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = self._collection = None

    def clear(self) -> None:
        """Start from nothing."""
        self.close()
        if self._folder.is_dir():
            shutil.rmtree(self._folder)
        else:
            self._folder.unlink(missing_ok=True)

    def __len__(self) -> int:
        collection = self._open()
        with self._explained():
            return int(collection.count())

    @property
    def batch_limit(self) -> int:
        """How many ids one call may hold."""
        self._open()
        return int(self._client.get_max_batch_size())

    def put(self, rows: "Sequence[tuple[str, NDArray[np.float32]]]") -> None:
        """Add vectors, or replace those under the same ids. At most `batch_limit`."""
        if rows:
            ids, vectors = zip(*rows, strict=True)
            collection = self._open()
            with self._explained():
                collection.upsert(ids=list(ids), embeddings=list(vectors))

    def delete(self, ids: Sequence[str]) -> None:
        """Delete vectors; ids that are not there do not matter. At most `batch_limit`."""
        if ids:
            collection = self._open()
            with self._explained():
                collection.delete(ids=list(ids))

    def nearest(self, vector: "NDArray[np.float32]", limit: int) -> list[str]:
        """Ids of the `limit` vectors nearest to `vector` by cosine, nearest first."""
        with self._lock:
            collection = self._open()
            with self._explained():
                limit = min(limit, collection.count())
                if limit == 0:
                    return []
                found = collection.query(query_embeddings=[vector], n_results=limit, include=[])
                return list(found["ids"][0])
