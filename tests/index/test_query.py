"""Queries: what is asked, and what that is about."""

import pytest

from index.query import Query


def test_what_stands_in_parentheses_at_the_end_says_what_it_is_about() -> None:
    query = Query.parse("How deep is it? (Brannoch Dam)")
    assert (query.asked, query.about) == ("How deep is it?", "Brannoch Dam")
    assert query.terms == ["deep"]
    assert query.hints == ["brannoch", "dam"]


@pytest.mark.parametrize("text", ["Who leads the WHO (the health body)?", "(Brannoch Dam)", "How deep is it?", ""])
def test_other_queries_are_only_asked(text: str) -> None:
    query = Query.parse(text)
    assert (query.asked, query.about, query.hints) == (text, "", [])


def test_a_word_that_is_asked_for_is_no_hint_as_well() -> None:
    assert Query.parse("How deep is the dam? (Brannoch Dam)").hints == ["brannoch"]


@pytest.mark.parametrize("text", ["How deep is it? (Brannoch Dam)", "How deep is it?"])
def test_it_is_written_as_it_was_read(text: str) -> None:
    assert str(Query.parse(text)) == text


def test_parentheses_in_a_hint_do_not_hide_where_the_hints_begin() -> None:
    made = Query.of("How deep is it?", ["the dam (Brannoch)", "lake"])
    assert Query.parse(str(made)) == made
