"""The numbers of a sentence by their values: 26, twenty-six, 1.2 million, two dozen, third."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from qa.verification.words import Word

_SMALL = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
"""
_UNITS = {word: number for number, word in enumerate(_SMALL.split())}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS |= {word: 10 * number for number, word in enumerate(_TENS.split(" "), start=2)}
_TIMES = {"dozen": 12, "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_TIMES |= {"bn": 10**9, "m": 10**6, "tn": 10**12, "k": 10**3}
_COUNTED = """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
    sixteenth seventeenth eighteenth nineteenth twentieth
"""
_ORDINALS = {word: number for number, word in enumerate(_COUNTED.split(), start=1)}
_PRONOUN = "one"  # one of them, no one: no number


@dataclass(frozen=True, slots=True)
class Number:
    """A value, and the word `[first, last]` it is written with. Third is no three: it `is_ordinal`."""

    value: Decimal
    is_ordinal: bool
    first: int
    last: int

    def is_same(self, other: "Number") -> bool:
        """Whether both say the same, however written."""
        return (self.value, self.is_ordinal) == (other.value, other.is_ordinal)


def numbers_of(words: Sequence[Word]) -> list[Number]:
    """All numbers among the words, in order, years and days of the month included."""
    found: list[Number] = []
    i = 0
    while i < len(words):
        number = _ordinal(words, i) or _cardinal(words, i)
        if number:
            found.append(number)
        i = number.last + 1 if number else i + 1
    return found


def _ordinal(words: Sequence[Word], i: int) -> Number | None:
    lower = words[i].text.lower()
    if lower in _ORDINALS:
        return Number(Decimal(_ORDINALS[lower]), True, i, i)
    joined = i + 1 < len(words) and words[i].end == words[i + 1].start
    if lower.isdecimal() and joined and words[i + 1].text.lower() in ("st", "nd", "rd", "th"):
        return Number(Decimal(lower), True, i, i + 1)
    return None


def _cardinal(words: Sequence[Word], i: int) -> Number | None:
    """A number of one or more words: each adds to the one before, or multiplies it."""
    total = Decimal(0)
    group: Decimal | None = None
    last, spelled = i, [word.text.lower() for word in words]
    if spelled[i] == _PRONOUN and not (i + 1 < len(words) and spelled[i + 1] in _TIMES):
        return None
    for j in range(i, len(words)):
        word = spelled[j]
        if word in _TIMES and (group is not None or spelled[max(0, j - 1)] in ("a", "an")):
            group = (Decimal(1) if group is None else group) * _TIMES[word]
            if _TIMES[word] >= 1000:
                total, group = total + group, Decimal(0)
        elif (
            word == "and"
            and (total or group)
            and (group or 0) % 100 == 0
            and j + 1 < len(words)
            and spelled[j + 1] in _UNITS
        ):
            continue
        elif (value := _value(word)) is not None and (group is None or _adds(group, value, word)):
            group = value if group is None else group + value
        else:
            break
        last = j
    return None if group is None else Number(total + group, False, i, last)


def _value(word: str) -> Decimal | None:
    if word in _UNITS:
        return Decimal(_UNITS[word])
    if word[0].isdigit() and word.isascii():
        whole, _, part = word.rpartition(".") if word.count(".") == 1 else (word, "", "")
        digits = whole.replace(",", "").replace(".", "")
        return Decimal(f"{digits}.{part}" if part else digits).normalize() if digits.isdecimal() else None
    return None


def _adds(group: Decimal, value: Decimal, word: str) -> bool:
    """Whether a number goes on with this word: twenty six, one hundred five; but not two three."""
    if word not in _UNITS:
        return False
    return (group % 100 == 0 and value < 100) or (group % 10 == 0 and group % 100 >= 20 and value < 10)
