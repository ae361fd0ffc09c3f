"""The sentence reader, with the real embedding model."""

import pytest

import qa
from index.sentences import sentence_spans
from qa.extractive import SentenceReader
from tests.qa.conftest import MakePassage

FERRY = (
    "The ferry Lady Maren capsized off Orvay on Tuesday. She was carrying 154 people. "
    "The ferry sank because her bow door had not been latched, the inquiry found. Flags flew at half mast."
)


@pytest.fixture
def reader(session: qa.QA) -> SentenceReader:
    return SentenceReader(session.index.embedder.embed, min_confidence=0.0)


def test_it_answers_with_a_whole_sentence_of_the_article(reader: SentenceReader, make_passage: MakePassage) -> None:
    reading = reader.read("How many people was the ferry carrying?", [make_passage(FERRY)])
    assert reading.text == "She was carrying 154 people."
    (evidence,) = reading.evidence
    assert (evidence.start, evidence.end) in sentence_spans(FERRY)
    assert (evidence.sentence_start, evidence.sentence_end) == (evidence.start, evidence.end)


def test_offsets_are_the_articles_not_the_passages(reader: SentenceReader, make_passage: MakePassage) -> None:
    passage = make_passage(FERRY, start=FERRY.index("She was"))
    (evidence,) = reader.read("How many people was the ferry carrying?", [passage]).evidence
    assert FERRY[evidence.start : evidence.end] == "She was carrying 154 people."


def test_the_kind_of_answer_counts(reader: SentenceReader, make_passage: MakePassage) -> None:
    reading = reader.read("Why did the ferry sink?", [make_passage(FERRY)])
    assert reading.text is not None and "because her bow door" in reading.text


def test_a_broad_question_may_take_up_to_three_sentences(reader: SentenceReader, session: qa.QA) -> None:
    passages = session.index.search("What happened at the Brannoch Dam?")
    reading = reader.read("What happened at the Brannoch Dam?", passages)
    assert reading.text is not None
    assert 1 < len(sentence_spans(reading.text)) <= 3
    assert all(item.passage.article.text[item.start : item.end] for item in reading.evidence)


def test_repeated_reports_of_the_same_are_all_cited(reader: SentenceReader, session: qa.QA) -> None:
    question = "How many children will be vaccinated against Tarrow fever?"
    reading = reader.read(question, session.index.search(question))
    outlets = {item.passage.article.id for item in reading.evidence}
    outlets |= {reprint.article_id for item in reading.evidence for reprint in item.passage.reprints}
    assert len(outlets) == 3
    assert all("160,000" in item.passage.article.text[item.start : item.end] for item in reading.evidence)


def test_reports_with_another_figure_are_not_cited_for_this_one(
    reader: SentenceReader, make_passage: MakePassage
) -> None:
    passages = [
        make_passage("The ferry disaster off Orvay cost 12 lives, the coastguard said on Tuesday.", id="early"),
        make_passage(
            "The ferry disaster off Orvay cost 17 lives, the coastguard said on Friday.", id="late", score=0.7
        ),
    ]
    reading = reader.read("How many lives did the ferry disaster off Orvay cost?", passages)
    assert len(reading.evidence) == 1


def test_below_the_least_confidence_it_says_nothing(session: qa.QA, make_passage: MakePassage) -> None:
    reader = SentenceReader(session.index.embedder.embed, min_confidence=0.99)
    reading = reader.read("Who is the president of France?", [make_passage(FERRY, score=0.2)])
    assert reading.text is None
    assert reading.evidence == ()
    assert 0 < reading.confidence < 0.1


def test_without_passages_it_says_nothing(reader: SentenceReader) -> None:
    assert reader.read("Who?", []) == qa.Reading(None, 0.0)
