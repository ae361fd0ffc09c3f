"""Prepare examples: `python -m qa.training.prepare --data FOLDER --out FOLDER`.

Reads the public sets in FOLDER (`reading/` and `realtimeqa/`, see `qa/models/README.md`), writes
`train.jsonl.gz` and `held-out.jsonl.gz`, and the latter also as `held-out-articles.jsonl` and
`held-out-questions.jsonl`, for `qa eval`. The same seed gives the same examples.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from index.chunking import chunk_spans
from index.sentences import sentence_spans
from qa.training.examples import Example, write_examples
from qa.training.mislead import mislead
from qa.training.natural import natural_examples
from qa.training.news import Cut, news_examples
from qa.training.qamr import qamr_examples
from qa.training.squad import squad_examples

YEARS = (2022, 2023)
"""The years of news that are trained on; 2024 is kept to measure with."""

_CHUNK_TOKENS = 254

# How many of a set's answerable questions are turned into misleading ones, and get another passage.
_MISLEADING = {"squad": 0.6, "wiki": 0.6, "reddit": 0.1, "amazon": 0.1, "qamr": 0.3, "natural": 0.6, "news": 0.5}
_ELSEWHERE = 0.12

# Sets that are gone through more than once, each time with other misleading questions.
_TIMES = {"squad": 2, "natural": 2, "news": 2}

# How many examples go without their title. With it always there, the reader learns to name whom the title is about.
_UNTITLED = 0.25

# What is least like news is read in short: sentences around the answer, at most so many characters.
_SHORT, _SHORT_CHARS = {"reddit", "amazon"}, 450


def prepare(data: Path, out: Path, *, seed: int = 0) -> Counter[str]:
    """Write the examples; how many each set gave is returned."""
    rng = random.Random(seed)
    reading = data / "reading"
    held_out = list(squad_examples(reading / "squad2-dev-half.json.gz", "squad", held_out=True))
    passages = {example.passage for example in held_out}
    originals = [_shortened(example, rng) for example in _all(data, rng) if example.passage not in passages]
    originals = [example for example in originals for _ in range(_TIMES.get(example.source, 1))]
    examples = [*originals, *_misleading(originals, rng), *_elsewhere(originals, rng)]
    examples = [replace(example, title="") if rng.random() < _UNTITLED else example for example in examples]
    rng.shuffle(examples)
    write_examples(out / "train.jsonl.gz", examples)
    write_examples(out / "held-out.jsonl.gz", held_out)
    _write_for_eval(held_out, out)
    return Counter(f"{example.source} {'says' if example.spans else 'silent'}" for example in examples)


def _write_for_eval(examples: list[Example], out: Path) -> None:
    """Write examples as the articles and questions that `qa eval` reads: passages of one title make an article."""
    texts: dict[str, dict[str, None]] = {}
    for example in examples:
        texts.setdefault(example.title, {})[example.passage] = None
    urls = {title: f"https://en.wikipedia.org/wiki/{title.replace(' ', '_')}" for title in texts}
    with (out / "held-out-articles.jsonl").open("w", encoding="utf-8") as file:
        for title, passages in texts.items():
            file.write(json.dumps({"url": urls[title], "title": title, "text": "\n".join(passages)}) + "\n")
    with (out / "held-out-questions.jsonl").open("w", encoding="utf-8") as file:
        for example in examples:
            asked = {"question": example.question, "answers": example.answers, "articles": [urls[example.title]]}
            file.write(json.dumps(asked) + "\n")


def _all(data: Path, rng: random.Random) -> Iterator[Example]:
    reading = data / "reading"
    yield from squad_examples(reading / "squad2-dev-half.json.gz", "squad")
    yield from squad_examples(reading / "squad2-train-part.json.gz", "squad")
    yield from squad_examples(reading / "xquad-en.json.gz", "squad")
    for domain in ("wiki", "reddit", "amazon"):
        yield from squad_examples(reading / f"squadshifts-{domain}.json.gz", domain)
    yield from natural_examples(reading / "qed-dev.jsonl.gz")
    yield from qamr_examples(reading, rng)
    yield from news_examples(data / "realtimeqa", YEARS, _cutter())


def _cutter() -> Cut:
    """Cuts as the index does, with the packaged model's tokens."""
    from tokenizers import Tokenizer

    from index.compile import packaged_model

    tokenizer = Tokenizer.from_file(str(packaged_model() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def token_starts(text: str) -> list[int]:
        return [start for start, _ in tokenizer.encode(text, add_special_tokens=False).offsets]

    return lambda text: chunk_spans(text, budget=_CHUNK_TOKENS, token_starts=token_starts)


def _shortened(example: Example, rng: random.Random) -> Example:
    """The sentences around the first answer, as many as fit, in a window placed by lot."""
    if example.source not in _SHORT or not example.spans:
        return example
    first = example.spans[0]
    offset = rng.randint(0, max(0, _SHORT_CHARS - (first[1] - first[0])))
    sentences = sentence_spans(example.passage)
    inside = [s for s in sentences if s[1] > first[0] - offset and s[0] < first[0] - offset + _SHORT_CHARS]
    start, end = min(inside[0][0], first[0]), max(inside[-1][1], first[1])
    spans = tuple((s - start, e - start) for s, e in example.spans if s >= start and e <= end)
    return replace(example, passage=example.passage[start:end], spans=spans)


def _misleading(examples: list[Example], rng: random.Random) -> Iterator[Example]:
    for example in examples:
        if example.spans and rng.random() < _MISLEADING[example.source] and (made := mislead(example, rng)):
            yield made


def _elsewhere(examples: list[Example], rng: random.Random) -> Iterator[Example]:
    """Questions with another passage of the same article, or of the same set, that lacks the answer."""
    shelves: dict[tuple[str, str], list[str]] = {}
    for example in examples:
        shelves.setdefault((example.source, example.title), []).append(example.passage)
    for example in examples:
        if example.spans and example.source != "news" and rng.random() < _ELSEWHERE:
            other = rng.choice(shelves[example.source, example.title])
            if not any(answer.lower() in other.lower() for answer in example.answers):
                yield Example(f"{example.source}-else", example.question, other, example.title)


def main() -> None:
    parser = argparse.ArgumentParser(description="Prepare the reader's training examples.")
    parser.add_argument("--data", type=Path, required=True, help="the folder with reading/ and realtimeqa/")
    parser.add_argument("--out", type=Path, required=True, help="where the examples go")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for name, count in sorted(prepare(options.data, options.out, seed=options.seed).items()):
        print(f"{count:7,} {name}")


if __name__ == "__main__":
    main()
