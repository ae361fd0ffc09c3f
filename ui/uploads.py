"""Uploaded files: kept beside the index under their own names, and indexed from there."""

import re
import shutil
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from qa import QA, Article, Problem

MAX_FILES = 50
_MAX_BYTES = 150  # of a name; file systems allow 255, and the suffix must survive
_RESERVED = frozenset('<>:"|?*')  # what other systems allow in no name


def safe_name(name: str) -> str:
    """`name` as a plain file name: no folders, no leading dot, nothing invisible; its suffix is kept."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = (" " if char.isspace() else char for char in last)
    tame = "".join(char for char in shown if char.isprintable() and char not in _RESERVED)
    plain = " ".join(tame.split()).strip(". ")
    path = Path(plain or "article")
    suffix = path.suffix if len(path.suffix.encode()) <= 16 else ""
    stem = plain.removesuffix(suffix) or "article"
    stem = stem.encode()[: _MAX_BYTES - len(suffix.encode())].decode(errors="ignore").rstrip(". ")
    return (stem or "article") + suffix


def folder_of(session: QA) -> Path:
    """Where the uploads of this index are kept."""
    return session.settings.index.expanduser().absolute() / "uploads"


def max_bytes(session: QA) -> int:
    """How large an uploaded file may be."""
    return int(session.settings.max_file_mb * 1e6)


def keep(files: Iterable[str], session: QA) -> tuple[list[Path], list[Problem]]:
    """Move files that were received into the uploads; a file of the same name is replaced.

    Returns where they are now, and the files beyond the number that is taken at once.
    """
    folder = folder_of(session)
    folder.mkdir(parents=True, exist_ok=True)
    received = [Path(file) for file in files]
    kept: dict[Path, None] = {}
    for file in received[:MAX_FILES]:
        target = folder / safe_name(file.name)
        arriving = target.with_name(f".{target.name}.new")
        shutil.move(file, arriving)
        arriving.replace(target)
        kept[target] = None
    left = received[MAX_FILES:]
    for file in left:
        file.unlink()
    cause = f"{MAX_FILES} files are the most at once. Upload it in another go"
    return list(kept), [Problem(safe_name(file.name), cause) for file in left]


def forget(article: Article, session: QA) -> None:
    """Delete the uploaded file that a removed article came from, unless it holds others that are still indexed."""
    path = Path(article.path or "")
    shared = any(other.path == article.path for other in session.articles())
    if path.parent == folder_of(session) and not shared:
        path.unlink(missing_ok=True)
