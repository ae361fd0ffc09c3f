"""Dense search over all chunks: by Chroma as far as the edition in use goes, one by one behind it.

What is in the ledger is found at once, whatever Chroma has of it. A chunk that is no more may still be in Chroma: the
ledger does not know it any longer, and its number is never given to another.
"""

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import VectorsUnusable
from index.ledger import Ledger
from index.vectors import Edition, OpenEdition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

_PAGE = 20_000
# Projected vectors are nearly in the order of the whole ones: so many times more are compared.
_WIDER = 2


class Outdated(Exception):
    """Another thread has seen a later state; what is in the earlier one alone can be found no more."""


class Dense:
    """Finds the chunks whose vectors are nearest. Threads may share it."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self._folder = folder
        self._ledger = ledger
        self._lock = threading.Lock()
        self._open: OpenEdition | None = None
        self._broken = ""
        self._generation = -1
        self._tail = _Tail(ledger)

    def close(self) -> None:
        """Release Chroma's files."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None

    def nearest(self, vector: "NDArray[np.float32]", limit: int) -> list[int]:
        """The chunks of the `limit` vectors nearest to `vector` by cosine, nearest first. To be asked in a snapshot.

        Raises Outdated when that is of an earlier state than another thread's was: ask again in a new one.
        """
        with self._lock:
            if (generation := self._ledger.generation) < self._generation:
                raise Outdated
            self._generation = generation
            cosines: dict[int, float] = {}
            upto = 0
            if edition := self._edition():
                try:
                    cosines = self._known(edition, vector, limit)
                    upto = edition.edition.upto
                except VectorsUnusable as error:
                    self._give_up(edition.edition, error)
            cosines |= self._tail.cosines(vector, upto, limit)
        return sorted(cosines, key=cosines.__getitem__, reverse=True)[:limit]

    def _known(self, edition: OpenEdition, vector: "NDArray[np.float32]", limit: int) -> dict[int, float]:
        """The nearest in the edition, with their cosines by the ledger's vectors.

        Those left out that are no more: they must not stand in the way of others.
        """
        wanted = limit * (_WIDER if edition.edition.is_projected else 1)
        asked = wanted
        while True:
            known = self._ledger.chunks(edition.nearest(vector, asked))
            if len(known) >= wanted or asked >= edition.edition.count:
                return {number: float(other @ vector) for number, (_, other) in known.items()}
            asked *= 2

    def _edition(self) -> OpenEdition | None:
        """The edition in use, opened again when there is a later one."""
        noted = Edition.read(self._ledger.meta("edition"))
        if noted is None or noted.name == self._broken:
            self._close()
            return None
        # A thread that began to ask before the latest edition came may use that one: the chunks are the same.
        if self._open is None or self._open.edition.number < noted.number:
            self._close()
            try:
                self._open = OpenEdition(self._folder, noted)
            except VectorsUnusable as error:
                self._give_up(noted, error)
        return self._open

    def _give_up(self, edition: Edition, error: VectorsUnusable) -> None:
        self._close()
        self._broken = edition.name
        # It is gone when another process has just written a later one, which the next question finds.
        logger.log(logging.WARNING if (self._folder / edition.name).exists() else logging.INFO, "%s", error)


class _Tail:
    """The vectors of the chunks behind a number, kept from one question to the next, and added to as chunks come."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._state = (-1, -1)
        self._pages: list[tuple[list[int], NDArray[np.float32]]] = []

    def cosines(self, vector: "NDArray[np.float32]", after: int, limit: int) -> dict[int, float]:
        """The `limit` nearest of them, with their cosines."""
        import numpy as np

        self._refresh(after)
        best: dict[int, float] = {}
        for numbers, vectors in self._pages:
            cosines = vectors @ vector
            for row in np.argsort(-cosines)[:limit]:
                best[numbers[row]] = float(cosines[row])
        return best

    def _refresh(self, after: int) -> None:
        state = (self._ledger.generation, after)
        if state == self._state:
            return
        if after != self._state[1]:
            self._pages = []
        self._read(self._pages[-1][0][-1] if self._pages else after)
        if sum(len(numbers) for numbers, _ in self._pages) != self._ledger.count_after(after):  # some went
            self._pages = []
            self._read(after)
        self._state = state

    def _read(self, after: int) -> None:
        while (page := self._ledger.vectors_after(after, limit=_PAGE))[0]:
            self._pages.append(page)
            after = page[0][-1]
