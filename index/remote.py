"""The vectors on a Chroma server, which all who share an index search.

The ledger names the collection in use and how far it goes. What is behind is pushed under the chunks' numbers, which
are never given twice, so that to push again does no harm; only then the ledger says that it is there. Readers take what
is behind from the ledger, exactly, and leave out what it knows no more. While the server is away, questions are
answered by their words and by what is behind; where the whole index is small enough, as exactly as ever.
"""

import json
import logging
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Self

from index.chroma_server import Collection, Server
from index.errors import IndexUnusable
from index.protocols import AnyLedger, Outdated
from index.tail import Tail, best

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

_CALL = 1000
_FEW = 20_000
_ASIDE_SECONDS, _REST_SECONDS = 5.0, 60.0
# With more vectors deleted, which hnswlib only hides, a new collection is written.
_DELETED = 1 / 3
_LEAST_COSINE = 0.99
_SAMPLE = 200


@dataclass(frozen=True, slots=True)
class Followed:
    """What the ledger knows of a collection: it holds the vectors, of this dimension, of the chunks up to `upto`.

    `deleted` counts those that were.
    """

    name: str
    dimension: int
    upto: int
    deleted: int = 0

    @classmethod
    def read(cls, noted: str | None) -> Self | None:
        """From what `note` made; None when there is no collection yet, or none on a server."""
        facts = json.loads(noted) if noted else {}
        return cls(**facts) if "dimension" in facts else None

    def note(self) -> str:
        """As the ledger keeps it."""
        return json.dumps(asdict(self))


