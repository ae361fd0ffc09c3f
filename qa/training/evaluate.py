"""Evaluate the reader: `python -m qa.training.evaluate --examples held-out.jsonl.gz [--model qa/models]`.

Prints the figures that SQuAD 2.0 is measured by (Rajpurkar et al., 2018), each passage read by itself, and how well
the reader tells whether a passage says.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.evaluation.calibration import auc
from qa.evaluation.scores import exact_match, f1
from qa.network import MODELS, SpanNetwork
from qa.spans import best_pairs
from qa.training.examples import Example, read_examples

_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Guess:
    """The reader's best span of a passage, and how much rather it is right than that there is none."""

    text: str
    score: float
    em: float
    f1: float
    answerable: bool


def guesses(examples: Sequence[Example], network: SpanNetwork) -> list[Guess]:
    """Read each example's passage for its question."""
    found = []
    for example in examples:
        scored = network.read(example.question, [(example.title, example.passage)])[0]
        golds = example.answers
        for first, last, score in best_pairs(scored.start, scored.end)[:1]:
            text = example.passage[scored.places[first][0] : scored.places[last][1]]
            margin = score - scored.nothing + scored.says
            found.append(Guess(text, margin, exact_match(text, golds), f1(text, golds), bool(golds)))
    return found


def figures(found: Sequence[Guess]) -> dict[str, float]:
    """EM and F1 in percent over all at the best threshold and over the answerable, and the answerability's AUC."""
    answerable = [guess for guess in found if guess.answerable]
    em, f = _at_best_threshold(found)
    return {
        "questions": len(found),
        "answerable": len(answerable),
        "em_best_threshold": em,
        "f1_best_threshold": f,
        "em_answerable": 100 * sum(guess.em for guess in answerable) / len(answerable),
        "f1_answerable": 100 * sum(guess.f1 for guess in answerable) / len(answerable),
        "answerability_auc": auc((guess.score, guess.answerable) for guess in found) or 0.0,
    }


def _at_best_threshold(found: Sequence[Guess]) -> tuple[float, float]:
    """EM and F1 when only the highest scores are answered, as many as is best for F1."""
    em = f = best_em = best_f = float(sum(not guess.answerable for guess in found))
    for guess in sorted(found, key=lambda guess: -guess.score):
        em += guess.em if guess.answerable else -1
        f += guess.f1 if guess.answerable else -1
        if f > best_f:
            best_em, best_f = em, f
    return 100 * best_em / len(found), 100 * best_f / len(found)


def main() -> None:
    parser = argparse.ArgumentParser(description="Evaluate the reader on examples.")
    parser.add_argument("--examples", type=Path, required=True, help="held-out.jsonl.gz, made by qa.training.prepare")
    parser.add_argument("--model", type=Path, default=MODELS, help="exported files (default: the package's own)")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    found = guesses(read_examples(options.examples), SpanNetwork(options.model, threads=options.threads))
    print(json.dumps({name: round(value, 3) for name, value in figures(found).items()}, indent=1))


if __name__ == "__main__":
    main()
