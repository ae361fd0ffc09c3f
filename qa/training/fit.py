"""Fit how spans are weighed: `python -m qa.training.fit --questions FILE --index DIR [--limit N]`.

The index holds the questions' own articles, as `qa eval --own --index DIR` leaves it. Prints the weights for
`qa.groups`, and how well weights fitted on four fifths of the questions do on the fifth that they have not seen.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import torch
from tqdm import tqdm

from qa.evaluation.calibration import auc, bins, expected_calibration_error
from qa.evaluation.questions import Question, read_questions, sample
from qa.evaluation.scores import exact_match, f1
from qa.groups import NOTHING, WEIGHTS, Features, Group, probabilities
from qa.network import SpanNetwork
from qa.options import scope_of
from qa.question import is_broad
from qa.session import QA
from qa.span_reader import read_groups

_FOLDS = 5
_RIGHT = 0.5
_PENALTY = 0.001

# So many questions, and one of them is also put to the articles of another, which do not say.
_UNRELATED = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """A question's groups of spans: their features, and how right each is."""

    features: tuple[Features, ...]
    em: tuple[float, ...]
    f1: tuple[float, ...]

    @classmethod
    def of(cls, groups: Sequence[Group], golds: Sequence[str]) -> "Choice":
        """Compare each group's answer with the right ones."""
        answers = [group.text for group in groups]
        return cls(
            tuple(group.features for group in groups),
            tuple(exact_match(answer, golds) for answer in answers),
            tuple(f1(answer, golds) for answer in answers),
        )


def fit(choices: Sequence[Choice]) -> tuple[Features, float]:
    """The features' weights and the utility of there being no answer, by maximum likelihood.

    An answer is right if its F1 is at least a half; where several are, any of them is. A small penalty on the
    squares keeps weights that the questions say little of near zero.
    """
    rows, there, right = _tensors(choices)
    weights = torch.zeros(rows.shape[-1], requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        logs = (rows @ weights).masked_fill(~there, float("-inf")).log_softmax(1)
        loss = -logs.masked_fill(~right, float("-inf")).logsumexp(1).mean() + _PENALTY * weights[:-1].square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    *fitted, nothing = weights.tolist()
    return Features(*fitted), nothing


def _tensors(choices: Sequence[Choice]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Features `[questions, answers + 1, features + 1]`, which of these answers there are, and which are right.

    The last answer is that there is none.
    """
    width = max(len(choice.features) for choice in choices) + 1
    rows = torch.zeros(len(choices), width, len(Features._fields) + 1)
    there, right = (torch.zeros(len(choices), width, dtype=torch.bool) for _ in range(2))
    for number, choice in enumerate(choices):
        count = len(choice.features)
        if count:
            rows[number, :count, :-1] = torch.tensor(choice.features)
        rows[number, -1, -1] = 1
        there[number, :count] = there[number, -1] = True
        right[number, :count] = torch.tensor(choice.f1) >= _RIGHT
        right[number, -1] = not right[number, :count].any()
    return rows, there, right


def report(choices: Sequence[Choice], weighed: Sequence[tuple[Features, float]]) -> str:
    """How the choices come out, each by its own weights."""
    found = []
    for choice, (weights, nothing) in zip(choices, weighed, strict=True):
        chances = probabilities(choice.features, weights, nothing)
        best = max(range(len(chances)), key=chances.__getitem__, default=None)
        found.append((0.0, 0.0, 0.0) if best is None else (chances[best], choice.em[best], choice.f1[best]))
    right = [(confidence, f >= _RIGHT) for confidence, _, f in found]
    ceiling = mean(max(choice.f1, default=0.0) for choice in choices)
    return (
        f"EM {100 * mean(em for _, em, _ in found):.1f}, F1 {100 * mean(f for _, _, f in found):.1f}"
        f" (the best of all groups: {100 * ceiling:.1f}), calibration error"
        f" {expected_calibration_error(bins(right)):.3f}, AUC of right against wrong {auc(right):.3f}"
    )


def _cross_validated(choices: Sequence[Choice]) -> list[tuple[Features, float]]:
    """For each choice, weights that were fitted without it and its neighbours."""
    weighed = []
    for fold in range(_FOLDS):
        low, high = (len(choices) * number // _FOLDS for number in (fold, fold + 1))
        fitted = fit([*choices[:low], *choices[high:]])
        weighed += [fitted] * (high - low)
    return weighed


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit how spans are weighed.")
    parser.add_argument("--questions", type=Path, required=True, action="append", help="JSONL, as for qa eval")
    parser.add_argument("--index", type=Path, required=True, action="append", help="of those questions' articles")
    parser.add_argument("--limit", type=int, help="of each set of questions, so many at random")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    everything: list[Choice] = []
    for questions, index in zip(options.questions, options.index, strict=True):
        choices = list(_choices(questions, index, options.limit, options.seed))
        print(questions)
        print("  as they are:    ", report(choices, [(WEIGHTS, NOTHING)] * len(choices)))
        print("  cross-validated:", report(choices, _cross_validated(choices)))
        everything += choices
    random.Random(options.seed).shuffle(everything)
    print("cross-validated over all:", report(everything, _cross_validated(everything)))
    weights, nothing = fit(everything)
    print("WEIGHTS =", Features(*(round(weight, 2) for weight in weights)))
    print("NOTHING =", round(nothing, 2))


def _choices(questions: Path, index: Path, limit: int | None, seed: int) -> Iterator[Choice]:
    """The questions over their own articles, and some of them over another's, which do not say."""
    with QA.open(index) as session:
        drawn = read_questions(questions, max_chars=session.settings.max_question_chars)
        drawn = sample(drawn, limit or len(drawn), seed=seed)
        drawn = [question for question in drawn if not is_broad(question.text)]
        network = SpanNetwork(threads=session.settings.threads)
        for number, question in enumerate(tqdm(drawn, disable=None)):
            yield _choice(session, network, question, question.golds, question)
            other = drawn[(number + len(drawn) // 2) % len(drawn)]
            if number % _UNRELATED == 0 and not set(other.articles) & set(question.articles):
                yield _choice(session, network, question, (), other)


def _choice(session: QA, network: SpanNetwork, question: Question, golds: Sequence[str], shelf: Question) -> Choice:
    """What is found for a question in the articles that belong to the question `shelf`."""
    scope = scope_of(None, None, None, shelf.article_ids)
    passages = session.index.search(question.text, limit=session.settings.passages, scope=scope)
    return Choice.of(read_groups(network, question.text, passages), golds)


if __name__ == "__main__":
    main()
