"""When two answers say the same."""

import re
import string

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_LONGEST_NAME = 6

HONORIFICS = ["Mr", "Mrs", "Ms", "Mx", "Dr", "Prof", "Gov", "Sen", "Rep", "Gen", "Col", "Lt", "Sgt", "Capt", "Rev"]
HONORIFICS += ["Sir", "Lady", "Lord", "Dame"]
"""What stands before a person's name, and says no more who it is."""
_HONORIFICS = {word.lower() for word in HONORIFICS}
_ALIASES = (
    (re.compile(r"\bU\.?S\.?(?:A\.?)?(?!\w)"), "United States"),
    (re.compile(r"\b(?:U\.?K\.?(?!\w)|(?:Great )?Britain\b)"), "United Kingdom"),
    (re.compile(r"\bE\.?U\.?(?!\w)"), "European Union"),
    (re.compile(r"\bU\.?N\.?(?!\w)"), "United Nations"),
)
_NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_DIGITS = {word: str(number) for number, word in enumerate(_NUMBERS)}


def normalise(text: str) -> str:
    """Lower case, no ASCII punctuation, no English articles, single spaces, as SQuAD's own script does it.

    Rajpurkar et al., 2016.
    """
    bare = text.lower().translate(_NO_PUNCTUATION)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", bare).split())


def is_same(one: str, other: str) -> bool:
    """Whether two answers are the same but for spelling, or the shorter is how the longer ends, or its number.

    So a surname is the full name, with an honorific or without, and "26" is "26 years"; but "Russia" is not "Russia
    and Lithuania", nor "Belarusian" the "Belarusian president".
    """
    first, second = _words(one), _words(other)
    if first == second:
        return bool(first)
    short, long = sorted((first, second), key=len)
    if not short or len(long) > _LONGEST_NAME or len(short) == len(long) or {"and", "or", "not", "no"} & set(long):
        return False
    return long[-len(short) :] == short or (long[: len(short)] == short and short[-1].isdecimal())


def _words(text: str) -> list[str]:
    for pattern, name in _ALIASES:
        text = pattern.sub(name, text)
    words = [_DIGITS.get(word, word) for word in re.findall(r"\w+", normalise(text))]
    return words[1:] if len(words) > 1 and words[0] in _HONORIFICS else words
