"""What the answers of a language model come to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

from qa.evaluation.outcome import Outcome
from qa.evaluation.scores import holds


@dataclass(frozen=True, slots=True)
class Generation:
    """Shares in [0, 1], tokens a question; None is what there was nothing to tell from.

    `citation_recall` is over all sentences, `citation_precision` over all passages named; see `Cited`.
    """

    answers: int
    fallbacks: int
    gold_in_answer: float | None
    sentences: int
    verified: float | None
    citation_recall: float | None
    citation_precision: float | None
    input_tokens: float | None
    output_tokens: float | None


def generation_of(outcomes: Iterable[Outcome]) -> Generation | None:
    """Add up what was written; None if no language model was asked."""
    asked = [(outcome, outcome.generated) for outcome in outcomes if outcome.generated]
    if not asked:
        return None
    sentences = [sentence for _, generated in asked for sentence in generated.sentences]
    named = sum(sentence.named for sentence in sentences)
    return Generation(
        answers=sum(bool(generated.sentences) for _, generated in asked),
        fallbacks=sum(generated.fell_back for _, generated in asked),
        gold_in_answer=_share(
            [holds(outcome.given or "", outcome.question.golds) for outcome, _ in asked if outcome.question.answerable]
        ),
        sentences=len(sentences),
        verified=_share([sentence.verified for sentence in sentences]),
        citation_recall=_share([sentence.recall for sentence in sentences]),
        citation_precision=sum(sentence.relevant for sentence in sentences) / named if named else None,
        input_tokens=_share([generated.usage.get("input_tokens", 0) for _, generated in asked]),
        output_tokens=_share([generated.usage.get("output_tokens", 0) for _, generated in asked]),
    )


def _share(values: Sequence[float]) -> float | None:
    return mean(map(float, values)) if values else None
