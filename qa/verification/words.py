"""The words of a sentence as they are compared: without endings, with their places, names told from the rest."""

import re
from dataclasses import dataclass

from index.words import is_stop_word
from qa.stems import stem
from qa.verification.synonyms import MEANINGS


def listed(words: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(words.split())


_WORD = re.compile(r"[$€£%]|(?:[A-Za-z]\.){2,}|\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_BOUNDARY = re.compile(r"[,;:()—–]|[.!?](?=\s|$)|\s-\s")
_CONJUNCTIONS = listed("and or but while although though whereas because since who whom which that")

# Words that frame a statement and add nothing to it.
_LIGHT = listed("""
    said say says saying told tell tells according report reports reported reportedly state stated states add added
    adds note noted notes article articles passage passages news newspaper people person persons man men woman women
    one ones number total also however meanwhile later earlier moreover furthermore additionally therefore thus mr mrs
    ms dr please
""")

_ALIASES = {
    ("u.s.",): "us", ("u.s.a.",): "us", ("usa",): "us", ("united", "states"): "us",
    ("u.k.",): "uk", ("britain",): "uk", ("great", "britain"): "uk", ("united", "kingdom"): "uk",
    ("e.u.",): "eu", ("european", "union"): "eu", ("u.n.",): "un", ("united", "nations"): "un",
    ("%",): "percent", ("per", "cent"): "percent", ("$",): "dollar", ("€",): "euro", ("£",): "pound",
}  # fmt: skip
_ENDINGS = frozenset({"n", "an", "ian", "ish", "ese", "s"})
_LONG_ENOUGH = 4
_BE = listed("is are was were be been being")
_LOOK_BACK = 3


@dataclass(frozen=True, slots=True)
class Word:
    """Characters `[start, end)` of a text. `key` is what is compared; `clause` counts the clauses before it."""

    text: str
    key: str
    start: int
    end: int
    clause: int
    is_name: bool
    is_content: bool


def words_of(text: str) -> list[Word]:
    """The words and numbers of `text`, in order."""
    found: list[Word] = []
    clause = last = 0
    matches = list(_WORD.finditer(text))
    i = 0
    while i < len(matches):
        count, key = _key(matches, i)
        start, end = matches[i].start(), matches[i + count - 1].end()
        spelled = text[start:end]
        clause += bool(found) and (bool(_BOUNDARY.search(text, last, start)) or spelled.lower() in _CONJUNCTIONS)
        capital = spelled[0].isupper()
        stop = is_stop_word(spelled.lower()) and not (spelled.isupper() and len(spelled) > 1)
        content = (
            not stop and not spelled[0].isdigit() and spelled.lower() not in _LIGHT and "n't" not in _plain(spelled)
        )
        if key == "kill" and any(word.text.lower() in _BE for word in found[-_LOOK_BACK:]):
            key = MEANINGS["die"]  # who was killed died; who killed did not
        found.append(Word(spelled, key, start, end, clause, capital and content, content))
        last = end
        i += count
    return found


def _key(matches: list[re.Match[str]], i: int) -> tuple[int, str]:
    """How many of the matches from `i` on are one word, and its key."""
    for count in (2, 1):
        spelled = tuple(match[0].lower() for match in matches[i : i + count])
        if len(spelled) == count and (name := _ALIASES.get(spelled)):
            return count, name
    if matches[i][0] in ("US", "UK", "EU", "UN"):
        return 1, matches[i][0].lower()
    bare = re.sub(r"['’]s?$", "", matches[i][0].lower())
    root = stem(_plain(bare))
    return 1, MEANINGS.get(root, root)


def _plain(text: str) -> str:
    return text.replace("’", "'")


def same_key(one: str, other: str) -> bool:
    """Whether two words are the same, or one is made of the other: Russia, Russian."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    return len(short) >= _LONG_ENOUGH and long.startswith(short) and long[len(short) :] in _ENDINGS


def is_among(key: str, keys: set[str]) -> bool:
    """Whether a word is one of others, in any of its forms."""
    return key in keys or any(same_key(key, other) for other in keys if other[:_LONG_ENOUGH] == key[:_LONG_ENOUGH])
