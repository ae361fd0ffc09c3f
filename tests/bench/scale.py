"""How the index grows: `python -m tests.bench.scale --data FOLDER [--plot PNG]`.

FOLDER holds RealTime QA's questions and articles of 2024. Real articles are indexed until there are enough chunks to
draw from; larger indexes are filled with articles whose chunks are drawn from those, their vectors turned a little.
So the time to fill one is that of storing, without embedding, which `tests.bench` measures.
"""

import argparse
import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.article import Article, Chunk
from index.folder import LEDGER
from index.ledger import Ledger
from index.protocols import AnyLedger
from index.publish import publish
from index.settings import IndexSettings
from index.store import Index
from tests.bench.corpus import news

YEAR = 2024
SIZES = (1_000, 10_000, 100_000, 300_000)
_CHUNKS_PER_ARTICLE = 20
_NOISE = 0.015
_BATCH = 50


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the index at several sizes.")
    parser.add_argument(
        "--data", type=Path, required=True, help="the folder with questions-2024.jsonl and its articles"
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of chunks (default: %(default)s)")
    parser.add_argument("--articles", type=int, default=800, help="real articles to draw from (default: %(default)s)")
    parser.add_argument("--plot", metavar="PNG", type=Path, help="draw the curves")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        rows = list(measure(Path(scratch), options.data, options.sizes, options.articles))
    if options.plot:
        from tests.bench.curves import draw

        draw(rows, options.plot)


def measure(scratch: Path, data: Path, sizes: Sequence[int], articles: int) -> Iterator[dict[str, float]]:
    """A row of figures for each size, printed as it comes."""
    corpus = news(data, YEAR, articles=articles, questions=200)
    corpus.save(scratch / "articles.jsonl")
    (scratch / "questions.json").write_text(json.dumps(corpus.questions))
    with Index(IndexSettings.build(index=scratch / "pool"), create=True) as index:
        report = index.update([scratch / "articles.jsonl"])
        pool = pool_of(index._ledger)
    print(f"{report.added} real articles, {len(pool):,} chunks, embedded in {report.seconds:.0f} s\n")
    head = "chunks|articles|stored a second|disk, MB|disk / text|first answer, s|search p50, ms|p95|question p50, ms"
    head += "|memory, MB|one article added p50, s|slowest"
    print("|", " | ".join(head.split("|")), "|")
    print("|" + "---|" * len(head.split("|")), flush=True)
    for size in sizes:
        row = _row(scratch, pool, size)
        shown = [f"{value:,.0f}" if value >= 20 else f"{value:.2f}" for value in row.values()]
        print("|", " | ".join(shown), "|", flush=True)
        yield row


Pool = list[tuple[str, "np.ndarray[Any, np.dtype[np.float32]]"]]


def pool_of(ledger: AnyLedger) -> Pool:
    """Real chunks and their vectors."""
    texts = {article.id: article.text for article in ledger.articles()}
    stored = ledger.chunks(ledger.all_numbers())
    return [(texts[chunk.article_id][chunk.start : chunk.end], vector) for chunk, vector in stored.values()]


def _row(scratch: Path, pool: Pool, size: int) -> dict[str, float]:
    folder = scratch / f"{size}.index"
    with Index(IndexSettings.build(index=folder), create=True) as index:
        fingerprint = index.embedder.fingerprint
    ledger = Ledger(folder / LEDGER)
    ledger.note(fingerprint=fingerprint)
    made = made_articles(pool, size)
    started = time.perf_counter()
    characters = 0
    while batch := list(itertools.islice(made, _BATCH)):
        ledger.replace(batch)
        characters += sum(len(article.text.encode()) for article, _ in batch)
    publish(folder, ledger)
    seconds = time.perf_counter() - started
    articles, chunks = ledger.counts()
    ledger.close()
    disk = sum(file.stat().st_size for file in folder.rglob("*"))
    command = [sys.executable, "-m", "tests.bench.workers", "serving", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    served = json.loads(done.stdout.splitlines()[-1])
    return {
        "chunks": chunks,
        "articles": articles,
        "stored": chunks / seconds,
        "disk": disk / 1e6,
        "ratio": disk / characters,
        "first": served["first"],
        "search_p50": served["search_p50"],
        "search_p95": served["search_p95"],
        "answer_p50": served["answer_p50"],
        "memory": served["peak_mb"],
        "add_p50": served["add_p50"],
        "add_max": served["add_max"],
    }


def made_articles(pool: Pool, size: int) -> Iterator[tuple[Article, list[tuple[Chunk, Any]]]]:
    """Articles of real chunks, until there are `size` of them."""
    rng, noise = random.Random(0), np.random.default_rng(0)
    for number in range(-(-size // _CHUNKS_PER_ARTICLE)):
        drawn = rng.sample(pool, min(_CHUNKS_PER_ARTICLE, size - number * _CHUNKS_PER_ARTICLE))
        text, chunks = "", []
        for passage, vector in drawn:
            start = len(text)
            text += passage + "\n"
            turned = vector + noise.normal(scale=_NOISE, size=vector.shape).astype(np.float32)
            chunks.append((Chunk(f"made-{number}", start, start + len(passage)), turned / np.linalg.norm(turned)))
        yield Article(f"made-{number}", text.rstrip("\n"), f"Made article {number}"), chunks


if __name__ == "__main__":
    main()
