"""Asks the questions and notes what comes of each."""

from collections.abc import Iterable, Iterator

from qa.evaluation.generated import Generated
from qa.evaluation.outcome import Outcome
from qa.evaluation.questions import Question
from qa.evaluation.scores import holds
from qa.options import scope_of
from qa.session import QA

# Passages that are searched for the gold answer, however many are read.
_SEARCHED = 20


def ask_all(session: QA, questions: Iterable[Question], *, own: bool, min_confidence: float) -> Iterator[Outcome]:
    """Ask one by one; a guess of at least `min_confidence` counts as given. `own`: each of its own articles only.

    The session's reader should guess whenever it can, however unsure; see `corpus`.
    """
    session.ask("Who said what?")  # loads the models, which is not to be timed
    for question in questions:
        yield _ask(session, question, question.article_ids if own else None, min_confidence)


def _ask(session: QA, question: Question, articles: tuple[str, ...] | None, min_confidence: float) -> Outcome:
    answer = session.ask(question.text, articles=articles)
    passages = session.index.search(question.text, limit=_SEARCHED, scope=scope_of(None, None, None, articles))
    return Outcome(
        question,
        guess=answer.text,
        confidence=answer.confidence,
        answered=answer.text is not None and (answer.confidence is None or answer.confidence >= min_confidence),
        sentences=tuple(citation.sentence for citation in answer.citations),
        gold_rank=next((passage.rank for passage in passages if holds(passage.text, question.golds)), None),
        timings_ms=answer.timings_ms,
        generated=Generated.of(answer) if session.settings.llm else None,
    )
