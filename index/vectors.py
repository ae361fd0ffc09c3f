"""The vectors in Chroma, by editions: a folder is written once, and from then on only searched.

Chroma's files break when a process dies while it writes them, and another process that has them open misses what is
written. So nothing is ever written to an edition that somebody may be searching: what is new goes into a copy, which
the ledger names as the edition in use once it is whole and on the disk.
"""

import itertools
import json
import logging
import os
import shutil
import sqlite3
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from index.errors import VectorsUnusable
from index.projection import PROJECTION, Projection

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = tuple[list[int], NDArray[np.float32]]

Pages = Callable[[int, int], "Rows"]
"""Gives the vectors of the chunks behind a number, at most so many, in the order of their numbers."""

logger = logging.getLogger(__name__)

PREFIX = "vectors-"

_COLLECTION = "chunks"
_DATABASE = "chroma.sqlite3"
_GRAPH_HEADER = "header.bin"
_CALL = 5000
_GROUP, _AT_ONCE = 20_000, 2
_LARGE = 20_000
_PAUSES = (0.01, 0.05, 0.25, 1.0)
_CLOSE_SECONDS = 20
_OPENINGS = itertools.count()


@dataclass(frozen=True, slots=True)
class Edition:
    """What the ledger knows of an edition: the folder `name` holds `count` vectors, of chunks up to number `upto`.

    `deleted` counts those that were, which HNSW graphs only hide; `files` are the sizes of the files that searching
    leaves as they are. A large edition holds them projected to half their numbers; see `index.projection`.
    """

    name: str
    upto: int
    count: int
    deleted: int
    files: dict[str, int]

    @classmethod
    def read(cls, noted: str | None) -> Self | None:
        """From what `note` made; None when there is no edition yet, or vectors are on a server."""
        facts = json.loads(noted) if noted else {}
        return cls(**facts) if "files" in facts else None

    def note(self) -> str:
        """As the ledger keeps it."""
        return json.dumps(asdict(self))

    @property
    def number(self) -> int:
        """Editions are counted; a later one has a higher number."""
        return int(self.name.removeprefix(PREFIX))

    @property
    def is_projected(self) -> bool:
        """Whether the vectors in it are projected, so that nearness in it is but nearly that of the whole ones."""
        return PROJECTION in self.files

    def outgrown(self, total: int) -> bool:
        """Whether it holds whole vectors, and an edition of `total` would not."""
        return not self.is_projected and total >= _LARGE


class OpenEdition:
    """An edition's Chroma collection. The ids are the chunks' numbers; texts and metadata stay in the ledger."""

    def __init__(self, folder: Path, edition: Edition) -> None:
        """Raises VectorsUnusable when files are missing or cut short, which could crash Chroma."""
        self.edition = edition
        self._folder = folder / edition.name
        if _rows(self._folder) != edition.count:  # where it is missing, Chroma would make an empty one
            raise VectorsUnusable(_unusable(self._folder, f"{_DATABASE} is not as it was written"))
        if (found := _sizes(self._folder)) != edition.files:
            changed = sorted(name for name in {*found, *edition.files} if found.get(name) != edition.files.get(name))
            raise VectorsUnusable(_unusable(self._folder, f"{', '.join(changed)} is not as it was written"))
        with _explained(self._folder):
            self.projected = Projection.load(self._folder)
        self._client, self._collection = _open(self._folder)
        self._check_count()

    def _check_count(self) -> None:
        try:
            with _explained(self._folder):
                count = self._collection.count()
            if count != self.edition.count:
                raise VectorsUnusable(_unusable(self._folder, f"it holds {count} vectors, not {self.edition.count}"))
        except VectorsUnusable:
            self.close()
            if not _sizes(self._folder):  # it was deleted just now, and Chroma made an empty one in its place
                _delete(self._folder)
            raise

    def close(self) -> None:
        """Release Chroma's files."""
        _close(self._client)

    def nearest(self, vector: "NDArray[np.float32]", limit: int) -> list[int]:
        """The chunks of the `limit` vectors nearest to `vector` by cosine, projected if they are, nearest first."""
        limit = min(limit, self.edition.count)
        if not limit:
            return []
        with _explained(self._folder):
            found = self._collection.query(query_embeddings=[self.projected(vector)], n_results=limit, include=[])
            return [int(chunk) for chunk in found["ids"][0]]

    def numbers(self) -> list[int]:
        """The numbers of all chunks in it."""
        with _explained(self._folder):
            found: list[int] = []
            while page := self._collection.get(limit=_CALL, offset=len(found), include=[])["ids"]:
                found += map(int, page)
            return found

    def pages(self) -> "Iterator[Rows]":
        """All chunks' numbers and vectors, projected if they are, some thousands at a time."""
        with _explained(self._folder):
            for offset in range(0, self.edition.count, _CALL):
                page = self._collection.get(limit=_CALL, offset=offset, include=["embeddings"])
                yield [int(chunk) for chunk in page["ids"]], page["embeddings"]


