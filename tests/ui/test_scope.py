"""The limits of a search as they come from a page."""

import json

import pytest

from qa import QuestionError
from ui import scope


@pytest.mark.parametrize("nothing", [None, "", "{}", '{"since": "", "sources": [], "articles": []}'])
def test_what_is_empty_is_no_limit(nothing: str | None) -> None:
    assert scope.options(nothing) == {"since": None, "until": None, "source": None, "articles": None}


def test_limits_are_given_on_as_a_question_takes_them() -> None:
    limits = {"since": "2020-08-01", "until": " ", "sources": ["Kessary Mail", "Gazette"], "articles": ["a1"]}
    expected = {"since": "2020-08-01", "until": None, "source": ["Kessary Mail", "Gazette"], "articles": ["a1"]}
    assert scope.options(json.dumps(limits)) == expected


@pytest.mark.parametrize("wrong", ["[", "[]", '{"sources": "Mail"}', '{"articles": [{}]}', '{"since": 3}'])
def test_anything_else_is_refused_instead_of_being_no_limit(wrong: str) -> None:
    with pytest.raises(QuestionError, match="cannot be read"):
        scope.options(wrong)
