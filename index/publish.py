"""Lets Chroma catch up with the ledger, edition by edition."""

import logging
from pathlib import Path

from index.errors import IndexUnusable, VectorsUnusable
from index.ledger import Ledger
from index.vectors import Edition, Pages, delete_editions, extend_edition, is_sound, write_edition

logger = logging.getLogger(__name__)

# So little behind, searching one by one is as fast, and not worth the copy: a fiftieth of what Chroma has, or a
# thousand chunks; in the beginning, as many as it has.
_BEHIND, _BEHIND_CHUNKS = 1 / 50, 1000
# With more vectors deleted, the graph is made anew: they are only hidden in it.
_DELETED = 1 / 5


def publish(folder: Path, ledger: Ledger, *, erase: bool = False, anew: bool = False) -> None:
    """Write the next edition, unless the one in use is hardly behind, and name it as the one in use.

    With `erase`, it is written whenever chunks are gone; with `anew`, always, and from the ledger alone. What fails
    here is made up for by the next call: the ledger can answer without Chroma.
    """
    noted = Edition.read(ledger.meta("edition"))
    base = noted if noted and not anew and is_sound(folder, noted) else None
    gone = ledger.gone(base.upto) if base else []
    if noted is None and not ledger.counts()[1]:
        delete_editions(folder, but="")  # what was left by one that was cut short
        return
    if base and not _is_due(base, ledger.count_after(base.upto), len(gone), erase=erase):
        delete_editions(folder, but=base.name)
        return
    try:
        edition = _next(folder, noted, base, ledger, gone)
        ledger.published(edition.note())
    except (IndexUnusable, OSError) as error:
        logger.warning("Chroma could not follow the ledger: %s", error)
        delete_editions(folder, but=noted.name if noted else "")
        return
    delete_editions(folder, but=edition.name)


def _is_due(base: Edition, fresh: int, gone: int, *, erase: bool) -> bool:
    return (erase and gone > 0) or fresh + gone > max(_BEHIND * base.count, min(_BEHIND_CHUNKS, base.count))


def _next(folder: Path, noted: Edition | None, base: Edition | None, ledger: Ledger, gone: list[int]) -> Edition:
    total = ledger.counts()[1]
    if base and base.deleted + len(gone) <= _DELETED * base.count and not base.outgrown(total):
        try:
            return extend_edition(folder, base, _pages(ledger), gone=gone)
        except VectorsUnusable as error:  # damaged in a way that does not show from outside
            logger.info("%s is made anew: %s", base.name, error)
    return write_edition(folder, noted.number + 1 if noted else 1, _pages(ledger), total=total)


def _pages(ledger: Ledger) -> Pages:
    return lambda after, limit: ledger.vectors_after(after, limit=limit)
