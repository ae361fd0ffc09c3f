"""Who does what to whom: "Putin asked Lukashenko" has the words of "Lukashenko asked Putin", and says another thing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.verification.words import Word, listed, same_key

_JOINS = listed("and or")
_WHERE = listed("in at near from of on off after before during around outside across under over as than")
_PREPOSITIONS = _WHERE | listed("to with by for against about into between among")
_PASSIVE = "by"


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two names, and the word before each, which is empty where a clause begins with the name."""

    one: str
    before_one: str
    other: str
    before_other: str

    @property
    def acts(self) -> bool:
        """Whether the first can be whom the sentence is about."""
        return self.before_one not in _PREPOSITIONS


def exchanged(claim: Sequence[Word], quote: Sequence[Word]) -> bool:
    """Whether two names of the claim stand in the quote in each other's place."""
    told = list(_pairs(quote))
    for pair in _pairs(claim):
        same = [each for each in told if same_key(pair.one, each.one) and same_key(pair.other, each.other)]
        turned = [each for each in told if same_key(pair.one, each.other) and same_key(pair.other, each.one)]
        if pair.before_other in _JOINS or any(each.before_other == pair.before_other for each in same):
            continue
        if same:
            # "Putin asked Lukashenko", "Putin was asked by Lukashenko"
            if all((each.before_other == _PASSIVE) != (pair.before_other == _PASSIVE) for each in same):
                return True
        elif any(_took_places(pair, each) or _took_parts(pair, each) for each in turned):
            return True
    return False


def _took_places(pair: _Pair, turned: _Pair) -> bool:
    """Whether each name is behind the word that the other was behind: "miners at Copper", "Copper miners at"."""
    return (pair.before_one, pair.before_other) == (turned.before_one, turned.before_other) and (
        pair.before_one != pair.before_other
    )


def _took_parts(pair: _Pair, turned: _Pair) -> bool:
    """Whether each time the first one acts and the second is acted upon, or both times is behind "by"."""
    links = {pair.before_other, turned.before_other}
    if _PASSIVE in links:
        return len(links) == 1
    return pair.acts and turned.acts and not links & (_WHERE | _JOINS)


def _pairs(words: Sequence[Word]) -> Iterator[_Pair]:
    """Each name with each later one, by the last words of both that belong to them."""
    names = [i for i, word in enumerate(words) if word.is_name]
    for place, i in enumerate(names):
        for j in names[place + 1 :]:
            if _first(words, j) > i:
                yield _Pair(words[i].key, _before(words, i), words[j].key, _before(words, j))


def _first(words: Sequence[Word], i: int) -> int:
    """The place of the first word of the name that `i` belongs to."""
    while i > 0 and words[i - 1].is_name and words[i - 1].clause == words[i].clause:
        i -= 1
    return i


def _before(words: Sequence[Word], i: int) -> str:
    """The word before the name that `i` belongs to, in its clause."""
    first = _first(words, i)
    if first == 0 or words[first - 1].clause != words[first].clause:
        return ""
    word = words[first - 1]
    return word.key if word.is_content else word.text.lower()
