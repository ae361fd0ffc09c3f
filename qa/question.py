"""What a question asks for, by its words, and how an answer to it can be told."""

import re
from enum import Enum

_MONTHS = r"Jan(uary|\.)?|Feb(ruary|\.)?|March|April|May|June?|July?|Aug(ust|\.)?|Sept?(ember|\.)?|Oct(ober|\.)?"
_DAYS = r"Mon|Tues|Wednes|Thurs|Fri|Satur|Sun"
_NAME = r"[A-Z][\w'’.-]*[a-z][\w'’-]*"


class Kind(Enum):
    """What a question asks for; the value is a pattern that sentences with such an answer match."""

    WHO = rf"{_NAME} (?:(?:van|von|de|bin|al) )?{_NAME}|(?<=[a-z,] ){_NAME}"
    WHEN = (
        rf"\b({_MONTHS}|Nov(ember|\.)?|Dec(ember|\.)?)\b|\b({_DAYS})day\b|\b(1[5-9]|20)\d\d\b"
        r"|\b(yesterday|today|tomorrow|(last|next|this) (week|month|year|spring|summer|autumn|fall|winter))\b"
    )
    HOW_MANY = (
        r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?"
        r"|millions?|billions?|half|twice|double|no one|none)\b"
    )
    WHERE = rf"\b(in|at|on|to|from|near|off|into|outside|across|through|via) (the )?(\w+ )?{_NAME}"
    WHY = (
        r"\b(because|due to|owing to|thanks to|so that|in order to|reasons?|in protest|citing|as a result"
        r"|(caus|blam|prompt|trigger|forc|result|trac)\w{1,4}|led to|to (avoid|prevent|protect|save))\b"
    )
    OTHER = r""

    def cue(self, text: str) -> float:
        """1 if `text` holds something of this kind, 0 if not; 0.5 where the kind has no sign of its own."""
        return float(bool(re.search(self.value, text))) if self.value else 0.5


_FIRST_MATCH = (
    (Kind.WHO, r"\b(who|whom|whose)\b|^(which|what) (person|man|woman|politician|minister|president|company|team)\b"),
    (Kind.WHEN, r"\bwhen\b|\b(what|which) (date|day|month|year|time)\b"),
    (Kind.HOW_MANY, r"\bhow (many|much|long|old|far|tall|big|large|high|deep|fast|often)\b"),
    (Kind.HOW_MANY, r"\bwhat (number|share|percentage|proportion|price|age|score|amount|sum)\b"),
    (Kind.WHERE, r"\bwhere\b|\b(what|which) (city|town|country|place|island|state|capital)\b"),
    (Kind.WHY, r"\bwhy\b|\bwhat (caused|led to|was the (cause|reason))\b"),
)

# Questions that no single sentence is sure to answer.
_BROAD = re.compile(
    r"\bwhy\b|\bhow (?!(many|much|long|old|far|tall|big|large|high|deep|fast|often)\b)|\bwhat (happened|caused)"
    r"|^(describe|summari[sz]e|explain|tell)\b",
    re.IGNORECASE,
)


# "Who did [President Alexander] Lukashenko ask for help?"
_SUBJECT = re.compile(
    r"\b(?:did|does|do|has|have|had|is|was|are|were|will|would|can|could)(?: the)?(?: [A-Z]\w*)*? ([A-Z]\w+)(?= [a-z])"
)


def kind_of(question: str) -> Kind:
    """What `question` asks for."""
    return next((kind for kind, words in _FIRST_MATCH if re.search(words, question, re.IGNORECASE)), Kind.OTHER)


def is_broad(question: str) -> bool:
    """Whether up to three sentences may be needed: why, how, what happened, describe, summarise."""
    return bool(_BROAD.search(question))


def subject_of(question: str) -> str | None:
    """Whom a question is about, in lower case: the last part of the name behind its auxiliary verb, if there is one."""
    found = _SUBJECT.search(question)
    return found[1].lower() if found else None


def names_in(text: str) -> set[str]:
    """The names and numbers of a question or sentence, lower case: what an answer must be about."""
    words = re.findall(r"\w[\w'’.-]*\w|\w", text)
    named = {word for word in words[1:] if word[0].isupper() or word[0].isdigit()}
    if words and (words[0][0].isdigit() or any(letter.isupper() for letter in words[0][1:])):
        named.add(words[0])
    return {re.sub(r"['’]s?$", "", word).lower() for word in named}
