"""What a question points back to: whether it does, and who "he" and "she" are."""

import re
from collections.abc import Sequence

from index.query import Query
from index.words import content_words
from qa.question import Kind, kind_of, names_in
from qa.turn import Turn

_POINTS_BACK = re.compile(
    r"\b(he|him|his|she|her|hers|it|its|they|them|their|theirs|this|these|those|such|others?|else|same|former|latter"
    r"|another|instead)\b|^(and|but|or|so|what about|how about)\b",
    re.IGNORECASE,
)
# Words that may also join two halves of a question that stands by itself: "Who said that ...?", "Is there ...?"
_MAY_POINT_BACK = re.compile(r"\b(that|there|then|ones?|same|also|too|both|either)\b", re.IGNORECASE)
_ENOUGH = 4

_PERSON = re.compile(
    r"\b(?P<owner>his|hers?(?= (?!at\b|by\b|for\b|from\b|in\b|of\b|on\b|to\b|with\b|and\b|the\b|a\b)\w))\b"
    r"|\b(?P<other>he|she|him|her)\b",
    re.IGNORECASE,
)
_CAPITALS = r"[A-Z][\w’'-]+(?: (?:(?:of|the|de|van|von|al|bin) )?[A-Z][\w’'-]*)*"
_NAME = re.compile(rf"(?<!^)(?<![.?!:] )(?:\bthe )?\b(?!I[’'])\b{_CAPITALS}")
_PLACED = re.compile(r"\b(in|at|of|on|from|to|near|for|by|with|against)( the)?$", re.IGNORECASE)
_SHE = ("she", "her", "hers")
_LONGEST_NAME = 4
_TURNS_BACK = 3


def points_back(question: str, turns: Sequence[Turn]) -> bool:
    """Whether `question` needs the turns before to be understood.

    It does when a word of it refers to something, or when it says little and names nothing new.
    """
    if _POINTS_BACK.search(question):
        return True
    little = len(content_words(question)) < _ENOUGH
    return (little or bool(_MAY_POINT_BACK.search(question))) and not new_names(question, turns)


def new_names(question: str, turns: Sequence[Turn]) -> set[str]:
    """The names in `question`, lower case, that did not come up before."""
    return _names(question) - {word for turn in turns for word in re.findall(r"\w+", _all(turn).lower())}


def named_again(question: str, turn: Turn) -> bool:
    """Whether `question` names something that came up in `turn`."""
    return not _names(question).isdisjoint(re.findall(r"\w+", _all(turn).lower()))


def resolve(question: str, turns: Sequence[Turn]) -> str:
    """`question` with the name of the person in the place of the first "he" or "she", where it is clear who that is."""
    found = _PERSON.search(question)
    person = _person(turns, found[0]) if found else None
    if not found or not person or _names(question[: found.start()]):
        return question
    name = person if found["other"] else f"{person}’" if person.endswith("s") else f"{person}’s"
    return question[: found.start()] + name + question[found.end() :]


def _person(turns: Sequence[Turn], pronoun: str) -> str | None:
    """Whom the last turns were about: who was asked for and found, or else the one who was asked about.

    Of what is named with an article, only "she" can be one: a ship.
    """
    for turn in turns[: -_TURNS_BACK - 1 : -1]:
        asked = Query.parse(turn.query).asked
        if kind_of(asked) is Kind.WHO:
            if turn.answer is None:  # somebody, but nobody knows who
                return None
            if _is_name(turn.answer):
                return turn.answer
        people = [name[0] for name in _NAME.finditer(asked) if not _PLACED.search(asked[: name.start()].rstrip())]
        if len(set(people)) == 1 and (pronoun.lower() in _SHE or not people[0].startswith("the ")):
            return re.sub(r"['’]s?$", "", people[0])
    return None


def _is_name(answer: str) -> bool:
    return len(answer.split()) <= _LONGEST_NAME and re.fullmatch(_CAPITALS, answer) is not None


def _names(question: str) -> set[str]:
    """The words of the names in `question`, lower case; "I" is none."""
    parts = {part for name in names_in(question) for part in re.findall(r"\w+", name)}
    return parts & set(content_words(question))


def _all(turn: Turn) -> str:
    return " ".join((turn.query, turn.answer or "", *turn.sentences))
