"""Two indexers share articles out among them on servers, and one is killed, while a client asks.

`python -m tests.bench.together_servers --data FOLDER --articles 2000`: FOLDER holds RealTime QA's questions and
articles of 2024. The indexers are two `qa index` of the same file. A question has failed when it raises, and is wrong
when a passage is not, to the letter, in the article as it stands in the file.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index.settings import IndexSettings
from index.store import Index
from tests.bench.corpus import news
from tests.servers import servers

ROOT = Path(__file__).parent.parent.parent
YEAR = 2024
_PAUSE = 0.1


@dataclass(slots=True)
class Asked:
    """What became of the questions."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    found: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description="Two indexers, one of them killed, and a client, on servers.")
    parser.add_argument(
        "--data", type=Path, required=True, help="the folder with questions-2024.jsonl and its articles"
    )
    parser.add_argument("--articles", type=int, default=2000, help="(default: %(default)s)")
    parser.add_argument("--kill-at", type=float, default=0.3, help="with this share stored (default: %(default)s)")
    options = parser.parse_args()
    corpus = news(options.data, YEAR, articles=options.articles, questions=200)
    with tempfile.TemporaryDirectory() as scratch, servers() as running:
        corpus.save(Path(scratch, "articles.jsonl"))
        url = running.schema("bench_together")
        settings = IndexSettings.build(index=Path(scratch, "none"), database_url=url, chroma_url=running.chroma.url)
        with Index(settings, create=True) as index:
            index.search("warm-up")
            started = time.perf_counter()
            indexers = [_indexer(Path(scratch, "articles.jsonl"), url, running.chroma.url) for _ in range(2)]
            asked, killed_at = _ask(index, indexers, corpus.questions, corpus.articles, options.kill_at)
            seconds = time.perf_counter() - started
            _show(index, indexers[0], asked, killed_at, seconds, len(corpus.articles))


def _indexer(articles: Path, url: str, chroma: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "ignore", "-m", "qa", "index", str(articles), "--json", "--threads", "1"]
    command += ["--database-url", url, "--chroma-url", chroma]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _ask(
    index: Index,
    indexers: Sequence[subprocess.Popen[str]],
    questions: Sequence[dict[str, Any]],
    articles: Sequence[dict[str, Any]],
    kill_at: float,
) -> tuple[Asked, int]:
    """Ask until the first of the indexers is done, and kill the second in between."""
    asked, killed_at = Asked(), 0
    urls = {article["url"] for article in articles}
    number = 0
    while indexers[0].poll() is None:
        question = questions[number % len(questions)]["question"]
        number += 1
        begun = time.perf_counter()
        try:
            passages = index.search(question)
        except Exception as error:
            asked.failed.append(repr(error))
            continue
        asked.seconds.append(time.perf_counter() - begun)
        asked.found += bool(passages)
        for passage in passages:
            article = index.article(passage.article.id)
            verbatim = article is not None and article.text[passage.start : passage.end] == passage.text
            if not verbatim or passage.article.url not in urls:
                asked.wrong.append(passage.article.id)
        stored = index.counts()[0]
        if not killed_at and stored >= kill_at * len(articles):
            indexers[1].kill()
            indexers[1].wait()
            killed_at = stored
        time.sleep(_PAUSE)
    return asked, killed_at


def _show(index: Index, first: subprocess.Popen[str], asked: Asked, killed_at: int, seconds: float, given: int) -> None:
    report = json.loads(first.communicate()[0])
    articles, chunks = index.counts()
    versions = sum(len(index.versions(article.id)) for article in index.articles())
    milliseconds = [1e3 * second for second in asked.seconds]
    print(
        f"{given} articles given, {articles} stored ({chunks} chunks) in {seconds:.0f} s; {len(report['failed'])} bad"
    )
    print(f"the second indexer was killed with {killed_at} stored; the first stored {report['added']} of all")
    print(f"stored more than once: {versions + report['changed']}; the doctor finds: {index.examine() or 'nothing'}")
    print(
        f"{len(asked.seconds)} questions asked meanwhile, {asked.found} with passages; {len(asked.failed)} failed,"
        f" {len(asked.wrong)} passages wrong; p50 {statistics.median(milliseconds):.0f} ms,"
        f" p95 {statistics.quantiles(milliseconds, n=20)[-1]:.0f} ms"
    )
    for error in asked.failed[:5]:
        print(f"  {error}")


if __name__ == "__main__":
    main()
