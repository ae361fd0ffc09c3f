import itertools
import random
from collections.abc import Iterable
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article, Chunk
from index.ledger import Ledger
from index.scope import Scope
from index.stories import are_copies, shingles, sketch

BOTH_SETUPS = True

EVERYTHING = Scope()
_SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "ru")
_WORDS = ["".join(pair) for pair in itertools.product(_SYLLABLES, repeat=2)]


def story(seed: int, words: int = 120) -> str:
    """A text of its own."""
    return " ".join(random.Random(seed).choices(_WORDS, k=words))


def edited(text: str, words: int, seed: int = 0) -> str:
    """The text with so many of its words replaced by others."""
    chosen = random.Random(seed)
    parts = text.split()
    for at in chosen.sample(range(len(parts)), words):
        parts[at] = f"edit{chosen.randrange(1000)}"
    return " ".join(parts)


def put(ledger: Ledger, *articles: Article) -> None:
    vector = np.ones(3, dtype=np.float32)
    ledger.replace((article, [(Chunk(article.id, 0, len(article.text)), vector)]) for article in articles)


def article(id_: str, text: str, day: date | None = None, source: str | None = None) -> Article:
    return Article(id_, text, f"Title of {id_}", date=day, source=source)


def stories(ledger: Ledger, scope: Scope = EVERYTHING) -> dict[str, list[str]]:
    """For each article that has copies: the ids of all."""
    ids = [article.id for article in ledger.articles()]
    return {id_: [copy.article_id for copy in copies] for id_, copies in ledger.reprints(ids, scope).items()}


def groups(ledger: Ledger) -> set[frozenset[str]]:
    """The copies that are together."""
    return {frozenset(copies) for copies in stories(ledger).values()}


CHAIN = list(itertools.accumulate(range(3), lambda text, seed: edited(text, 8, seed), initial=story(1)))
"""Each text is a copy of the one before."""


# Texts ---------------------------------------------------------------------------------------------------


def test_shingles_are_every_three_words_in_a_row() -> None:
    assert shingles("The ferry, Isolde, SANK.") == {"the ferry isolde", "ferry isolde sank"}


@pytest.mark.parametrize("text", ["", "One.", "Two words"])
def test_text_of_two_words_has_no_shingle(text: str) -> None:
    assert shingles(text) == set()


def test_case_punctuation_and_space_make_no_other_text() -> None:
    text = story(1)
    assert shingles(text) == shingles(text.upper().replace(" ", ",\n "))


def test_text_and_itself_are_copies() -> None:
    assert are_copies(shingles(story(1)), shingles(story(1)))


@pytest.mark.parametrize(("shared", "copies"), [(59, False), (60, True)])
def test_copies_share_six_of_ten_shingles(shared: int, copies: bool) -> None:
    every = [str(number) for number in range(100)]
    one, other = set(every[:shared]) | set(every[shared:80]), set(every[:shared]) | set(every[80:])
    assert are_copies(one, other) == copies == are_copies(other, one)


def test_sketch_of_a_text_is_always_the_same() -> None:
    assert sketch(shingles(story(1))) == sketch(shingles(story(1)))


@pytest.mark.parametrize(("words", "keys"), [(21, 0), (22, 16)])
def test_text_of_a_line_or_two_has_no_sketch(words: int, keys: int) -> None:
    assert len(sketch(shingles(" ".join(f"word{number}" for number in range(words))))) == keys


def test_keys_fit_into_the_integers_of_sqlite() -> None:
    assert all(0 <= key < 2**63 for seed in range(50) for key in sketch(shingles(story(seed))))


