"""The span reader, over a network that says what the test wants."""

from collections.abc import Sequence

import numpy as np
import pytest

import qa
from qa.network import Scored
from qa.reader import Reading
from qa.span_reader import SpanReader
from tests.qa.conftest import MakePassage


class Toy:
    """A network that is sure of certain words, wherever they stand."""

    def __init__(self, **scores: float) -> None:
        self.scores = scores

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Scored]:
        return [self._read(text) for _, text in passages]

    def _read(self, text: str) -> Scored:
        places, at = [], 0
        for word in text.split():
            at = text.index(word, at)
            places.append((at, at + len(word)))
            at += len(word)
        scores = np.array([self.scores.get(text[s:e].strip(".,"), -8) for s, e in places], np.float32)
        return Scored(scores, scores, places, nothing=0.0, says=float(scores.max()))


class Sentences:
    """Answers broad questions."""

    def read(self, query: str, passages: Sequence[qa.Passage]) -> Reading:
        return Reading("In sentences.", 0.5)


def reader(least: float = 0.0, **scores: float) -> SpanReader:
    return SpanReader(Toy(**scores), min_confidence=least, sentences=Sentences())


def test_it_answers_with_a_span_and_cites_the_sentence_around_it(make_passage: MakePassage) -> None:
    text = "It rained. Lukashenko asked Putin for help. Nobody came."
    reading = reader(Putin=8.0).read("Who was asked for help?", [make_passage(text, start=11, end=44)])
    assert reading.text == "Putin"
    (evidence,) = reading.evidence
    assert text[evidence.start : evidence.end] == "Putin"
    assert text[evidence.sentence_start : evidence.sentence_end] == "Lukashenko asked Putin for help."


def test_every_article_that_has_the_answer_is_cited_once(make_passage: MakePassage) -> None:
    passages = [
        make_passage("Putin will help. He is Putin.", id="a1"),
        make_passage("It is Putin who helps.", id="a2"),
        make_passage("Merkel is silent.", id="a3"),
    ]
    reading = reader(Putin=5.0, Merkel=1.0).read("Who helps?", passages)
    assert reading.text == "Putin"
    assert [item.passage.article.id for item in reading.evidence] == ["a1", "a2"]


def test_two_articles_outweigh_one_that_is_a_little_surer(make_passage: MakePassage) -> None:
    passages = [make_passage("Merkel said so.", id="a1")]
    passages += [make_passage("Putin said so.", id=f"a{number}") for number in range(2, 8)]
    reading = reader(Putin=2.0, Merkel=2.05).read("Who said so?", passages)
    assert reading.text == "Putin"


def test_it_is_silent_when_it_is_not_sure_enough(make_passage: MakePassage) -> None:
    passages = [make_passage("Putin will help.")]
    sure = reader(Putin=3.0).read("Who helps?", passages)
    silent = reader(least=sure.confidence + 0.01, Putin=3.0).read("Who helps?", passages)
    assert (silent.text, silent.evidence) == (None, ())
    assert silent.confidence == sure.confidence


def test_without_passages_it_is_silent() -> None:
    assert reader().read("Who helps?", []) == Reading(None, 0.0)


@pytest.mark.parametrize("question", ["Why did he ask?", "What happened in Minsk?", "Describe the protests."])
def test_what_no_span_can_answer_is_answered_in_sentences(question: str, make_passage: MakePassage) -> None:
    assert reader(Putin=9.0).read(question, [make_passage("Putin.")]).text == "In sentences."
