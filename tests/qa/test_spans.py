"""Spans are cut at clean places, inside their passage, whatever the network says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qa
from qa.citations import cite
from qa.groups import sentence_of
from qa.network import Scored
from qa.reader import Evidence
from qa.spans import best_pairs, read_spans, spans_of, trim
from tests.qa.conftest import MakePassage


@pytest.mark.parametrize(
    ("text", "found", "clean"),
    [
        ("He met Dr. Smith today.", "Smith", "Dr. Smith"),
        ("He met Dr. Smith today.", "mith", "Dr. Smith"),
        ("It cost $5.2 million in all.", "5.2", "$5.2 million"),
        ("It cost $5.2 million in all.", "5", "$5.2 million"),
        ("Some 26 percent agreed.", "26", "26 percent"),
        ("He said: “We will stay,” and left.", "“We will stay,”", "“We will stay,”"),
        ("He said: “We will stay,” and left.", ": “We will stay", "We will stay"),
        ("Lithuania (an ally), Poland", "Lithuania (an ally)", "Lithuania (an ally)"),
        ("Lithuania (an ally), Poland", "(an ally), Poland", "(an ally), Poland"),
        ("Lithuania (an ally), Poland", "an ally)", "an ally"),
        ("It was held on Aug. 9.", "Aug. 9.", "Aug. 9"),
        ("She lives in the U.S. now.", "the U.S", "the U.S."),
        ("At 7:30 p.m. it rained.", "7:30 p.m", "7:30 p.m."),
        ("At 7:30 p.m. it rained.", "30", "7:30"),
        ("They came from Vilnius, ", "Vilnius, ", "Vilnius"),
        ("...", "...", ""),
    ],
)
def test_boundaries_are_clean(text: str, found: str, clean: str) -> None:
    start = text.index(found)
    start, end = trim(text, start, start + len(found))
    assert text[start:end] == clean


@given(text=st.text(st.sampled_from("ab 1.,$%()“”'Dr\n"), min_size=1, max_size=40), places=st.data())
def test_trimming_stays_inside_the_text_and_leaves_no_space(text: str, places: st.DataObject) -> None:
    start = places.draw(st.integers(0, len(text) - 1))
    end = places.draw(st.integers(start + 1, len(text)))
    start, end = trim(text, start, end)
    assert 0 <= start <= end <= len(text)
    assert text[start:end] == text[start:end].strip()


def scored_by(text: str, start: list[float], end: list[float]) -> Scored:
    """Scores of the words of `text`."""
    places, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        places.append((at, at + len(word)))
        at += len(word)
    return Scored(np.array(start, np.float32), np.array(end, np.float32), places, nothing=1.0, says=2.0)


def test_the_best_span_comes_first_and_no_other_overlaps_it(make_passage: MakePassage) -> None:
    passage = make_passage("Lukashenko asked Vladimir Putin for help")
    spans = spans_of(passage, scored_by(passage.text, [3, 0, 9, 5, 0, 1], [2, 0, 4, 9, 0, 1]))
    assert spans[0].text == "Vladimir Putin"
    assert spans[0].score == pytest.approx(9 + 9 - 1)
    assert "Lukashenko" in [span.text for span in spans]
    assert all(one.end <= other.start or other.end <= one.start for one in spans for other in spans if one != other)


@given(scores=st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=1, max_size=60))
def test_no_span_ends_before_it_starts_and_they_come_best_first(scores: list[tuple[float, float]]) -> None:
    start, end = np.array(scores, np.float32).T
    pairs = best_pairs(start, end)
    assert all(0 <= first <= last < len(scores) for first, last, _ in pairs)
    assert [score for _, _, score in pairs] == sorted((score for _, _, score in pairs), reverse=True)


WORDS = st.text(st.sampled_from("aB9é😀“(.$"), min_size=1, max_size=6)


@given(words=st.lists(WORDS, min_size=1, max_size=20), data=st.data())
def test_every_span_can_be_cited(words: list[str], data: st.DataObject) -> None:
    text = "Before it. " + " ".join(words)
    article = qa.Article(id="a1", text=text, title="")
    passage = qa.Passage(article, 11, len(text), score=1, dense=1, lexical=1, rank=1)
    scores = st.lists(st.floats(-9, 9), min_size=len(words), max_size=len(words))
    for span in read_spans([passage], [scored_by(passage.text, data.draw(scores), data.draw(scores))]):
        (citation,) = cite([Evidence(passage, span.start, span.end, *sentence_of(span))])
        assert citation.quote == span.text
        assert citation.quote in citation.sentence
