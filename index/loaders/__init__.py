"""Reads article files. A format is one module in this package: nothing else has to know of it.

A format's module defines `SUFFIXES` and `load(file)`, which yields a `Record` for each article in the file
and a `LoadError` for each record of it that cannot be read; it raises `LoadError` when nothing can be.
"""

import importlib
import os
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path, PurePath

from index.errors import LoadError
from index.loaders.file import File
from index.loaders.record import Record

Load = Callable[[File], Iterator[Record | LoadError]]

# What folders of articles hold beside articles.
_NOT_ARTICLES = ("readme", "license", "licence", "changelog", "copying")


@cache
def loaders() -> dict[str, Load]:
    """Every suffix that can be read, with the function that reads it."""
    found: dict[str, Load] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for suffix in getattr(module, "SUFFIXES", ()):
            found[suffix] = module.load
    return found


def may_hold_articles(name: str) -> bool:
    """Whether a file that is found under this name is read: it is of a known format, not hidden and no README."""
    inner = PurePath(name.lower().removesuffix(".gz"))  # notes.tar.gz holds none, although .gz is known
    return inner.suffix in loaders() and not name.startswith(".") and inner.stem not in _NOT_ARTICLES


def article_files(folder: Path) -> tuple[list[Path], list[OSError]]:
    """The files below `folder` that can hold articles, in name order, and the folders that cannot be listed.

    Hidden files and READMEs hold none. Symbolic links to folders are not followed, so a loop of them does no harm.
    """
    files: list[Path] = []
    errors: list[OSError] = []
    folders = [folder]
    while folders:  # os.walk would recurse, and folders can be nested deeper than that goes
        try:
            inside, below = _entries(folders.pop())
        except OSError as error:
            errors.append(error)
            continue
        files += [path for path in inside if may_hold_articles(path.name)]
        folders += [path for path in reversed(below) if not path.name.startswith(".")]
    return files, errors


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """What a folder holds, in name order: files, and folders that are no links."""
    files, folders = [], []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if not os.path.isdir(entry.path):
                files.append(folder / entry.name)
            elif not entry.is_symlink():
                folders.append(folder / entry.name)
    return files, folders


def read_articles(path: Path, *, max_bytes: int) -> Iterator[Record | LoadError]:
    """Read the records of one file; see the package's docstring for what comes out.

    Raises LoadError when the file as a whole cannot be read, and as soon as it is found to have been changed
    meanwhile: before any record of which one half could be older than the other.
    """
    try:
        if not path.is_file():
            raise LoadError(_no_file(path))
        before = _state(path)
        for record in read(File.at(path, max_bytes)):
            _check_unchanged(path, before)
            yield record
        _check_unchanged(path, before)
    except OSError as error:
        raise LoadError(f"cannot be read: {error.strerror or error}") from error


def read(file: File) -> Iterator[Record | LoadError]:
    """Read the records of what is at hand. Raises LoadError when none of it can be read."""
    load = loaders().get(file.suffix)
    if load is None:
        raise LoadError(f"the format {file.suffix or '(no suffix)'} is not known; known are {known_formats()}")
    try:
        yield from load(file)
    except (LoadError, OSError):
        raise
    except Exception as error:  # whatever a parser may choke on, the other files are read
        raise LoadError(f"cannot be read as {file.suffix}: {type(error).__name__}: {error}") from error


def known_formats() -> str:
    """The suffixes that can be read, for messages."""
    return " ".join(sorted(loaders()))


def _no_file(path: Path) -> str:
    if path.exists():
        return "is not a regular file"
    return "is a symbolic link that leads nowhere" if path.is_symlink() else "no such file"


def _state(path: Path) -> tuple[int, int, int]:
    facts = path.stat()
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def _check_unchanged(path: Path, before: tuple[int, int, int]) -> None:
    try:
        changed = _state(path) != before
    except FileNotFoundError:
        changed = True
    if changed:
        raise LoadError("changed while it was read; index it again")
