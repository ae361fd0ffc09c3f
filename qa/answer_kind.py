"""Whether an answer is of the kind that the question asks for."""

import re

from qa.question import Kind

_NAME = re.compile(r"\b(?!(?:The|A|An|In|On|At|Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)(?:day)?\b)[A-Z][\w'’.-]*")


def fits(kind: Kind, answer: str) -> float:
    """1 if `answer` can be of this kind, 0 if not; 0.5 where that has no sign."""
    if kind in (Kind.WHEN, Kind.HOW_MANY):
        return kind.cue(answer)
    if kind in (Kind.WHO, Kind.WHERE):
        return float(bool(_NAME.search(answer)) and not re.match(r"[\d$€£]", answer))
    return 0.5
