"""`make bench DATA=FOLDER`: the README's tables. FOLDER holds news questions and articles; see `corpus.news`."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.corpus import Corpus, news

ROOT = Path(__file__).parent.parent.parent
SEEDS = [
    "Who did Lukashenko ask for help?",
    "Why did the Lady Maren sink?",
    "How many people were aboard the Lady Isolde?",
    "When did Pompeo go to Minsk?",
    "Where did the Lady Isolde run aground?",
    "Who is the president of France?",
] * 10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with questions-2024.jsonl and articles-2024.jsonl.gz")
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--questions", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _start_up(Path(folder))
        if options.data:
            corpus = news(options.data, 2024, articles=options.articles, questions=options.questions)
            _indexing(Path(folder), corpus)
        else:
            print("\nno --data given: indexing and retrieval were not measured")


def _start_up(folder: Path) -> None:
    _run("-m", "qa", "index", str(ROOT / "seeds"), "--index", str(folder / "ours.index"))
    question = ("ask", SEEDS[0], "--index", str(folder / "ours.index"))
    (folder / "questions.json").write_text(json.dumps([{"question": q, "answers": []} for q in SEEDS]))
    (folder / "articles.jsonl").touch()
    warm = _worker("answering", folder)
    print("\n| on the seeds | |\n|---|---|")
    print(f"| `import qa` | {_seconds('-c', 'import qa') - _seconds('-c', 'pass'):.2f} s |")
    print(f"| `qa ask`, a new process | {_seconds('-m', 'qa', *question):.2f} s |")
    print(f"| a question in an open session, p50 / p95 | {warm['p50']:.0f} / {warm['p95']:.0f} ms |")
    counts = _worker("seeds", folder)
    asked = ", ".join(f"{counts[what]} {what}" for what in ("right", "wrong", "silent"))
    print(f"| questions they answer | {asked} |")
    print(f"| questions they do not | {counts['rightly silent']} not answered, {counts['falsely answered']} answered |")
    print(f"| peak memory of that session | {warm['peak_mb']:.0f} MB |")


def _indexing(root: Path, corpus: Corpus) -> None:
    folder = root / "news"
    folder.mkdir()
    corpus.save(folder / "articles.jsonl")
    (folder / "questions.json").write_text(json.dumps(corpus.questions))
    ours, plain, txtai = _worker("ours", folder), _worker("plain", folder), _worker("txtai", folder)
    warm, close = _worker("answering", folder), _worker("agreement", folder)
    count = len(corpus.articles)
    systems = (ours, plain, txtai)
    rows = [
        ("articles a second", [count / one["seconds"] for one in systems], ".1f"),
        ("chunks a second", [one["chunks"] / one["seconds"] for one in systems], ".1f"),
        ("chunks", [one["chunks"] for one in systems], ",.0f"),
        ("peak memory, MB", [one["peak_mb"] for one in systems], ",.0f"),
        *((f"answer recall@{k}", [one["recall"][k] for one in systems], ".3f") for k in ("1", "5", "10")),
        ("characters in ten passages", [one["characters"] for one in systems], ",.0f"),
        ("search p50, ms", [one["search_ms"] for one in systems], ".1f"),
    ]
    head = f"{count} news articles, {len(corpus.questions)} questions"
    print(f"\n| {head} | article-qa | plain recipe | txtai | ratio to plain |")
    print("|---|---|---|---|---|")
    for name, figures, form in rows:
        shown = " | ".join(f"{figure:{form}}" for figure in figures)
        print(f"| {name} | {shown} | {figures[0] / figures[1]:.2f} |")
    print(f"\nIndexing the same articles again: {ours['again_seconds']:.1f} s, nothing embedded.")
    print(f"A question on this index, p50 / p95: {warm['p50']:.0f} / {warm['p95']:.0f} ms.")
    print(
        f"Compiled vectors against full precision: cosine {close['mean']:.4f} on average, {close['least']:.4f} at"
        f" least; {close['overlap']:.1%} of the ten nearest are the same."
    )


def _worker(what: str, folder: Path) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(_run("-m", "tests.bench.workers", what, str(folder)).splitlines()[-1])
    return figures


def _seconds(*arguments: str, runs: int = 5) -> float:
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        _run(*arguments)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def _run(*arguments: str) -> str:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
