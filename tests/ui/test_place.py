"""Places: what a button carries comes back as it went, and nothing else is taken for one."""

import dataclasses

import pytest

from qa import Article
from ui.place import Place

ARTICLE = Article(id="a1b2", text="The lighthouse of Grenna was sold.", title="Grenna")


def test_a_key_leads_back_to_its_place() -> None:
    place = Place.of(ARTICLE, (4, 14), (0, 34), (4, 14))

    assert Place.parse(place.key) == place
    assert place.spans == ((4, 14), (0, 34))


@pytest.mark.parametrize(
    "key", [None, 7, "", "a1b2", "a1b2 v 4", "a1b2 v 4-x", "a1b2 v 4-14\n", "a v " + "1-2 " * 999, {}]
)
def test_anything_else_is_no_place(key: object) -> None:
    assert Place.parse(key) is None


def test_a_place_of_another_version_or_outside_the_text_does_not_hold() -> None:
    changed = dataclasses.replace(ARTICLE, text="The lighthouse of Grenna was not sold.")

    assert Place.of(ARTICLE, (4, 14)).holds_in(ARTICLE)
    assert not Place.of(ARTICLE, (4, 14)).holds_in(changed)
    assert not Place.of(ARTICLE, (4, 99)).holds_in(ARTICLE)
    assert not Place.of(ARTICLE, (9, 9)).holds_in(ARTICLE)
