"""No citation is shown that is not the article's own text at those offsets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.citations import cite
from qa.reader import Evidence
from tests.qa.conftest import MakePassage

TEXT = "Nobody came. Lukashenko has appealed to Vladimir Putin for help. It rained."
SENTENCE = (13, 64)


def test_a_quote_is_exactly_the_articles_text(make_passage: MakePassage) -> None:
    start = TEXT.index("Vladimir Putin")
    (citation,) = cite([Evidence(make_passage(TEXT), start, start + 14, *SENTENCE)])
    assert citation.quote == "Vladimir Putin" == citation.article.text[citation.start : citation.end]
    assert citation.sentence == "Lukashenko has appealed to Vladimir Putin for help."


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        (13, 13, SENTENCE),  # empty
        (30, 20, SENTENCE),  # backwards
        (-5, 20, (-5, 64)),  # before the text
        (70, 90, (65, 90)),  # beyond it
        (0, 12, SENTENCE),  # outside its own sentence
        (12, 13, (12, 13)),  # nothing but space
    ],
)
def test_evidence_that_does_not_stand_is_left_out(
    make_passage: MakePassage, start: int, end: int, sentence: tuple[int, int]
) -> None:
    assert cite([Evidence(make_passage(TEXT), start, end, *sentence)]) == ()


def test_evidence_outside_its_passage_is_left_out(make_passage: MakePassage) -> None:
    passage = make_passage(TEXT, start=0, end=12)
    assert cite([Evidence(passage, *SENTENCE, *SENTENCE)]) == ()


def test_a_span_is_cited_once_and_the_order_is_kept(make_passage: MakePassage) -> None:
    passage, other = make_passage(TEXT), make_passage(TEXT, id="a2")
    given = [Evidence(p, *SENTENCE, *SENTENCE) for p in (other, passage, other)]
    assert [citation.article.id for citation in cite(given)] == ["a2", "a1"]


@given(text=st.text(min_size=1), offsets=st.tuples(*[st.integers(-3, 40)] * 4))
def test_whatever_evidence_says_a_citation_is_verbatim(text: str, offsets: tuple[int, int, int, int]) -> None:
    from index.article import Article
    from index.search import Passage

    passage = Passage(Article("a", text, "t"), 0, len(text), 0.5, 0.5, 0.5, 1)
    for citation in cite([Evidence(passage, *offsets)]):
        assert 0 <= citation.sentence_start <= citation.start < citation.end <= citation.sentence_end <= len(text)
        assert citation.quote == text[offsets[0] : offsets[1]]
        assert citation.quote.strip()