class Remote:
    """Finds the chunks whose vectors are nearest, with a Chroma server. Threads may share it."""

    def __init__(self, server: Server, ledger: AnyLedger) -> None:
        self._server = server
        self._ledger = ledger
        self._lock = threading.Lock()
        self._tail = Tail(ledger)
        self._aside_until = self._rest_until = 0.0

    def close(self) -> None:
        """Release the connections."""
        self._server.close()

    # Searching -------------------------------------------------------------------------------------------

    def nearest(self, vector: "NDArray[np.float32]", limit: int) -> list[int]:
        """The chunks of the `limit` vectors nearest to `vector` by cosine, nearest first. To be asked in a snapshot.

        Raises Outdated when articles changed meanwhile: what the snapshot knows may be on the server no more.
        """
        followed = Followed.read(self._ledger.meta("edition"))
        known: dict[int, float] | None = {}
        after = 0
        if followed and followed.dimension == len(vector):
            known = self._known(followed, vector, limit)
            after = followed.upto
            if known is None and self._ledger.counts()[1] <= _FEW:
                after = 0
        with self._lock:
            cosines = self._tail.cosines(vector, after, limit)
        return best(cosines | (known or {}), limit)

    def _known(self, followed: Followed, vector: "NDArray[np.float32]", limit: int) -> dict[int, float] | None:
        """The nearest on the server that the ledger knows, with their cosines; None while it cannot be asked."""
        if time.monotonic() < self._aside_until:
            return None
        try:
            collection = self._server.collection(followed.name)
            asked = limit
            while True:
                found = collection.nearest(vector, asked)
                known = self._ledger.chunks(found)
                if len(known) >= limit or len(found) < asked:
                    break
                asked *= 2
        except IndexUnusable as error:
            if self._ledger.now("edition") != self._ledger.meta("edition"):  # another collection is in use by now
                raise Outdated from error
            self._aside_until = time.monotonic() + _ASIDE_SECONDS
            logger.warning("%s. Until then questions are answered by their words, and from the ledger", error)
            return None
        if self._ledger.now("generation") != str(self._ledger.generation):
            raise Outdated
        return {number: float(other @ vector) for number, (_, other) in known.items()}

    # Following the ledger --------------------------------------------------------------------------------

    def keep_up(self) -> None:
        """Push what was just stored, unless somebody else is pushing, or the server was away a minute ago."""
        if time.monotonic() >= self._rest_until:
            self._follow(wait=False)

    def publish(self, *, erase: bool = False, anew: bool = False) -> None:
        """Push all that is behind, and erase what went. While the server is away, the ledger answers in its place."""
        self._follow(wait=True, anew=anew)

    def _follow(self, *, wait: bool, anew: bool = False) -> None:
        try:
            with self._ledger.publishing(wait=wait) as alone:
                if alone:
                    self._push(anew=anew)
        except IndexUnusable as error:
            self._rest_until = time.monotonic() + _REST_SECONDS
            logger.warning("Chroma could not follow the ledger: %s", error)

    def _push(self, *, anew: bool) -> None:
        before = Followed.read(self._ledger.meta("edition"))
        chunks = self._ledger.counts()[1]
        _, first = self._ledger.vectors_after(0, limit=1)
        dimension = first.shape[1] or (before.dimension if before else 0)
        gone = self._ledger.gone(before.upto) if before else []
        if not before and not chunks:
            return
        if not before or anew or self._is_worn(before, dimension, len(gone), chunks):
            self._write_anew(before, dimension)
            return
        collection = self._server.collection(before.name)
        for at in range(0, len(gone), _CALL):
            collection.erase(gone[at : at + _CALL], dimension)
        upto = self._push_behind(collection, before.upto)
        now = replace(before, upto=upto, deleted=before.deleted + len(gone))
        if now != before:
            self._ledger.published(now.note())

    def _is_worn(self, before: Followed, dimension: int, gone: int, chunks: int) -> bool:
        deleted = before.deleted + gone
        worn = deleted > _CALL and deleted > _DELETED * (chunks + deleted)
        return worn or before.dimension != dimension or not self._server.has(before.name)

    def _write_anew(self, before: Followed | None, dimension: int) -> None:
        """Write a collection beside the one in use, and then name it in its place."""
        name = f"articles-{secrets.token_hex(8)}"
        try:
            collection = self._server.collection(name, create=True)
            upto = self._push_behind(collection, 0)
            self._ledger.published(Followed(name, dimension, upto).note())
        except BaseException:
            self._delete(name)
            raise
        if before:
            self._delete(before.name)

    def _push_behind(self, collection: Collection, upto: int) -> int:
        while (page := self._ledger.vectors_after(upto, limit=_CALL))[0]:
            collection.put(*page)
            upto = page[0][-1]
        return upto

    def _delete(self, name: str) -> None:
        try:
            self._server.delete(name)
        except IndexUnusable as error:
            logger.warning("collection %s stays on the server, and nobody needs it: %s", name, error)

    # What the doctor asks --------------------------------------------------------------------------------

    def problems(self) -> Iterator[str]:
        """What is wrong with the collection in use."""
        followed = Followed.read(self._ledger.meta("edition"))
        if followed is None:
            if self._ledger.counts()[1]:
                yield "the Chroma server holds no vectors yet"
            return
        if not self._server.has(followed.name):
            yield f"collection {followed.name} is not on the Chroma server"
            return
        collection = self._server.collection(followed.name)
        held = set(collection.numbers())
        numbers = self._ledger.all_numbers()
        wanted = {number for number in numbers if number <= followed.upto}
        missing, orphans = len(wanted - held), len(held - wanted - set(self._ledger.gone(followed.upto)))
        if missing or orphans:
            yield f"{followed.name}: {missing} vectors are missing, {orphans} belong to no chunk"
        sample = sorted(wanted & held)[:: max(1, len(wanted) // _SAMPLE)]
        if altered := self._altered(collection, sample):
            yield f"{followed.name}: {altered} of {len(sample)} vectors are not those of the ledger"

    def _altered(self, collection: Collection, sample: Sequence[int]) -> int:
        known = self._ledger.chunks(sample)
        held = collection.vectors(sample)
        return sum(float(held[number] @ vector) < _LEAST_COSINE for number, (_, vector) in known.items())

    def leftovers(self) -> Iterator[str]:
        """None are told apart: other indexes may have collections on the server, too."""
        return iter(())
