"""What a language model wrote, and how far the passages that it named bear it out."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from index.search import Passage
from qa.answer import Answer
from qa.verification.verify import Verifier


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence: whether the passages it names bear it out together, and how many of them it `named` for a reason.

    These are citation recall and precision as ALCE defines them (Gao et al., EMNLP 2023), with our verifier in the
    place of its entailment model: a passage is `relevant` if the sentence is borne out, and either by it alone or not
    by the others alone.
    """

    verified: bool
    recall: bool
    named: int
    relevant: int


@dataclass(frozen=True, slots=True)
class Generated:
    """An answer's sentences; `fell_back` if the model failed, and another reader answered."""

    text: str | None
    sentences: tuple[Cited, ...]
    fell_back: bool
    usage: dict[str, int]

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """Judge an answer by its sentences, each against the passages that the model named for it."""
        by_rank = {passage.rank: passage for passage in answer.passages}
        verifier, judged = Verifier(), []
        for statement in answer.statements:
            named = [by_rank[rank] for rank in statement.cited if rank in by_rank]
            relevant = [place for place in range(len(named)) if _is_relevant(verifier, statement.text, named, place)]
            recall = verifier.check(statement.text, named).verified
            judged.append(Cited(statement.verified, recall, len(named), len(relevant)))
        return cls(answer.text, tuple(judged), answer.note is not None, answer.usage)

    def to_dict(self) -> dict[str, Any]:
        """As it stands in the details."""
        return asdict(self)


def _is_relevant(verifier: Verifier, sentence: str, named: list[Passage], place: int) -> bool:
    if not verifier.look(sentence, named).verified:
        return False
    rest = named[:place] + named[place + 1 :]
    return verifier.look(sentence, [named[place]]).verified or not verifier.look(sentence, rest).verified
