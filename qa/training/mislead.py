"""Questions that a passage seems to answer but does not, made from those it does.

SQuAD 2.0's writers made theirs by hand (Rajpurkar et al., 2018): a name, a number or a date exchanged, a word
turned into its opposite, a negation. The same is done here by rule, to the question or, which a reader cannot
tell by the question's style, to the passage; and the sentences that hold the answer are taken out.
"""

import random
import re
from collections.abc import Callable
from dataclasses import replace

from index.sentences import sentence_spans
from index.words import content_words
from qa.training.examples import Example

_NAME = re.compile(r"(?<![.!?] )(?<!^)(?<!\w)[A-Z][\w'-]+(?: (?:of |the |de |van )?[A-Z][\w'-]+)*")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,.]*\d(?!\w)|(?<![\w.,])\d(?!\w)")
_AUXILIARY = re.compile(r"\b(did|does|do|is|are|was|were|has|have|had|can|could|will|would|should)\b", re.IGNORECASE)
_OPPOSITES = """
    first last|earliest latest|most least|more less|more fewer|highest lowest|high low|higher lower|largest smallest
    large small|larger smaller|biggest smallest|big small|longest shortest|long short|best worst|better worse|good bad
    before after|above below|over under|north south|northern southern|east west|eastern western|increase decrease
    increased decreased|increases decreases|increasing decreasing|rise fall|rose fell|won lost|win lose|winner loser
    begin end|began ended|start end|started ended|start stop|open close|opened closed|support oppose|supported opposed
    supports opposes|allow forbid|allowed banned|accept reject|accepted rejected|agree disagree|include exclude
    included excluded|male female|man woman|men women|father mother|son daughter|brother sister|husband wife
    king queen|older younger|oldest youngest|old new|modern ancient|strong weak|stronger weaker|strongest weakest
    rich poor|public private|internal external|inside outside|positive negative|major minor|same different
    easy difficult|common rare|popular unpopular|always never|all none|many few|buy sell|bought sold|built destroyed
    create destroy|created destroyed|arrive leave|arrived left|joined left|attack defend|attacked defended|teach learn
    love hate|loved hated|import export|offensive defensive|maximum minimum|upper lower|left right|early late|day night
    summer winter|hot cold|fast slow|true false|success failure|legal illegal|likely unlikely|necessary unnecessary
    able unable|known unknown|gain loss|gained lost|deny confirm|denied confirmed|approve reject|approved rejected
"""
_OPPOSITE = {
    word: other
    for pair in re.split(r"[|\n]", _OPPOSITES)
    if pair.strip()
    for word, other in (pair.split(), pair.split()[::-1])
}
_WORD_WITH_OPPOSITE = re.compile(r"\b(" + "|".join(_OPPOSITE) + r")\b")


def mislead(example: Example, rng: random.Random) -> Example | None:
    """An unanswerable example made from an answerable one in a way drawn by lot, or None if none can be."""
    ways = list(_WAYS)
    rng.shuffle(ways)
    for way in ways:
        made = way(example, rng)
        # A name may stand in the passage only as part of a word, and is then not exchanged.
        if made and (made.question, made.passage) != (example.question, example.passage):
            return replace(made, source=f"{example.source}-not", spans=())
    return None


def _other_name(example: Example, rng: random.Random) -> Example | None:
    """Ask about another of the passage's names."""
    asked, others = _NAME.findall(example.question), _other_names(example)
    if not asked or not others:
        return None
    return replace(example, question=_swap(example.question, rng.choice(asked), rng.choice(others)))


def _name_not_there(example: Example, rng: random.Random) -> Example | None:
    """Let the passage tell of somebody else, under a name taken from elsewhere in it."""
    shared = [
        name
        for name in _NAME.findall(example.question)
        if name in example.passage and not any(_related(name, answer) for answer in example.answers)
    ]
    others = _other_names(example)
    if not shared or not others:
        return None
    return replace(example, passage=_swap(example.passage, rng.choice(shared), rng.choice(others)), title="")


def _other_number(example: Example, rng: random.Random) -> Example | None:
    """Ask about another number or year."""
    asked = _NUMBER.findall(example.question)
    if not asked:
        return None
    gone = rng.choice(asked)
    there = [number for number in set(_NUMBER.findall(example.passage)) if len(number) == len(gone) and number != gone]
    there = [number for number in there if number not in example.answers]
    near = str(int(gone) + rng.choice([-20, -10, -2, -1, 1, 2, 10, 20])) if gone.isdigit() else None
    new = rng.choice(sorted(there)) if there and rng.random() < 0.7 else near
    return replace(example, question=_swap(example.question, gone, new)) if new and not new.startswith("-") else None


def _opposite(example: Example, rng: random.Random) -> Example | None:
    """Turn a word of the question into its opposite."""
    found = list(_WORD_WITH_OPPOSITE.finditer(example.question))
    if not found:
        return None
    word = rng.choice(found)
    question = example.question[: word.start()] + _OPPOSITE[word[0]] + example.question[word.end() :]
    return replace(example, question=question)


def _negated(example: Example, rng: random.Random) -> Example | None:
    """Negate the question."""
    found = _AUXILIARY.search(example.question)
    if not found or re.search(r"\b(not|never|no)\b|n't", example.question):
        return None
    short = {"will": "won't", "can": "can't"}.get(found[1].lower(), found[1] + "n't")
    before, after = example.question[: found.start()], example.question[found.end() :]
    if rng.random() < 0.5:
        return replace(example, question=f"{before}{short}{after}")
    subject = re.match(r"( (?:the |a |an )?\w+)(?= )", after)
    negation = rng.choice([" not", " never"])
    if not subject:
        return None
    return replace(example, question=f"{before}{found[1]}{subject[1]}{negation}{after[subject.end() :]}")


def _without_answer(example: Example, rng: random.Random) -> Example | None:
    """Take out every sentence that holds a content word of an answer."""
    telling = {word for answer in example.answers for word in content_words(answer)}
    sentences = [example.passage[start:end] for start, end in sentence_spans(example.passage)]
    kept = [sentence for sentence in sentences if not telling & set(re.findall(r"\w+", sentence.lower()))]
    return replace(example, passage=" ".join(kept)) if len(kept) >= 2 and len(kept) < len(sentences) else None


def _other_names(example: Example) -> list[str]:
    """The passage's names that neither the question nor an answer holds; not what only begins its sentences."""
    known = [example.question, *example.answers]
    words = set(re.findall(r"\w+", example.passage))
    names = {name for name in _NAME.findall(example.passage) if name.lower() not in words and len(name) > 2}
    return sorted(name for name in names if not any(_related(name, text) for text in known))


def _related(one: str, other: str) -> bool:
    return bool(set(one.lower().split()) & set(re.findall(r"[\w'-]+", other.lower())))


def _swap(text: str, gone: str, new: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(gone)}(?!\w)", lambda _: new, text)


_WAYS: tuple[Callable[[Example, random.Random], Example | None], ...] = (
    _other_name,
    _name_not_there,
    _other_number,
    _opposite,
    _negated,
    _without_answer,
)
