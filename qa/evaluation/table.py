"""How the figures look in a terminal."""

from collections.abc import Iterator

from qa.evaluation.figures import Figures

_LABEL, _CELL = 52, 9


def show_figures(figures: Figures) -> str:
    """The figures as a table, by what they tell about."""
    return "\n".join(
        [*_answers(figures), *_retrieval(figures), *_silence(figures), *_confidence(figures), *_generation(figures)]
    )


def _answers(figures: Figures) -> Iterator[str]:
    yield _row("Questions", f"{figures.questions:,}")
    yield _row("  whose articles hold the answer", f"{figures.answerable:,}")
    yield ""
    yield _row("Answers", "exact", "F1")
    yield _row("  all questions", _percent(figures.em), _percent(figures.f1))
    yield _row("  answerable questions", _percent(figures.em_answerable), _percent(figures.f1_answerable))
    yield _row("  all, had every guess been given", _percent(figures.em_no_abstain), _percent(figures.f1_no_abstain))
    best = "never" if figures.best_threshold is None else f"from {figures.best_threshold:.0%} on"
    yield _row(f"  all, had the best threshold been set ({best})", "", _percent(figures.best_threshold_f1))
    yield ""


def _retrieval(figures: Figures) -> Iterator[str]:
    yield _row("The known answer stands, of answerable questions")
    yield _row("  in the sentences cited", _percent(figures.gold_in_sentence))
    yield _row("  in the first passage", _percent(figures.recall_at_1))
    yield _row("  in the first 5", _percent(figures.recall_at_5))
    yield _row("  in the first 10", _percent(figures.recall_at_10))
    yield _row("  in the first 20", _percent(figures.recall_at_20))
    yield ""


def _silence(figures: Figures) -> Iterator[str]:
    yield _row(f"Answered from a confidence of {figures.min_confidence:.0%} on", f"{figures.answered:,}")
    yield _row("  of these right (F1 of 50% or more)", f"{figures.answered_right:,}")
    yield _row("Not answered", f"{figures.abstained:,}")
    yield _row("  of these without any guess", f"{figures.no_guess:,}")
    yield _row("Answerable told from unanswerable (AUC; 0.5: chance)", _number(figures.answerability_auc))
    yield ""


def _confidence(figures: Figures) -> Iterator[str]:
    yield _row("Confidence of guesses", "guesses", "mean", "right")
    for bin in figures.calibration:
        means = [_percent(bin.confidence), _percent(bin.right)] if bin.count else ["-", "-"]
        yield _row(f"  {bin.low:.0%} to {bin.high:.0%}", f"{bin.count:,}", *means)
    yield _row("  mean distance from the share right (ECE)", _percent(figures.ece))
    yield _row("  area under the risk-coverage curve", _percent(figures.risk_coverage_area))
    yield ""
    yield _row("Milliseconds a question", "p50", "p95")
    yield _row("  in all", _ms(figures.latency_ms_p50), _ms(figures.latency_ms_p95))
    yield _row("  searching", _ms(figures.retrieve_ms_p50))
    yield _row("  reading", _ms(figures.read_ms_p50))


def _generation(figures: Figures) -> Iterator[str]:
    written = figures.generation
    if written is None:
        return
    yield ""
    yield _row("Answers that the language model wrote", f"{written.answers:,}")
    yield _row("  extracted in its place, as it failed", f"{written.fallbacks:,}")
    yield _row("  the known answer stands in it, of answerable questions", _percent(written.gold_in_answer))
    yield _row("Sentences", f"{written.sentences:,}")
    yield _row("  verified", _percent(written.verified))
    yield _row("  borne out by the passages they name (recall)", _percent(written.citation_recall))
    yield _row("Passages named that bear them out (precision)", _percent(written.citation_precision))
    yield _row("Tokens a question", "in", "out")
    yield _row("  mean", _ms(written.input_tokens), _ms(written.output_tokens))


def _row(label: str, *cells: str) -> str:
    return f"{label:{_LABEL}}{''.join(f'{cell:>{_CELL}}' for cell in cells)}".rstrip()


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
