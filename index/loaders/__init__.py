"""Reads article files. A format is one module in this package: nothing else has to know of it.

A format's module defines `SUFFIXES` and `load(file)`, which yields a `Record` for each article in the file
and a `LoadError` for each record of it that cannot be read; it raises `LoadError` when nothing can be.
"""

import importlib
import os
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

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


def article_files(folder: Path) -> tuple[list[Path], list[OSError]]:
    """The files below `folder` that can hold articles, in name order, and the folders that cannot be listed.

    Hidden files and READMEs hold none. Symbolic links to folders are not followed, so a loop of them does no harm.
    """
    files: list[Path] = []
    errors: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=errors.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [
            Path(root, name)
            for name in sorted(names)
            if Path(name).suffix.lower() in loaders()
            and not name.startswith(".")
            and Path(name).stem.lower() not in _NOT_ARTICLES
        ]
    return files, errors


def read_articles(path: Path, *, max_bytes: int) -> Iterator[Record | LoadError]:
    """Read the records of one file; see the package's docstring for what comes out.

    Raises LoadError when the file as a whole cannot be read.
    """
    try:
        if not path.is_file():
            raise LoadError("is not a regular file" if path.exists() else "no such file")
        load = loaders().get(path.suffix.lower())
        if load is None:
            raise LoadError(f"the format {path.suffix or '(no suffix)'} is not known; known are {known_formats()}")
        yield from load(File(path, max_bytes))
    except LoadError:
        raise
    except OSError as error:
        raise LoadError(f"cannot be read: {error.strerror or error}") from error
    except Exception as error:  # whatever a parser may choke on, the other files are read
        raise LoadError(f"cannot be read as {path.suffix}: {type(error).__name__}: {error}") from error


def known_formats() -> str:
    """The suffixes that can be read, for messages."""
    return " ".join(sorted(loaders()))
