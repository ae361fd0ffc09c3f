"""How `index.search._DENSE_WEIGHT` was fitted: `python -m tests.bench.fusion INDEX QUESTIONS.jsonl`."""

import argparse
import json
import statistics
from pathlib import Path

import index.search
from index.settings import IndexSettings
from index.store import Index
from tests.bench.corpus import holds


def main() -> None:
    """Print answer recall for a range of weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--limit", type=int, default=300)
    options = parser.parse_args()
    asked = [json.loads(line) for line in options.questions.read_text().splitlines()]
    asked = [question for question in asked if question["answer_in_articles"]][: options.limit]
    print(f"{len(asked)} questions\n| dense weight | recall@1 | @5 | @10 | @20 |\n|---|---|---|---|---|")
    with Index(IndexSettings.build(index=options.index)) as opened:
        for weight in (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0):
            index.search._DENSE_WEIGHT = weight
            hits = []
            for question in asked:
                texts = [passage.text for passage in opened.search(question["question"], limit=20)]
                hits.append([holds(" ".join(texts[:k]), question["answers"]) for k in (1, 5, 10, 20)])
            recall = [statistics.mean(column) for column in zip(*hits, strict=True)]
            print(f"| {weight} | " + " | ".join(f"{value:.3f}" for value in recall) + " |", flush=True)


if __name__ == "__main__":
    main()
