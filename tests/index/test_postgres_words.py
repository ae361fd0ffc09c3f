"""Words in PostgreSQL are found and weighed as in SQLite, so that answers do not depend on where an index is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from index.ledger import Ledger
from index.postgres.words import tokens, vector
from index.protocols import AnyLedger
from index.schema import unpack_vectors
from index.scope import Scope
from index.words import content_words

QUESTIONS = [
    "Who did Lukashenko ask for help?",
    "How many people died when the ferry sank?",
    "What did the U.S. president say about the 2020 election?",
    "Biegun's visit to Vilnius",
    "Who won the Vellmark Cup?",
    "price of bread, per cent",
    "the the the",
    "Who is asking, and who was asked?",
    "What is the naïve café's e-mail_address?",
]


@pytest.fixture
def setup() -> str:
    return "servers"


@pytest.fixture
def both(seed_index: Path, open_ledger: Callable[..., AnyLedger]) -> tuple[AnyLedger, AnyLedger]:
    """The same chunks in SQLite and in PostgreSQL."""
    one, other = Ledger(seed_index / "ledger.sqlite3"), open_ledger(create=True)
    for article in one.articles():
        stored = one.stored_chunks(article.id)
        vectors = unpack_vectors([packed for _, packed in stored])
        other.replace([(article, [(chunk, vector) for (chunk, _), vector in zip(stored, vectors, strict=True)])])
    return one, other


def scores(ledger: AnyLedger, question: str, scope: Scope) -> dict[tuple[str, int], float]:
    """BM25 of the chunks, by where they are."""
    found = ledger.match(content_words(question), 1000, scope)
    chunks = ledger.chunks(found)
    return {(chunk.article_id, chunk.start): found[number] for number, (chunk, _) in chunks.items()}


def test_words_weigh_the_same_in_both(both: tuple[AnyLedger, AnyLedger]) -> None:
    one, other = both
    for scope in (Scope(), Scope(sources=tuple(one.sources()[:3]))):
        for question in QUESTIONS[:-1]:
            expected = scores(one, question, scope)
            found = scores(other, question, scope)
            assert found.keys() == expected.keys()
            assert found == pytest.approx(expected, rel=1e-4)
    assert scores(one, QUESTIONS[0], Scope())
    one.close()
    other.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The ferries SANK.", ["the", "ferri", "sank"]),
        ("Biegun's", ["biegun", "s"]),
        ("naïve café's e-mail_address", ["naiv", "cafe", "s", "e", "mail", "address"]),
        ("the U.S. in 2020: 3,000", ["the", "u", "s", "in", "2020", "3", "000"]),
        ("'; DROP TABLE words; --", ["drop", "tabl", "word"]),
        ("x" * 300, ["x" * 200]),
        ("?!", []),
    ],
)
def test_words_of_a_text(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_vector_names_each_word_once_with_its_places() -> None:
    assert vector(["a", "b", "a"]) == "'a':1,3 'b':2"


def test_places_end_where_those_of_postgresql_do() -> None:
    assert vector([*"x" * 16_383, "y"]).endswith(" 'y':16383")


def test_text_longer_than_any_vector_has_places_is_stored_and_found(open_ledger: Callable[..., AnyLedger]) -> None:
    import numpy as np

    from index.article import Article, Chunk

    ledger = open_ledger(create=True)
    text = "ferry " * 20_000 + "comet"
    vectors = np.ones(3, dtype=np.float32)
    ledger.replace([(Article("a", text, ""), [(Chunk("a", 0, len(text)), vectors)])])
    assert len(ledger.match(["comet"], 10, Scope())) == len(ledger.match(["ferry"], 10, Scope())) == 1
    ledger.close()
