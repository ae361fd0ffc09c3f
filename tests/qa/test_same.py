"""When two answers count as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.same import is_same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Putin", "Vladimir Putin"),
        ("President Vladimir Putin", "Vladimir Putin"),
        ("the European Union", "European Union"),
        ("26", "26 years"),
        ("Aug. 9", "Aug 9"),
        ("Aug. 9", "Aug. 9, 2020"),
        ("“Vilnius”", "Vilnius"),
        ("the U.S.", "United States"),
        ("Britain", "the UK"),
        ("five days", "5 days"),
        ("Ms Frayne", "Wilhelmina Frayne"),
        ("Dr. Hanneke Solano", "Hanneke Solano"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    assert is_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Russia", "Russia and Lithuania"),
        ("26 years", "27 years"),
        ("Moscow", "Minsk"),
        ("Belarusian", "Belarusian president assistance"),
        ("Putin", "Putin aide"),
        ("help", "not help"),
        ("us", "United States"),
        ("...", "..."),
        ("Putin", "Putin said on Tuesday that he would help"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert not is_same(one, other)


@given(one=st.text(max_size=30), other=st.text(max_size=30))
def test_it_does_not_matter_which_is_which(one: str, other: str) -> None:
    assert is_same(one, other) == is_same(other, one)
