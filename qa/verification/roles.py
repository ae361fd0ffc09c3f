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
    """Two names; the words before each, and whether the first can be whom the sentence is about."""

    one: str
    other: str
    link: str
    is_subject: bool


def exchanged(claim: Sequence[Word], quote: Sequence[Word]) -> bool:
    """Whether two names of the claim stand in the quote with their roles exchanged.

    The word before the second name tells its part. Names in the other order mean the opposite where each time the
    first one acts and the second one is acted upon, or both times is behind "by"; in the same order, where it is
    behind "by" only once.
    """
    told = list(_pairs(quote))
    for pair in _pairs(claim):
        if pair.link in _JOINS:
            continue
        same = [each for each in told if same_key(pair.one, each.one) and same_key(pair.other, each.other)]
        turned = [each for each in told if same_key(pair.one, each.other) and same_key(pair.other, each.one)]
        if any(each.link == pair.link for each in same):
            continue
        if same and all((each.link == _PASSIVE) != (pair.link == _PASSIVE) for each in same):
            return True
        if not same and any(_opposed(pair, each) for each in turned):
            return True
    return False


def _opposed(pair: _Pair, turned: _Pair) -> bool:
    if _PASSIVE in (pair.link, turned.link):
        return pair.link == turned.link
    acts = pair.is_subject and turned.is_subject
    return acts and turned.link not in _JOINS and not {pair.link, turned.link} & _WHERE


def _pairs(words: Sequence[Word]) -> Iterator[_Pair]:
    """Each name with each later one, by the last words of both that belong to them."""
    names = [i for i, word in enumerate(words) if word.is_name]
    for place, i in enumerate(names):
        for j in names[place + 1 :]:
            link = _before(words, j)
            if link > i:
                front = _before(words, i)
                spelled = words[front].text.lower() if front >= 0 and words[front].clause == words[i].clause else ""
                yield _Pair(words[i].key, words[j].key, _link(words[link]), spelled not in _PREPOSITIONS)


def _before(words: Sequence[Word], i: int) -> int:
    """The place of the word before the full form of the name that `i` belongs to; -1 where it comes first."""
    while i > 0 and words[i - 1].is_name:
        i -= 1
    return i - 1


def _link(word: Word) -> str:
    return word.key if word.is_content else word.text.lower()
