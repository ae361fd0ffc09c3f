"""Passages made by hand, and one session on the seeds for all tests that only read."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import qa

MakePassage = Callable[..., qa.Passage]


@pytest.fixture
def make_passage() -> MakePassage:
    """Makes a passage that is a whole article, or its characters `[start, end)`."""

    def make(text: str, *, start: int = 0, end: int | None = None, id: str = "a1", score: float = 0.8) -> qa.Passage:
        article = qa.Article(id=id, text=text, title="A title")
        return qa.Passage(
            article=article,
            start=start,
            end=len(text) if end is None else end,
            score=score,
            dense=score,
            lexical=score,
            rank=1,
        )

    return make


@pytest.fixture(scope="session")
def session(seed_index: Path) -> Iterator[qa.QA]:
    """A session on the seeds. Only to be read."""
    with qa.QA.open(seed_index) as session:
        yield session
