"""The standalone query of a follow-up, made of the turns before, with no language model."""

import re
from collections.abc import Sequence

from index.query import Query
from index.words import content_words
from qa.ellipsis import complete
from qa.question import Kind, kind_of
from qa.references import named_again, new_names, points_back, resolve
from qa.subject import CONSTANT, WEIGHTS, Features, left_out
from qa.turn import Turn

_SHORT_ANSWER = 5
_THEN = re.compile(
    r"\b(then|(that|those|same) (days?|times?|weeks?|months?|years?|dates?|figures?|numbers?))\b", re.IGNORECASE
)
_SMALL_TALK = re.compile(
    r"(ok(ay)?|thanks?( you)?|yes|no|really|wow|hmm+|ahh?|oh|cool|great|sure|right|not quite|never mind|i see|who knew"
    r"|(that|this|it)([’']?s| is| was| sounds)( very| really)? (interesting|great|cool|good|sad|terrible)"
    r"|i did(n[’']t| not) (know|expect) that)\W*",
    re.IGNORECASE,
)


def standalone(
    question: str, turns: Sequence[Turn], *, weights: Features = WEIGHTS, constant: float = CONSTANT
) -> Query:
    """What to search for: `question` itself where it stands by itself, or else completed from the turns before.

    Who "he" is, and what an elliptical question leaves out, is written into it; what else it is likely to be about
    comes behind it.
    """
    said = without_small_talk(question)
    before = in_play(said, turns)
    if not before or not points_back(said, before):
        return Query(question)
    last = before[-1]
    completed = complete(said, Query.parse(last.query).asked, last.answer)
    asked = resolve(completed, before)
    if completed != said:  # it has all that the question before had
        return Query(asked)
    answer = _answer(asked, last)
    return Query.of(asked, [*answer, *left_out(" ".join([asked, *answer]), before, weights=weights, constant=constant)])


def discussed(question: str, turns: Sequence[Turn]) -> list[str]:
    """The ids of the articles that a question which does not stand by itself is likely to be about."""
    said = without_small_talk(question)
    before = in_play(said, turns)
    return [id_ for turn in before for id_ in turn.articles] if points_back(said, before) else []


def in_play(question: str, turns: Sequence[Turn]) -> Sequence[Turn]:
    """The turns that `question` may refer to: those of the subject that it names again, or else of the last one."""
    ends = (end for end in range(len(turns), 0, -1) if named_again(question, turns[end - 1]))
    turns = turns[: next(ends, len(turns))]
    opened = (start for start in range(len(turns) - 1, 0, -1) if _opens(turns[start], turns[:start]))
    return turns[next(opened, 0) :]


def without_small_talk(question: str) -> str:
    """`question` without the sentences, such as "Thanks!", that ask nothing; as it is if nothing else were left."""
    kept = [part for part in re.split(r"(?<=[.?!])\s+", question) if not _SMALL_TALK.fullmatch(part)]
    return " ".join(kept) or question


def _opens(turn: Turn, before: Sequence[Turn]) -> bool:
    """Whether a turn began another subject: it stood by itself and named what had not come up."""
    alone = turn.query == turn.question and not points_back(turn.question, before)
    return alone and bool(new_names(turn.question, before))


def _answer(asked: str, last: Turn) -> list[str]:
    """What was answered last, if it is a name, which "it" or "there" may mean, or the time that "then" does."""
    if not last.answer or len(last.answer.split()) > _SHORT_ANSWER:
        return []
    if set(content_words(last.answer)) <= set(content_words(asked)):
        return []
    measure = kind_of(Query.parse(last.query).asked) in (Kind.WHEN, Kind.HOW_MANY) or last.answer[0].isdigit()
    meant = _THEN.search(asked) if measure else any(word[0].isupper() for word in last.answer.split())
    return [last.answer] if meant else []
