"""One index in a folder and on servers, side by side: `python -m tests.bench.servers --data FOLDER`.

FOLDER holds RealTime QA's questions and articles of 2024. The articles are embedded once, in a folder, and moved to
PostgreSQL and a Chroma server by a backup. With `--chunks N`, the same is measured on indexes of N made chunks, as in
`tests.bench.scale`, on servers alone. The servers are started on loopback and stopped.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.protocols import AnyLedger
from index.settings import IndexSettings
from index.store import Index
from tests.bench.corpus import holds, news
from tests.bench.scale import Pool, made_articles, pool_of
from tests.servers import Servers, servers

YEAR = 2024
_BATCH = 25


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure an index in a folder and on servers.")
    parser.add_argument(
        "--data", type=Path, required=True, help="the folder with questions-2024.jsonl and its articles"
    )
    parser.add_argument("--articles", type=int, default=500, help="real articles (default: %(default)s)")
    parser.add_argument("--questions", type=int, default=200, help="(default: %(default)s)")
    parser.add_argument("--chunks", type=int, nargs="*", default=[], help="made chunks, on servers")
    parser.add_argument("--index", type=Path, help="an index of these articles that was made before, or is to be kept")
    options = parser.parse_args()
    corpus = news(options.data, YEAR, articles=options.articles, questions=options.questions)
    with tempfile.TemporaryDirectory() as scratch, servers() as running:
        folder = Path(scratch)
        corpus.save(folder / "articles.jsonl")
        embedded = IndexSettings.build(index=options.index or folder / "articles.index")
        with Index(embedded, create=True) as index:
            report = index.update([folder / "articles.jsonl"])
            print(f"{report.added} articles, {report.chunks_embedded} chunks, embedded in {report.seconds:.0f} s")
            index.export(folder / "backup.jsonl.gz")
            _show("in a folder", measure(index, corpus.questions))
            pool = pool_of(index._ledger)
        with Index(_settings(running, "real", folder), create=True) as index:
            report = index.restore(folder / "backup.jsonl.gz")
            print(f"moved to servers in {report.seconds:.0f} s, {report.chunks_embedded} chunks embedded")
            _show("on servers", measure(index, corpus.questions))
        for size in options.chunks:
            _fill(running, folder, pool, size, corpus.questions)


def _settings(running: Servers, name: str, folder: Path) -> IndexSettings:
    return IndexSettings.build(
        index=folder / name, database_url=running.schema(f"bench_{name}"), chroma_url=running.chroma.url
    )


def measure(index: Index, questions: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Answer recall at 1, 5 and 10, and the milliseconds of a search."""
    index.search(questions[0]["question"])
    hits, times = [], []
    for question in questions:
        started = time.perf_counter()
        texts = [passage.text for passage in index.search(question["question"])]
        times.append(1e3 * (time.perf_counter() - started))
        hits.append([holds(" ".join(texts[:k]), question["answers"]) for k in (1, 5, 10)])
    recall = [statistics.mean(column) for column in zip(*hits, strict=True)]
    return {
        **{f"answer recall@{k}": value for k, value in zip((1, 5, 10), recall, strict=True)},
        "search p50, ms": statistics.median(times),
        "p95": statistics.quantiles(times, n=20)[-1],
    }


def _show(name: str, figures: dict[str, float]) -> None:
    shown = ", ".join(
        f"{what} {figure:.3f}" if "recall" in what else f"{what} {figure:.1f}" for what, figure in figures.items()
    )
    print(f"{name}: {shown}", flush=True)


def _fill(running: Servers, folder: Path, pool: Pool, size: int, questions: Sequence[dict[str, Any]]) -> None:
    """Fill an index on servers with made chunks, and search it."""
    with Index(_settings(running, f"made{size}", folder), create=True) as index:
        ledger: AnyLedger = index._ledger
        ledger.note(fingerprint=index.embedder.fingerprint)
        made = made_articles(pool, size)
        started = time.perf_counter()
        while batch := list(itertools.islice(made, _BATCH)):
            ledger.replace(batch)
            index._vectors.keep_up()
        index._vectors.publish()
        seconds = time.perf_counter() - started
        articles, chunks = index.counts()
        ((size_on_disk,),) = running.postgres.execute("SELECT pg_database_size(current_database())")
        chroma = sum(file.stat().st_size for file in running.chroma.folder.rglob("*") if file.is_file())
        print(
            f"{articles} made articles, {chunks} chunks: {chunks / seconds:.0f} stored a second; PostgreSQL"
            f" {int(str(size_on_disk)) / 1e6:.0f} MB, Chroma {chroma / 1e6:.0f} MB, all indexes so far together;"
            f" memory of Chroma {_memory(running):.0f} MB"
        )
        _show(f"on servers, {chunks} made chunks", measure(index, questions))


def _memory(running: Servers) -> float:
    assert running.chroma.process is not None
    status = Path(f"/proc/{running.chroma.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1e3


if __name__ == "__main__":
    main()