@pytest.mark.parametrize(("shared", "least", "most"), [(0.9, 0.99, 1), (0.6, 0.8, 0.97), (0.2, 0, 0.08)])
def test_sketches_meet_as_often_as_theory_says(shared: float, least: float, most: float) -> None:
    """1 - (1 - s^4)^16: 1.0, 0.89 and 0.03."""
    met = 0
    for seed in range(300):
        parts = [f"{seed} {number}" for number in range(300)]
        common, rest = int(200 * shared), (200 - int(200 * shared)) // 2
        one = set(parts[: common + rest])
        other = set(parts[:common]) | set(parts[common + rest : common + 2 * rest])
        met += bool(set(sketch(one)) & set(sketch(other)))
    assert least <= met / 300 <= most


# Groups --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [0, 1, 5])
def test_article_with_small_edits_is_a_copy(ledger: Ledger, words: int) -> None:
    put(ledger, article("a", story(1)), article("b", edited(story(1), words)))
    assert groups(ledger) == {frozenset("ab")}


def test_articles_of_the_same_words_in_another_order_are_no_copies(ledger: Ledger) -> None:
    put(ledger, article("a", story(1)), article("b", " ".join(sorted(story(1).split()))))
    assert groups(ledger) == set()


def test_article_that_goes_on_for_twice_as_long_is_no_copy(ledger: Ledger) -> None:
    put(ledger, article("a", story(1)), article("b", story(1) + " " + story(2, 150)))
    assert groups(ledger) == set()


def test_same_title_makes_no_copy(ledger: Ledger) -> None:
    put(ledger, *(Article(id_, story(number), "Title") for number, id_ in enumerate("ab")))
    assert groups(ledger) == set()


def test_other_stories_with_the_same_boilerplate_are_no_copies(ledger: Ledger) -> None:
    boilerplate = story(99, 60)
    put(ledger, *(article(f"{number}", f"{story(number, 60)} {boilerplate}") for number in range(30)))
    assert groups(ledger) == set()


def test_copy_is_found_among_many_with_the_same_boilerplate(ledger: Ledger) -> None:
    boilerplate = story(99, 50)
    put(ledger, *(article(f"{number}", f"{story(number, 60)} {boilerplate}") for number in range(40)))
    put(ledger, article("copy", f"{edited(story(7, 60), 2)} {boilerplate}"))
    assert groups(ledger) == {frozenset({"7", "copy"})}


def test_short_texts_are_never_grouped(ledger: Ledger) -> None:
    put(ledger, *(article(id_, "There was no news today, and none is expected.") for id_ in "abc"))
    assert groups(ledger) == set()


def test_copy_of_a_copy_belongs_to_the_story(ledger: Ledger) -> None:
    """Though first and last alone would not be told to be copies."""
    assert not are_copies(shingles(CHAIN[0]), shingles(CHAIN[-1]))
    put(ledger, *(article(f"{number}", text) for number, text in enumerate(CHAIN)))
    assert groups(ledger) == {frozenset("0123")}


_ARRIVING = [
    *(article(f"chain {number}", text) for number, text in enumerate(CHAIN)),
    *(article(f"other {number}", edited(story(2), number)) for number in range(3)),
    article("alone", story(3)),
    article("short", "There was no news today."),
    article("short too", "There was no news today."),
]


@settings(max_examples=25)
@given(order=st.permutations(_ARRIVING), again=st.lists(st.sampled_from(_ARRIVING), max_size=4))
def test_groups_do_not_depend_on_the_order_in_which_articles_come(
    tmp_path_factory: pytest.TempPathFactory, order: list[Article], again: list[Article]
) -> None:
    ledger = Ledger(tmp_path_factory.mktemp("stories") / "ledger.sqlite3", create=True)
    put(ledger, *order)
    for one in again:
        put(ledger, one)
    assert groups(ledger) == {
        frozenset(f"chain {number}" for number in range(4)),
        frozenset(f"other {number}" for number in range(3)),
    }
    ledger.close()


def copies_of_one_story(ids: Iterable[str]) -> list[Article]:
    return [article(id_, edited(story(1), 1, seed)) for seed, id_ in enumerate(ids)]


