from concurrent.futures import ThreadPoolExecutor

import pytest

from qa.stems import pairs_of, stem, stems_of


@pytest.mark.parametrize(
    ("one", "other"), [("sink", "sank"), ("win", "won"), ("mine", "mines"), ("vaccinate", "vaccinated")]
)
def test_forms_of_a_word_meet(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_different_words_do_not_meet() -> None:
    assert len(stems_of("the Ferry sank off Orvay")) == 5


def test_pairs_are_of_neighbouring_words() -> None:
    assert pairs_of("asked for help") == {("ask", "for"), ("for", "help")}


def test_threads_do_not_disturb_each_other() -> None:
    words = [f"{start}{end}" for start in ("vaccinat", "resign", "negotiat", "condemn") for end in ("ed", "ing", "ion")]
    expected = [stem(word) for word in words]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(50):
            stem.cache_clear()
            assert list(pool.map(stem, words)) == expected
