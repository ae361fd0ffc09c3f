"""What the outcomes come to: the figures of a measurement."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import mean
from typing import Any

from qa.evaluation import calibration
from qa.evaluation.calibration import Bin
from qa.evaluation.generation import Generation, generation_of
from qa.evaluation.outcome import Outcome
from qa.evaluation.scores import exact_match, f1


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures, as JSON names them. Shares and scores are in [0, 1]; None is what there was nothing to tell from.

    `em`, `f1` are of the answers given at `min_confidence`, silence being right only where no answer is known;
    `..._no_abstain` had every guess been given, `best_threshold_f1` with only those from `best_threshold` on (None:
    with none). `calibration` and what belongs to it is over all guesses, given or not, that have a confidence.
    `generation` is what a language model wrote, if one was asked.
    """

    questions: int
    answerable: int
    min_confidence: float
    em: float | None
    f1: float | None
    em_answerable: float | None
    f1_answerable: float | None
    em_no_abstain: float | None
    f1_no_abstain: float | None
    best_threshold: float | None
    best_threshold_f1: float | None
    gold_in_sentence: float | None
    recall_at_1: float | None
    recall_at_5: float | None
    recall_at_10: float | None
    recall_at_20: float | None
    answered: int
    abstained: int
    answered_right: int
    no_guess: int
    answerability_auc: float | None
    ece: float | None
    calibration: tuple[Bin, ...]
    risk_coverage_area: float | None
    latency_ms_p50: float | None
    latency_ms_p95: float | None
    retrieve_ms_p50: float | None
    read_ms_p50: float | None
    generation: Generation | None = None

    def to_dict(self) -> dict[str, Any]:
        """The figures as `qa eval --json` prints them, rounded to four places."""
        rounded: dict[str, Any] = _rounded(asdict(self))
        return rounded


def figures_of(outcomes: Sequence[Outcome], *, min_confidence: float) -> Figures:
    """Add up outcomes, whose guesses were given from `min_confidence` on."""
    answerable = [outcome for outcome in outcomes if outcome.question.answerable]
    table = calibration.bins(judged(outcomes))
    curve = calibration.risk_coverage(judged(outcomes))
    threshold, threshold_f1 = calibration.best_threshold(_sweep(outcomes)) if outcomes else (None, None)
    return Figures(
        questions=len(outcomes),
        answerable=len(answerable),
        min_confidence=min_confidence,
        em=_share(outcomes, _given(exact_match)),
        f1=_share(outcomes, _given(f1)),
        em_answerable=_share(answerable, _given(exact_match)),
        f1_answerable=_share(answerable, _given(f1)),
        em_no_abstain=_share(outcomes, lambda outcome: exact_match(outcome.guess, outcome.question.golds)),
        f1_no_abstain=_share(outcomes, lambda outcome: f1(outcome.guess, outcome.question.golds)),
        best_threshold=threshold,
        best_threshold_f1=threshold_f1,
        gold_in_sentence=_share(answerable, lambda outcome: outcome.gold_in_sentence),
        **{f"recall_at_{k}": _share(answerable, _found_by(k)) for k in (1, 5, 10, 20)},
        answered=sum(outcome.answered for outcome in outcomes),
        abstained=sum(not outcome.answered for outcome in outcomes),
        answered_right=sum(outcome.answered and outcome.is_right for outcome in outcomes),
        no_guess=sum(outcome.guess is None for outcome in outcomes),
        answerability_auc=calibration.auc((outcome.score, outcome.question.answerable) for outcome in outcomes),
        ece=calibration.expected_calibration_error(table),
        calibration=tuple(table),
        risk_coverage_area=mean(risk for _, risk in curve) if curve else None,
        latency_ms_p50=_percentile(outcomes, "total", 0.5),
        latency_ms_p95=_percentile(outcomes, "total", 0.95),
        retrieve_ms_p50=_percentile(outcomes, "retrieve", 0.5),
        read_ms_p50=_percentile(outcomes, "read", 0.5),
        generation=generation_of(outcomes),
    )


def judged(outcomes: Iterable[Outcome]) -> list[tuple[float, bool]]:
    """The confidence of every guess that has one, given or not, and whether it is right."""
    return [
        (outcome.confidence, outcome.is_right)
        for outcome in outcomes
        if outcome.guess is not None and outcome.confidence is not None
    ]


def _given(score: Callable[[str | None, tuple[str, ...]], float]) -> Callable[[Outcome], float]:
    return lambda outcome: score(outcome.given, outcome.question.golds)


def _found_by(rank: int) -> Callable[[Outcome], float]:
    return lambda outcome: outcome.gold_rank is not None and outcome.gold_rank <= rank


def _share(outcomes: Sequence[Outcome], measure: Callable[[Outcome], float]) -> float | None:
    return mean(float(measure(outcome)) for outcome in outcomes) if outcomes else None


def _sweep(outcomes: Iterable[Outcome]) -> list[tuple[float, float, float]]:
    return [
        (outcome.score, f1(outcome.guess, outcome.question.golds), f1(None, outcome.question.golds))
        for outcome in outcomes
    ]


def _percentile(outcomes: Iterable[Outcome], stage: str, share: float) -> float | None:
    """The time of a stage that `share` of the questions keep to, between two of them by proportion."""
    times = sorted(outcome.timings_ms[stage] for outcome in outcomes if stage in outcome.timings_ms)
    if not times:
        return None
    place = share * (len(times) - 1)
    below, above = times[int(place)], times[min(int(place) + 1, len(times) - 1)]
    return below + (place - int(place)) * (above - below)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value
