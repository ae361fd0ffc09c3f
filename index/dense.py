"""Dense search over all chunks: by Chroma as far as the edition in use goes, one by one behind it.

What is in the ledger is found at once, whatever Chroma has of it. A chunk that is no more may still be in Chroma: the
ledger does not know it any longer, and its number is never given to another.
"""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import VectorsUnusable
from index.ledger import Ledger
from index.protocols import Outdated
from index.publish import publish
from index.tail import Tail, best
from index.vectors import Edition, OpenEdition, is_sound, leftovers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

_PROBE_SECONDS = 1800
# Projected vectors are nearly in the order of the whole ones: so many times more are compared.
_WIDER = 2


class Dense:
    """Finds the chunks whose vectors are nearest. Threads may share it."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self._folder = folder
        self._ledger = ledger
        self._lock = threading.Lock()
        self._open: OpenEdition | None = None
        self._broken = ""
        self._generation = -1
        self._tail = Tail(ledger)

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
        return best(cosines, limit)

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

    # Following the ledger --------------------------------------------------------------------------------

    def publish(self, *, erase: bool = False, anew: bool = False) -> None:
        """Write the next edition if it is due; see `index.publish`."""
        publish(self._folder, self._ledger, erase=erase, anew=anew)

    def keep_up(self) -> None:
        """Nothing: an edition is a copy of all there is, written once at the end."""

    # What the doctor asks --------------------------------------------------------------------------------

    def problems(self) -> Iterator[str]:
        """What is wrong with the edition in use."""
        edition = Edition.read(self._ledger.meta("edition"))
        if edition is None:
            if self._ledger.counts()[1]:
                yield "Chroma holds no vectors yet"
        elif not is_sound(self._folder, edition):
            yield f"files of {edition.name} are missing, cut short or grown"
        else:
            yield from (f"{edition.name}: {problem}" for problem in _probe(self._folder))

    def leftovers(self) -> Iterator[str]:
        """Editions that a process that was cut short left behind."""
        edition = Edition.read(self._ledger.meta("edition"))
        for path in leftovers(self._folder, but=edition.name if edition else ""):
            yield f"{path.name} was left by a process that was cut short"


def _probe(folder: Path) -> list[str]:
    """What a process of its own finds when it opens Chroma, be it only that it does not survive it."""
    command = [sys.executable, "-m", "index.probe", str(folder.absolute())]
    try:
        # Where this package is installed in place, it is found from here only.
        root = Path(__file__).parent.parent
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=_PROBE_SECONDS)
        problems: list[str] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return [f"searching it did not end within {_PROBE_SECONDS} s"]
    except ValueError:
        return [f"opening it ended the process (status {done.returncode})"]
    return problems
