"""Uploaded files: kept beside the index under their own names, and indexed from there."""

import hashlib
import json
import os
import re
import secrets
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from index.loaders import loaders, may_hold_articles
from qa import QA, Article, Problem

MAX_FILES = 50
_FILES_OF_MAX_SIZE = 5  # may come at once; of smaller ones more
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


def receiving_folder() -> Path:
    """Where files lie while they are received; emptied when the page's program ends."""
    return Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir()).resolve()


def max_bytes(session: QA) -> int:
    """How large an uploaded file may be."""
    return int(session.settings.max_file_mb * 1e6)


def max_total_bytes(session: QA) -> int:
    """How large all files that are uploaded at once may be together."""
    return _FILES_OF_MAX_SIZE * max_bytes(session)


def keep(files: Iterable[str], session: QA) -> tuple[list[Path], list[Problem]]:
    """Move files that were received into the uploads; a file of the same name is replaced.

    Returns where they are now, and those that are not taken: of no format that can hold articles, or beyond the number
    that is taken at once.
    """
    folder = folder_of(session)
    folder.mkdir(parents=True, exist_ok=True)
    kept: dict[Path, None] = {}
    refused: list[Problem] = []
    for number, file in enumerate(map(Path, files)):
        name = safe_name(file.name)
        if number >= MAX_FILES or not may_hold_articles(name):
            many = f"{MAX_FILES} files are the most at once. Upload it in another go"
            refused.append(Problem(name, many if number >= MAX_FILES else _no_article(name)))
            file.unlink()
            continue
        arriving = _arriving(folder)
        shutil.move(file, arriving)
        arriving.replace(folder / name)
        kept[folder / name] = None
    return list(kept), refused


def paste(fields: dict[str, Any], session: QA) -> Path:
    """Keep a pasted article among the uploads: its `text`, and `title, date, source, url` where they are known.

    It goes by its address or its title, or else by how it begins: pasted again, it is a new version.
    """
    folder = folder_of(session)
    folder.mkdir(parents=True, exist_ok=True)
    beginning = str(fields.get("title") or fields["text"]).strip()[:80]
    mark = hashlib.sha256(str(fields.get("url") or beginning).encode(errors="replace")).hexdigest()[:8]
    target = folder / safe_name(f"pasted {beginning[:60]} {mark}.json")
    arriving = _arriving(folder)
    arriving.write_text(json.dumps({"id": "text", **fields}, ensure_ascii=False), encoding="utf-8", errors="replace")
    arriving.replace(target)
    return target


def _arriving(folder: Path) -> Path:
    """Where a file lies until it is whole: hidden, so not indexed, and not where another of its name arrives."""
    return folder / f".{secrets.token_hex(8)}.new"


def _no_article(name: str) -> str:
    if Path(name.removesuffix(".gz")).suffix.lower() in loaders():
        return "is not taken for an article by its name. Give it another one"
    return f"is of no format that is known: {', '.join(sorted(loaders()))}"


def sweep(*, older_than: float) -> None:
    """Delete files that were received so many seconds ago and that nobody has fetched from there since."""
    for path in receiving_folder().rglob("*"):
        with suppress(OSError):  # it has just been taken
            if path.is_file() and time.time() - path.stat().st_mtime > older_than:
                path.unlink()


def received(paths: Iterable[str]) -> list[Path]:
    """Those of the paths that are files which were received: a browser could name any."""
    folder = receiving_folder()
    there = [Path(path) for path in paths]
    return [path for path in there if path.is_absolute() and path.resolve().is_relative_to(folder) and path.is_file()]


def forget(article: Article, session: QA) -> None:
    """Delete the uploaded file that a removed article came from, unless it holds others that are still indexed."""
    discard(Path(article.path or ""), session)


def discard(path: Path, session: QA) -> None:
    """Delete a file among the uploads, unless it holds articles that are indexed."""
    if path.parent == folder_of(session) and not session.index.indexed_from([path]):
        path.unlink(missing_ok=True)
