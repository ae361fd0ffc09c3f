"""Compares Chroma with the ledger: `python -m index.probe FOLDER` prints what is wrong, as a JSON list.

A program of its own, since a damaged graph can end the process that opens it, or fill the disk.
"""

import json
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import VectorsUnusable
from index.folder import LEDGER
from index.ledger import Ledger
from index.vectors import Edition, OpenEdition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SAMPLE = 200
_LEAST_COSINE = 0.99


def problems(folder: Path) -> list[str]:
    """Vectors that are missing, orphaned, altered or not found, in the edition in use."""
    ledger = Ledger(folder / LEDGER)
    edition = Edition.read(ledger.meta("edition"))
    if edition is None:
        return []
    try:
        opened = OpenEdition(folder, edition)
        return list(filter(None, (_missing(opened, ledger), _altered(opened, ledger), _unfound(opened, ledger))))
    except VectorsUnusable as error:
        return [str(error)]


def _missing(opened: OpenEdition, ledger: Ledger) -> str:
    upto = opened.edition.upto
    held = set(opened.numbers())
    wanted = {number for number in ledger.all_numbers() if number <= upto}
    # What went since is still there, and meant to be.
    missing, orphans = len(wanted - held), len(held - wanted - set(ledger.gone(upto)))
    return f"{missing} vectors are missing, {orphans} belong to no chunk" if missing or orphans else ""


def _altered(opened: OpenEdition, ledger: Ledger) -> str:
    altered = 0
    for numbers, vectors in opened.pages():
        known = ledger.chunks(numbers)
        altered += sum(
            _cosine(opened.projected(known[number][1]), vector) < _LEAST_COSINE
            for number, vector in zip(numbers, vectors, strict=True)
            if number in known
        )
    return f"{altered} vectors are not those of the ledger" if altered else ""


def _cosine(one: "NDArray[np.float32]", other: "NDArray[np.float32]") -> float:
    lengths = float((one @ one) * (other @ other)) ** 0.5
    return float(one @ other) / lengths if lengths else 0.0


def _unfound(opened: OpenEdition, ledger: Ledger) -> str:
    """Ask for some vectors themselves: the graph must lead to them, or to others just as near."""
    numbers = ledger.all_numbers()
    sample = ledger.chunks(numbers[:: max(1, len(numbers) // _SAMPLE)])
    asked = {number: vector for number, (_, vector) in sample.items() if number <= opened.edition.upto}
    unfound = 0
    for number, vector in asked.items():
        found = ledger.chunks(opened.nearest(vector, 10))
        unfound += number not in found and not any(float(other @ vector) > _LEAST_COSINE for _, other in found.values())
    # A graph finds nearly all, not all.
    return f"{unfound} of {len(asked)} vectors are not found" if unfound > len(asked) // 20 else ""


if __name__ == "__main__":
    # A damaged list of links has been seen to grow to tens of gigabytes.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 32, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    sys.stdout.write(json.dumps(problems(Path(sys.argv[1]))))
