"""Indexers to be killed: `python -m tests.index.crashing` forks one for each line it reads, and tells how it ended.

Forked by a process that has imported everything but runs no thread, an indexer is there within milliseconds.
"""

import importlib
import json
import mmap
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import index.build
import index.publish
import index.store
from index.settings import IndexSettings
from index.store import Index
from tests.index import moving

PLACE_BYTES = 80
_PACKAGE = str(Path(index.store.__file__).parent)
# Imported before any fork; by itself, this project does so only when it comes to use them.
_USED = ("chromadb.api.rust", "filelock", "index.loaders", "numpy.random", "rensa", "sentencex")
_WATCHED = {
    "build",
    "database",
    "dense",
    "folder",
    "ledger",
    "lock",
    "publish",
    "scan",
    "schema",
    "spool",
    "store",
    "tail",
    "vectors",
}


def say(**what: Any) -> None:
    """Tell the test: one line, written at once."""
    os.write(1, json.dumps(what).encode() + b"\n")


def eager() -> None:
    """Commit every few chunks and let Chroma follow every change, so that there is much to cut short."""
    index.build._COMMIT_CHUNKS = 6  # type: ignore[misc]
    index.publish._BEHIND_CHUNKS = 0  # type: ignore[misc]


def run(job: dict[str, Any]) -> None:
    """Change the articles and the index, step by step, and tell before and after each."""
    eager()
    if job["toy"]:
        index.store.load_embedder = lambda _: moving.ToyEmbedder()  # type: ignore[assignment, return-value]
    chance = random.Random(job["seed"])
    folder, versions = Path(job["folder"]), moving.read(Path(job["folder"]))
    with Index(IndexSettings.build(index=Path(job["index"]), threads=1), create=True) as opened:
        if not job["toy"]:
            opened.embedder.embed_query("warm-up")
        for _ in range(job["steps"]):
            before, versions = versions, moving.moved(versions, chance)
            what = chance.choices(["update", "remove", "rebuild"], [6, 1, 1])[0]
            if what == "remove":
                versions = {name: version for name, version in before.items() if name in versions}
            elif what == "rebuild":
                versions = before
            say(begun=versions)
            moving.write(folder, versions)
            if what == "update":
                opened.update([folder])
            elif what == "remove":
                opened.remove([article.id for article in opened.articles() if Path(article.path).stem not in versions])
            else:
                opened.rebuild()
            say(done=versions)


class Watch:
    """Notes at which line of the index's modules a process is, and may end it there."""

    def __init__(self, place: Path, *, die: tuple[str, int] | None) -> None:
        with place.open("r+b") as file:
            self._place = mmap.mmap(file.fileno(), PLACE_BYTES)
        self._die = die
        self.lines: Counter[str] = Counter()

    def __call__(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        """Called by Python for each call, and then for each line of those that are watched."""
        path, _, module = frame.f_code.co_filename.rpartition("/")
        if path != _PACKAGE or module.removesuffix(".py") not in _WATCHED:
            return None
        if event == "line":
            at = f"{module}:{frame.f_lineno} {frame.f_code.co_qualname.partition('.<locals>')[0]}"
            self.lines[at] += 1
            self._place[:] = at.encode().ljust(PLACE_BYTES)
            if self._die == (at, self.lines[at]):
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def serve() -> None:
    """Fork an indexer for each job that comes."""
    for module in _USED:
        importlib.import_module(module)
    for line in sys.stdin:
        job = json.loads(line)
        pid = os.fork()
        if pid:
            say(ended=_end_of(pid, job["kill_after"]))
            continue
        watch = Watch(Path(job["place"]), die=tuple(job["die"]) if job["die"] else None)
        sys.settrace(watch)
        try:
            run(job)
        except BaseException as error:
            say(failed=repr(error))
            raise
        finally:
            sys.settrace(None)
            say(lines=watch.lines)
            os._exit(0)


def _end_of(pid: int, kill_after: float | None) -> int:
    """Wait for an indexer, and kill it when it lives for so many seconds."""
    deadline = time.monotonic() + kill_after if kill_after else None
    while not (ended := os.waitpid(pid, os.WNOHANG if deadline else 0))[0]:
        if deadline and time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            deadline = None
        time.sleep(0.001)
    return os.waitstatus_to_exitcode(ended[1])


if __name__ == "__main__":
    serve()