def write_edition(folder: Path, number: int, pages: Pages, *, total: int) -> Edition:
    """Write a new edition of all `total` vectors."""
    # The graph is written out each time so many rows have come; none may stay behind for readers to catch up with.
    group = total // -(-total // _GROUP) if total else 2
    with _fresh(folder, number) as path:
        projected = Projection.fit(pages(0, _LARGE)[1]) if total >= _LARGE else Projection()
        with _explained(path):
            projected.save(path)
        with _writing(path, group) as collection:
            added = upto = 0
            while added < total:
                ids, vectors = pages(upto, min(_CALL, group - added % group))
                if not ids:
                    break
                _add(collection, ids, projected(vectors))
                added, upto = added + len(ids), ids[-1]
        return _finished(path, upto=upto, count=added, deleted=0)


def extend_edition(folder: Path, base: Edition, pages: Pages, *, gone: Sequence[int]) -> Edition:
    """Write a new edition: a copy of `base` with the vectors behind it, and without those of the chunks `gone`."""
    with _fresh(folder, base.number + 1) as path:
        _copy(folder / base.name, path)
        with _writing(path, _AT_ONCE):
            pass  # Chroma keeps to the number it was opened with
        with _writing(path, _AT_ONCE) as collection:
            for first in range(0, len(gone), _CALL):
                _erase(collection, gone[first : first + _CALL])
            projected = Projection.load(path)
            added, upto = 0, base.upto
            while (page := pages(upto, _CALL))[0]:
                ids, vectors = page
                _add(collection, ids, projected(vectors))
                added, upto = added + len(ids), ids[-1]
        return _finished(path, upto=upto, count=base.count + added - len(gone), deleted=base.deleted + len(gone))


def is_sound(folder: Path, edition: Edition) -> bool:
    """Whether the edition's files are there, as long as they were written, and its database knows as many rows."""
    path = folder / edition.name
    return _sizes(path) == edition.files and _rows(path) == edition.count


def leftovers(folder: Path, *, but: str) -> list[Path]:
    """All editions but one, half-written ones included."""
    return sorted(path for path in folder.glob(f"{PREFIX}*") if path.name != but)


def delete_editions(folder: Path, *, but: str) -> None:
    """Delete all editions but one."""
    for path in leftovers(folder, but=but):
        _delete(path)


def _copy(base: Path, path: Path) -> None:
    with _explained(path):
        shutil.copytree(base, path, ignore=shutil.ignore_patterns(f"{_DATABASE}*"))
        # Whoever opens Chroma writes in its database, which SQLite alone can copy meanwhile.
        with closing(sqlite3.connect(base / _DATABASE)) as source, closing(sqlite3.connect(path / _DATABASE)) as copy:
            source.backup(copy)


@contextmanager
def _fresh(folder: Path, number: int) -> Iterator[Path]:
    """Where an edition is to be written. A failure leaves nothing behind: it may be room that there was none of."""
    path = folder / f"{PREFIX}{number:06}"
    _delete(path)
    try:
        yield path
    except BaseException:
        _delete(path)
        raise


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def _writing(path: Path, group: int) -> Iterator[Any]:
    """The collection, which writes its graph out after each `group` of rows."""
    client, collection = _open(path, group)
    try:
        with _explained(path):
            _patiently(lambda: collection.modify(configuration={"hnsw": {"sync_threshold": group}}))
            yield collection
    finally:
        _close(client)


def _add(collection: Any, numbers: Sequence[int], vectors: "NDArray[np.float32]") -> None:
    collection.add(ids=[str(number) for number in numbers], embeddings=vectors)


def _erase(collection: Any, numbers: Sequence[int]) -> None:
    """Deleting only hides a vector in the graph's file: first another is put over it."""
    import numpy as np

    ids = [str(number) for number in numbers]
    dimension = len(collection.get(limit=1, include=["embeddings"])["embeddings"][0])
    collection.upsert(ids=ids, embeddings=np.ones((len(ids), dimension), dtype=np.float32))
    collection.delete(ids=ids)


