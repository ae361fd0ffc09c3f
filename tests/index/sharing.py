"""One of several indexers: `python -m tests.index.sharing DATABASE_URL CHROMA_URL FOLDER LOG SECONDS`.

Indexes FOLDER without a model, each article in a transaction of its own that takes SECONDS to embed, and writes the
name of each article into LOG as it is embedded.
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import index.postgres.work
import index.store
from index import build
from index.settings import IndexSettings
from index.store import Index
from tests.index import moving

LEASE = 1.5


class SlowEmbedder(moving.ToyEmbedder):
    """An embedder that says what it embeds, and takes its time."""

    def __init__(self, log: Path, seconds: float) -> None:
        self._log = log
        self._seconds = seconds

    def embed(self, texts: Sequence[str], *, advance: Callable[[int], None] | None = None) -> Any:
        """Vectors of texts, those of one article."""
        time.sleep(self._seconds)
        with self._log.open("a") as file:
            file.write(texts[0].partition("\n")[0] + "\n")
        return super().embed(texts, advance=advance)


def main(database_url: str, chroma_url: str, folder: Path, log: Path, seconds: float) -> None:
    index.postgres.work._LEASE = LEASE
    index.postgres.work._TAKEN_AT_ONCE = 3
    build._COMMIT_CHUNKS = 1
    embedder = SlowEmbedder(log, seconds)
    index.store.load_embedder = lambda _: embedder  # type: ignore[assignment, return-value]
    settings = IndexSettings.build(index=Path("none"), database_url=database_url, chroma_url=chroma_url)
    with Index(settings, create=True) as opened:
        _say("ready")
        sys.stdin.readline()
        report = opened.update([folder])
        _say(report.added)


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), float(sys.argv[5]))
