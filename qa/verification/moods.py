"""What a sentence asserts, and what it denies or leaves open: "did not resign" and "may resign" are not "resigned"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.stems import stem
from qa.verification.synonyms import MEANINGS
from qa.verification.words import Word, listed

_DENIES = listed("""
    not no never none nobody nothing neither nor without cannot hardly denied denies deny denying prevented false untrue
    wrongly falsely unlikely averted avoided
""")
_DENIES_TO = listed("refused refuses refuse refusing failed fails fail failing declined declines decline declining")
_LEAVES_OPEN = listed("""
    may might could would should will shall if unless whether perhaps possibly probably likely alleged allegedly
    reportedly rumoured rumored supposedly plans planned planning expected expects expect hopes hoped threatened
    threatens tried tries attempted considering considers considered proposed
""")
# "urged him to resign" leaves open whether he did; "began to fall" does not.
_CARRIED_OUT = listed("began begun begins start started continued continues had has have managed went forced")
_PASSED_OVER = listed("yet ever even already publicly")  # and other adverbs: "did not openly resign"

_OPPOSITES = """
    rise fall|increase decrease|increase reduce|gain lose|win lose|open close|begin end|approve reject|accept reject
    allow ban|support oppose|arrest release|confirm deny|guilty innocent|convict acquit|high low|higher lower|more less
    more fewer|most least|before after|above below|first last|best worst|buy sell|import export|hire fire|enter leave
    arrive leave|join leave|ally enemy|success failure|legal illegal|legal unlawful|north south|east west|better worse
    northern southern|eastern western|strengthen weaken|alive dead|true false|male female|older younger|early late
    oldest youngest|largest smallest|biggest smallest|longest shortest|cut raise|success fail|majority minority
"""


def _pairs() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for pair in re.split(r"[|\n]", _OPPOSITES.strip()):
        one, other = (MEANINGS.get(root, root) for root in map(stem, pair.split()))
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found


@dataclass(frozen=True, slots=True)
class Moods:
    """The keys of the words that are asserted, denied and left open, one maybe in several; whether any word denies."""

    asserted: frozenset[str]
    denied: frozenset[str]
    left_open: frozenset[str]
    denies: bool


def moods_of(words: Sequence[Word]) -> Moods:
    """The moods of the words of a sentence. Denied, or left open, is the next word of content in the clause."""
    asserted: set[str] = set()
    denied: set[str] = set()
    left_open: set[str] = set()
    now, clause, denies = asserted, 0, False
    for place, word in enumerate(words):
        lower = word.text.lower().replace("’", "'")
        if lower == "that" and now is not asserted:  # "denied that she had taken money"
            clause = word.clause
        if word.clause != clause:
            now = asserted
        if word.is_content and not word.is_name and not _is_passed_over(lower):
            now.add(word.key)
            now = asserted
        opens_more = now is not denied and not word.is_name
        follows = words[place + 1].text.lower() if place + 1 < len(words) else ""
        if lower in _DENIES or lower.endswith("n't") or (lower in _DENIES_TO and follows == "to"):
            now, clause, denies = denied, word.clause, True
        elif opens_more and (lower in _LEAVES_OPEN or (lower == "to" and _is_infinitive(words, place))):
            now, clause = left_open, word.clause
    return Moods(frozenset(asserted), frozenset(denied), frozenset(left_open), denies)


def _is_passed_over(lower: str) -> bool:
    return lower in _PASSED_OVER or lower.endswith("ly")


def _is_infinitive(words: Sequence[Word], place: int) -> bool:
    """Whether this "to" leaves open what follows: "urged him to resign"; not "to Putin", nor "began to fall"."""
    before = words[place - 1].text.lower() if place else ""
    follows = words[place + 1] if place + 1 < len(words) else None
    return before not in _CARRIED_OUT and follows is not None and follows.text.islower() and follows.is_content


def contradicts(claim: Moods, quote: Moods) -> bool:
    """Whether the claim asserts what the quote only denies or leaves open, or denies what it does not."""
    if claim.denies and not quote.denies:
        return True
    said = claim.asserted - claim.denied - claim.left_open
    possible = (claim.asserted | claim.left_open) - claim.denied
    not_said = (quote.denied | quote.left_open) - quote.asserted
    impossible = quote.denied - quote.asserted - quote.left_open
    denied = (claim.denied - claim.asserted) & ((quote.asserted | quote.left_open) - quote.denied)
    return bool(said & not_said or possible & impossible or denied)


def turns_round(claim: set[str], quote: set[str]) -> bool:
    """Whether the claim has a word whose opposite stands in its place in the quote."""
    return any(_OPPOSITE.get(word, set()) & (quote - claim) for word in claim - quote)


_OPPOSITE = _pairs()