def _finished(path: Path, *, upto: int, count: int, deleted: int) -> Edition:
    """Bring the folder to the disk, before anybody is told of it."""
    with _explained(path):
        with closing(sqlite3.connect(path / _DATABASE, isolation_level=None)) as database:
            database.execute("VACUUM")  # Chroma's log holds the vectors once more, erased ones too
        for header in path.rglob(_GRAPH_HEADER):
            _check_graph(header)
            _blank_rest(header)
        for file in [*path.rglob("*"), path, path.parent]:
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    return Edition(path.name, upto, count, deleted, _sizes(path))


def _check_graph(header: Path) -> None:
    """Raises ValueError when hnswlib's files lack anything: where a disk is full it goes on, and reports nothing."""
    import numpy as np

    graph, elements, size, label = _layout(header)
    found = graph.stat().st_size
    if found < elements * size:
        raise ValueError(f"the disk took {found} of the graph's {elements * size} bytes")
    if elements:
        rows = np.memmap(graph, dtype=np.uint8, mode="r", shape=(elements, size))
        if not rows[:, label : label + 8].any(axis=1).all():
            raise ValueError("the disk left out a part of the graph")


def _blank_rest(header: Path) -> None:
    """Put zeros behind the rows, where hnswlib writes unused memory, in which erased vectors were seen."""
    graph, elements, size, _ = _layout(header)
    written = graph.stat().st_size
    os.truncate(graph, elements * size)
    os.truncate(graph, written)


def _layout(header: Path) -> tuple[Path, int, int, int]:
    """The graph's file, how many elements of what size are in it, and where in each its label is, which is never 0."""
    _, _, _, elements, size, label, *_ = struct.unpack_from("<i5Q", header.read_bytes())  # as saveIndex writes them
    return header.with_name("data_level0.bin"), elements, size, label


def _rows(path: Path) -> int:
    """How many rows Chroma's database knows; -1 when it is missing or damaged."""
    if not (path / _DATABASE).is_file():
        return -1
    try:
        with closing(sqlite3.connect(path / _DATABASE)) as database:
            return int(database.execute("SELECT count(*) FROM embeddings").fetchone()[0])
    except sqlite3.Error:
        return -1


def _sizes(path: Path) -> dict[str, int]:
    """The sizes of an edition's files, but for Chroma's database, in which searching writes."""
    files = (file for file in path.rglob("*") if file.is_file() and not file.name.startswith(_DATABASE))
    return {str(file.relative_to(path)): file.stat().st_size for file in files}


def _open(path: Path, group: int = _GROUP) -> tuple[Any, Any]:
    """Chroma's client for a folder, and the collection in it."""
    import chromadb
    from chromadb.config import Settings

    # Chroma keeps one system for each spelling of a path, broken and outdated ones too: a spelling of its own,
    # `vectors-000001/././.`, makes each opening a fresh one.
    with _explained(path):
        client = _patiently(
            lambda: chromadb.PersistentClient(
                str(path) + "/." * next(_OPENINGS), settings=Settings(anonymized_telemetry=False)
            )
        )
        collection = _patiently(
            lambda: client.get_or_create_collection(
                _COLLECTION,
                configuration={"hnsw": {"space": "cosine", "sync_threshold": group}},
                embedding_function=None,
            )
        )
        return client, collection


def _close(client: Any) -> None:
    """Release Chroma's files. Its shutdown was seen to hang for ever; as nothing depends on it, it is left then."""
    thread = threading.Thread(target=client.close, daemon=True)
    thread.start()
    thread.join(_CLOSE_SECONDS)
    if thread.is_alive():
        logger.warning("Chroma does not shut down; going on without waiting for it")


def _patiently(call: Callable[[], Any]) -> Any:
    """What a call of Chroma gives. Its own threads, and other processes that open it, may lock it for a moment."""
    for pause in _PAUSES:
        try:
            return call()
        except Exception as error:
            if "database is locked" not in str(error):
                raise
            time.sleep(pause)
    return call()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Chroma's errors are of many kinds; the remedy is the same for all, since the ledger has every vector."""
    try:
        yield
    except Exception as error:
        raise VectorsUnusable(_unusable(path, str(error))) from error


def _unusable(path: Path, cause: str) -> str:
    return (
        f"the vectors in {path} cannot be used: {cause}. Questions are answered from the ledger's own, which takes"
        " longer; any `qa index`, or `qa doctor --repair`, writes them anew without embedding"
    )
