"""Indexes on a disk that is full: `python -m tests.index.filling FOLDER limit|disk|graph BYTES...` tells how that went.

With `limit`, no file may grow beyond so many bytes (RLIMIT_FSIZE); with `disk`, all but so many bytes of the small
disk at FOLDER are taken; with `graph`, Chroma's graph may grow by no more. A line of JSON is printed for each number.
"""

import errno
import json
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import index.publish
import index.store
from index.errors import ArticleQAError
from index.settings import IndexSettings
from index.store import Index
from index.vectors import Edition, delete_editions, extend_edition, leftovers, write_edition
from tests.index import moving

BEFORE = {f"a{number}": 1 for number in range(40)}
AFTER = BEFORE | {"a0": 2, "a1": 2, "b0": 1, "b1": 1}


@contextmanager
def limited(_: Path, room: int) -> Iterator[None]:
    """No file may grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def filled(disk: Path, room: int) -> Iterator[None]:
    """The disk has no more room than so many bytes."""
    ballast = disk / "ballast"
    descriptor = os.open(ballast, os.O_CREAT | os.O_WRONLY)
    try:
        with _until_full():
            while os.write(descriptor, bytes(4096)):
                pass
        os.ftruncate(descriptor, max(0, os.fstat(descriptor).st_size - room))
        yield
    finally:
        os.close(descriptor)
        ballast.unlink()


@contextmanager
def _until_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


def outcome(call: Callable[[], object]) -> str:
    """What an attempt came to: nothing, or the kind of its error and what it says."""
    try:
        call()
    except ArticleQAError as error:
        return str(error)
    except BaseException as error:
        return f"NOT EXPLAINED: {error!r}"
    return ""


def told(opened: Index, articles: dict[str, int]) -> dict[str, Any]:
    """What an index holds, and whether it finds some of the articles, to the letter."""
    versions = {Path(article.path or "").stem: article for article in opened.articles()}
    found = []
    for name in list(articles)[:6]:
        article = versions[name]
        best = opened.search(article.text[: article.text.index(".")])[0]
        found.append(best.article == article and best.text == article.text[best.start : best.end])
    return {
        "versions": {name: moving.version_of(name, article.text) for name, article in versions.items()},
        "found": all(found),
    }


def attempt(folder: Path, scratch: Path, full: Callable[[], Any]) -> dict[str, Any]:
    """Index articles, change them while there is no room, and again when there is."""
    articles = scratch / "articles"
    articles.mkdir(exist_ok=True)
    settings = IndexSettings.build(index=folder / "articles.index", threads=1)
    moving.write(articles, BEFORE)
    with Index(settings, create=True) as opened:
        opened.update([articles])
    with Index(settings) as opened:  # with a log of SQLite that is empty again
        edition = opened._ledger.meta("edition")
        moving.write(articles, AFTER)
        with full():
            said: dict[str, Any] = {"error": outcome(lambda: opened.update([articles]))}
            said["then"] = told(opened, BEFORE)
            said["chroma"] = opened._ledger.meta("edition") != edition
            said["left"] = len(leftovers(folder / "articles.index", but=_name(opened)))
            opened.close()
            with Index(settings) as again:
                said["again"] = told(again, BEFORE)
            new = settings.model_copy(update={"index": folder / "new.index"})
            said["new"] = outcome(lambda: Index(new, create=True).close())
        opened.update([articles])
        said["at last"] = told(opened, AFTER)
        said["chroma at last"] = opened._ledger.meta("edition") != edition
    return said


def _name(opened: Index) -> str:
    edition = Edition.read(opened._ledger.meta("edition"))
    return edition.name if edition else ""


def grow(folder: Path, rooms: list[int]) -> None:
    """Add ten vectors to an edition of a thousand, whose graph then needs ten times 1,676 bytes more."""
    vectors = np.random.default_rng(0).normal(size=(1010, 384)).astype(np.float32)

    def pages(after: int, most: int) -> Any:
        numbers = list(range(after + 1, min(len(vectors), after + most) + 1))
        return numbers, vectors[after : after + len(numbers)]

    base = write_edition(folder, 1, lambda after, most: pages(after, min(most, 1000 - after)), total=1000)
    for room in rooms:
        with limited(folder, max(base.files.values()) + room):
            error = outcome(lambda: extend_edition(folder, base, pages, gone=[]))
        left = [path.name for path in leftovers(folder, but=base.name)]
        sys.stdout.write(json.dumps({"room": room, "error": error, "left": left}) + "\n")
        delete_editions(folder, but=base.name)


def main(folder: Path, how: str, rooms: list[int]) -> None:
    """Try each amount of room in a new index."""
    if how == "graph":
        grow(folder, rooms)
        return
    index.publish._BEHIND_CHUNKS = 0  # type: ignore[misc]
    index.store.load_embedder = lambda _: moving.ToyEmbedder()  # type: ignore[assignment, return-value]
    room_of = {"limit": limited, "disk": filled}[how]
    for room in rooms:
        with tempfile.TemporaryDirectory(dir=folder) as own, tempfile.TemporaryDirectory() as scratch:
            said = attempt(Path(own), Path(scratch), lambda room=room: room_of(folder, room))
            sys.stdout.write(json.dumps({"room": room} | said) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], [int(room) for room in sys.argv[3:]])
