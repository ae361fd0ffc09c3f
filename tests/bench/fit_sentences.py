"""How the weights of the sentence reader were fitted.

`python -m tests.bench.fit_sentences INDEX QUESTIONS.jsonl [INDEX QUESTIONS.jsonl ...]`

Each index is asked its own questions, and the next one's, which it cannot answer. A first logistic regression
ranks the sentences of all questions with an even number; a second one (Platt scaling) turns the rank of each
question's best sentence into the probability that it holds the answer. Questions with an odd number are measured.
Needs scikit-learn, which comes with sentence-transformers.
"""

import json
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from index.settings import IndexSettings
from index.store import Index
from qa.candidates import Features, candidates
from tests.bench.corpus import holds

QUESTIONS = 800
Rows = tuple[NDArray[Any], NDArray[Any]]
"""The features of a question's sentences `[n, features]`, and which of them hold the answer `[n]`."""


def main(arguments: list[str]) -> None:
    """Fit and print."""
    indexes, files = [Path(name) for name in arguments[::2]], [Path(name) for name in arguments[1::2]]
    asked = [_questions(file) for file in files]
    sets = [_rows(index, questions) for index, questions in zip(indexes, asked, strict=True)]
    for number, index in enumerate(indexes):
        foreign = [question | {"answers": []} for question in asked[(number + 1) % len(asked)][: QUESTIONS // 2]]
        sets.append(_rows(index, foreign))

    own = [row for rows in sets[: len(indexes)] for row in rows[::2]]
    ranker = _fit(np.vstack([x for x, _ in own]), np.concatenate([y for _, y in own]))
    tops = [[_top(ranker, *row) for row in rows] for rows in sets]
    even = [top for rows in tops for top in rows[::2]]
    weights = [1 / len(rows) for rows in tops for _ in rows[::2]]
    platt = _fit(np.array([[rank] for rank, _ in even]), np.array([right for _, right in even]), weights)
    scale, shift = float(platt.coef_[0][0]), float(platt.intercept_[0])
    constant = scale * float(ranker.intercept_[0]) + shift
    print("WEIGHTS =", Features(*(round(float(weight), 2) for weight in scale * ranker.coef_[0])))
    print("CONSTANT =", round(constant, 2))

    names = [*(f"{file.name} asked of {index.name}" for index, file in zip(indexes, files, strict=True))]
    names += [f"what {index.name} cannot answer" for index in indexes]
    print("\n| odd questions | right | mean probability | AUC | answered at 0.2 | 0.3 | 0.4 |")
    print("|---|---|---|---|---|---|---|")
    for name, rows in zip(names, tops, strict=True):
        right = np.array([right for _, right in rows[1::2]])
        sure = platt.predict_proba(np.array([[rank] for rank, _ in rows[1::2]]))[:, 1]
        auc = f"{roc_auc_score(right, sure):.3f}" if len(set(right)) > 1 else "-"
        shares = " | ".join(f"{(sure >= least).mean():.2f}" for least in (0.2, 0.3, 0.4))
        print(f"| {name} | {right.mean():.3f} | {sure.mean():.3f} | {auc} | {shares} |")


def _questions(file: Path) -> list[dict[str, Any]]:
    questions = [json.loads(line) for line in file.read_text().splitlines()]
    random.Random(0).shuffle(questions)
    return questions[:QUESTIONS]


def _rows(folder: Path, questions: list[dict[str, Any]]) -> list[Rows]:
    rows: list[Rows] = []
    with Index(IndexSettings.build(index=folder)) as index:
        for question in questions:
            passages = index.search(question["question"])
            found = candidates(question["question"], passages, index.embedder.embed)
            right = [holds(candidate.text, question["answers"]) for candidate in found]
            rows.append((np.array([candidate.features for candidate in found]), np.array(right)))
    return rows


def _fit(x: NDArray[Any], y: NDArray[Any], weights: list[float] | None = None) -> LogisticRegression:
    scaled = np.array(weights) * len(y) / sum(weights) if weights else None
    return LogisticRegression(C=10, max_iter=2000).fit(x, y, sample_weight=scaled)


def _top(ranker: LogisticRegression, features: NDArray[Any], right: NDArray[Any]) -> tuple[float, bool]:
    ranks = ranker.decision_function(features)
    return float(ranks.max()), bool(right[ranks.argmax()])


if __name__ == "__main__":
    main(sys.argv[1:])
