"""One writer at a time: a lock file in the index folder, which the system releases when its holder dies."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import IndexBusy, IndexUnusable

LOCK_NAME = "write.lock"

logger = logging.getLogger(__name__)


@contextmanager
def write_lock(folder: Path, *, wait: float) -> Iterator[None]:
    """Hold the write lock of the index in `folder`, which is made if it is not there.

    Raises IndexBusy when another process holds the lock for over `wait` seconds, and IndexUnusable when the folder
    cannot be written to.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK_NAME)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            logger.info("waiting for another process that writes to %s", folder)
            lock.acquire(timeout=wait)
    except Timeout:
        raise IndexBusy(
            f"another process has been writing to {folder} for over {wait:g} s. Try again when it is done, or wait"
            " longer with --wait SECONDS"
        ) from None
    except OSError as error:
        raise IndexUnusable(f"{folder} cannot be written to: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()