@pytest.mark.parametrize("changed", "abc")
def test_article_that_gets_another_text_leaves_its_story(ledger: Ledger, changed: str) -> None:
    put(ledger, *copies_of_one_story("abc"))
    put(ledger, article(changed, story(2)))
    assert groups(ledger) == {frozenset("abc") - {changed}}


def test_article_that_comes_back_with_another_text_is_not_of_its_former_story(ledger: Ledger) -> None:
    put(ledger, *copies_of_one_story("abc"))
    ledger.remove(["a"])
    assert groups(ledger) == {frozenset("bc")}
    put(ledger, article("a", story(2)))
    assert groups(ledger) == {frozenset("bc")}


def test_article_that_gets_the_text_of_another_joins_its_story(ledger: Ledger) -> None:
    put(ledger, article("a", story(1)), article("b", story(2)))
    put(ledger, article("b", edited(story(1), 2)))
    assert groups(ledger) == {frozenset("ab")}


_TEXTS = {f"{number}{kind}": edited(story(number), kind, kind) for number in (1, 2) for kind in range(3)}


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.none() | st.sampled_from(sorted(_TEXTS))), max_size=12))
def test_groups_after_many_changes_are_those_of_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str | None]]
) -> None:
    ledger = Ledger(tmp_path_factory.mktemp("stories") / "ledger.sqlite3", create=True)
    now: dict[str, str] = {}
    for id_, text in steps:
        if text is None:
            now.pop(id_, None)
            ledger.remove([id_])
        else:
            now[id_] = text[0]
            put(ledger, article(id_, _TEXTS[text]))
    together = {number: frozenset(id_ for id_ in now if now[id_] == number) for number in "12"}
    assert groups(ledger) == {ids for ids in together.values() if len(ids) > 1}
    ledger.close()


# What is told of them ------------------------------------------------------------------------------------


@pytest.fixture
def five(ledger: Ledger) -> Ledger:
    """Five copies of one story, the earliest neither first in order nor by name, one without a date."""
    days = {"a": date(2020, 8, 3), "b": None, "c": date(2020, 8, 1), "d": date(2020, 8, 4), "e": date(2020, 8, 2)}
    for seed, (id_, day) in enumerate(days.items()):
        put(ledger, article(id_, edited(story(1), 2, seed), day, source="Mail" if id_ in "ad" else "Post"))
    put(ledger, article("other", story(2), date(2020, 8, 1)))
    return ledger


def test_copies_come_earliest_first_and_undated_last(five: Ledger) -> None:
    assert stories(five) == dict.fromkeys("abcde", ["c", "e", "a", "d", "b"])


@pytest.mark.parametrize(
    ("scope", "named"),
    [
        (Scope(since=date(2020, 8, 2)), ["e", "a", "d"]),
        (Scope(until=date(2020, 8, 2)), ["c", "e"]),
        (Scope(sources=("Mail",)), ["a", "d"]),
        (Scope(articles=("b", "d", "other")), ["d", "b"]),
    ],
    ids=["since", "until", "source", "articles"],
)
def test_copies_outside_the_scope_are_not_named(five: Ledger, scope: Scope, named: list[str]) -> None:
    assert stories(five, scope)[named[0]] == named


def test_only_copy_in_the_scope_has_none(five: Ledger) -> None:
    assert stories(five, Scope(until=date(2020, 8, 1))) == {}


def test_copy_is_told_with_what_it_takes_to_cite_it(ledger: Ledger) -> None:
    first = Article("a", story(1), "First", date(2020, 8, 1), "Mail", "https://a.example/1", "/a.txt")
    put(ledger, first, article("b", story(1)))
    reprint = ledger.reprints(["b"], EVERYTHING)["b"][0]
    assert (reprint.article_id, reprint.title, reprint.date, reprint.source, reprint.url) == (
        *("a", "First", date(2020, 8, 1)),
        *("Mail", "https://a.example/1"),
    )
