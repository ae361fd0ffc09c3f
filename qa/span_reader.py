"""The span reader: short, exact answers out of the passages, or none."""

from collections.abc import Sequence
from typing import Protocol

from index.search import Passage
from qa.groups import Group, gather, probabilities, sentence_of
from qa.network import Scored
from qa.question import is_broad
from qa.reader import Evidence, Reader, Reading
from qa.spans import Span, read_spans


class Network(Protocol):
    """Scores passages, each given by its title and text, for a question; `qa.network.SpanNetwork` does."""

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Scored]:
        """See `qa.network.SpanNetwork.read`."""
        ...


class SpanReader:
    """Answers with the span that all the passages together speak for; cites it in every article that has it.

    What no span can answer, such as why, is answered in sentences.
    """

    def __init__(self, network: Network, *, min_confidence: float, sentences: Reader) -> None:
        """Below `min_confidence` the articles do not say; `sentences` answers broad questions."""
        self._network = network
        self._min_confidence = min_confidence
        self._sentences = sentences

    def read(self, query: str, passages: Sequence[Passage]) -> Reading:
        """See `Reader.read`."""
        if is_broad(query):
            return self._sentences.read(query, passages)
        groups = read_groups(self._network, query, passages)
        if not groups:
            return Reading(None, 0.0)
        chances = probabilities([group.features for group in groups])
        confidence, best = max(zip(chances, groups, strict=True), key=lambda pair: pair[0])
        if confidence < self._min_confidence:
            return Reading(None, confidence)
        return Reading(best.text, confidence, tuple(map(_evidence, _one_of_each_article(best))))


def read_groups(network: Network, query: str, passages: Sequence[Passage]) -> list[Group]:
    """The answers there are to choose from, each with what speaks for it."""
    scored = network.read(query, [(passage.article.title, passage.text) for passage in passages])
    return gather(query, passages, read_spans(passages, scored))


def _one_of_each_article(group: Group) -> list[Span]:
    best: dict[str, Span] = {group.fullest.passage.article.id: group.fullest}
    for span in group.spans:
        best.setdefault(span.passage.article.id, span)
    return list(best.values())


def _evidence(span: Span) -> Evidence:
    return Evidence(span.passage, span.start, span.end, *sentence_of(span))
