"""The folder of an index, with the ledger in it: made where none is, and told from what is no index."""

from pathlib import Path

from index.errors import IndexNotFound, IndexUnusable
from index.ledger import Ledger
from index.lock import LOCK_NAME, write_lock

LEDGER = "ledger.sqlite3"


def open_folder(folder: Path, *, shown: Path, create: bool, wait: float) -> Ledger:
    """Open the ledger in `folder`, which is called `shown` in messages; `create` makes an empty one where none is.

    Raises IndexNotFound and IndexUnusable.
    """
    path = folder / LEDGER
    if not path.is_file():
        _check_empty(folder, shown, create)
        with write_lock(folder, wait=wait):
            if not path.is_file():
                _create(path)
    return Ledger(path)


def _check_empty(folder: Path, shown: Path, create: bool) -> None:
    try:
        # Beside the lock, a creation that was cut short, or is going on elsewhere, leaves a draft.
        inside = [item for item in folder.iterdir() if not item.name.startswith((LOCK_NAME, LEDGER))]
    except FileNotFoundError:
        inside = []
    except OSError as error:
        raise IndexUnusable(f"{shown} cannot be used as an index folder: {error.strerror}") from error
    if inside:
        raise IndexUnusable(f"{shown} is a folder with other things in it, not an index; give another with --index")
    if not create:
        raise IndexNotFound(f"no index at {shown}. Build one: qa index PATH --index {shown}")


def _create(path: Path) -> None:
    """Create the ledger beside its place and move it there, so that no half of one is ever found."""
    draft = path.with_name(f"{LEDGER}.new")
    for left in path.parent.glob(f"{draft.name}*"):
        left.unlink()
    Ledger(draft, create=True).close()
    draft.rename(path)
