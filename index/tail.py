"""Exact search over the vectors that no engine holds yet."""

from typing import TYPE_CHECKING

from index.protocols import AnyLedger

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PAGE = 20_000


class Tail:
    """The vectors of the chunks behind a number, kept from one question to the next, and added to as chunks come."""

    def __init__(self, ledger: AnyLedger) -> None:
        self._ledger = ledger
        self._state = (-1, -1)
        self._pages: list[tuple[list[int], NDArray[np.float32]]] = []

    def cosines(self, vector: "NDArray[np.float32]", after: int, limit: int) -> dict[int, float]:
        """The `limit` nearest of them, with their cosines."""
        import numpy as np

        self._refresh(after)
        found: dict[int, float] = {}
        for numbers, vectors in self._pages:
            cosines = vectors @ vector
            for row in np.argsort(-cosines)[:limit]:
                found[numbers[row]] = float(cosines[row])
        return found

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


def best(cosines: dict[int, float], limit: int) -> list[int]:
    """The numbers of the `limit` highest cosines, nearest first."""
    return sorted(cosines, key=cosines.__getitem__, reverse=True)[:limit]
