"""Reads what a language model writes, while it writes it, sentence by sentence and in whatever form it comes."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from index.sentences import sentence_spans
from index.text import clean_line

_MARK = re.compile(
    r"\s*[\[【]\^?(?:passages?|articles?|sources?)?\s*#?(-?\d{1,6}(?:\s*(?:,|;|and|-|–)\s*#?\d{1,6})*)\s*[\]】]",
    re.IGNORECASE,
)
_LIST = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)]|#+)\s+")
_BULLET = re.compile(r"[-*•]|\d{1,2}[.)]")
_THINKING = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_MAY_THINK = re.compile(r"<(?:t(?:h(?:i(?:n(?:k(?:i(?:n(?:g)?)?)?)?)?)?)?)?", re.IGNORECASE)
_THOUGHT_END = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_LONGEST_TAG = len("</thinking>")
_JSON = re.compile(r"^\s*(?:```(?:json)?\s*)?(?:\{|\[\s*\{)", re.IGNORECASE)
_MAY_BE_JSON = re.compile(r"^\s*(?:`{0,3}|```j?s?o?n?\s*|\[\s*)$", re.IGNORECASE)
_TEXT = ("text", "sentence", "statement", "claim")
_PASSAGES = ("passages", "passage", "citations", "sources", "cited")
_SILENCE = re.compile(
    r"^\W*(?:the|these|those)?\s*(?:provided |given )?(?:articles?|passages?|texts?|sources?) (?:do|does) not"
    r" (?:say|mention|contain|provide|state|answer|include|give|specify|tell)"
    r"|^\W*(?:i (?:do not|don't) know|not (?:stated|mentioned))",
    re.IGNORECASE,
)
_MOST_IN_A_RANGE = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as the model wrote it, and the numbers of the passages that it named, also such as do not exist."""

    text: str
    numbers: tuple[int, ...]


class Scribe:
    """Takes the model's words as they come, JSON or prose, and gives the sentences that are complete."""

    def __init__(self) -> None:
        self._said = ""
        self._begun = False  # whether it has said anything beside its thoughts
        self._taken = 0  # characters of JSON looked through, or of prose given out
        self._open: list[int] = []  # where the braces that are open began
        self._in_string = self._escaped = False
        self.count = 0

    def feed(self, more: str) -> Iterator[Draft]:
        """The sentences that are complete with these words."""
        known = len(self._said)
        self._said += more
        if not self._begun:
            self._skip_thoughts(known)
        if not self._begun or _MAY_BE_JSON.match(self._said):
            return
        yield from self._counted(self._objects() if self.is_json else self._sentences(at_end=False))

    def finish(self) -> Iterator[Draft]:
        """What is left when nothing more comes."""
        if self._begun and not self.is_json:
            yield from self._counted(self._sentences(at_end=True))

    @property
    def is_json(self) -> bool:
        """Whether what came is JSON."""
        return bool(_JSON.match(self._said))

    @property
    def is_whole(self) -> bool:
        """Whether what came is complete, as far as its form tells: all that JSON opened is closed again."""
        return self._begun and not (self.is_json and (self._open or self._in_string))

    @property
    def is_silent(self) -> bool:
        """Whether it is JSON without a sentence, which says that the articles do not say."""
        given = _loads(self._said[self._said.find("{") : self._said.rfind("}") + 1])
        return isinstance(given, dict) and given.get("sentences") == []

    @property
    def length(self) -> int:
        """Characters so far, without what the model thought before."""
        return len(self._said) if self._begun else 0

    def _skip_thoughts(self, known: int) -> None:
        """Leave out what stands between <think> and </think> at the beginning; nothing else until that has ended."""
        start = self._said.lstrip()
        if _THINKING.match(start):
            if end := _THOUGHT_END.search(self._said, max(0, known - _LONGEST_TAG)):
                self._said, self._begun = self._said[end.end() :], True
        else:
            self._begun = bool(start) and not _MAY_THINK.fullmatch(start)

    def _counted(self, drafts: Iterator[Draft]) -> Iterator[Draft]:
        for draft in drafts:
            self.count += 1
            yield draft

    def _objects(self) -> Iterator[Draft]:
        """A draft of each object that has been closed and has a text; what does not parse is passed over."""
        said = self._said
        while self._taken < len(said):
            char, place = said[self._taken], self._taken
            self._taken += 1
            if self._in_string:
                self._in_string = self._escaped or char != '"'
                self._escaped = char == "\\" and not self._escaped
            elif char == '"':
                self._in_string = bool(self._open)
            elif char == "{":
                self._open.append(place)
            elif char == "}" and self._open:
                yield from _drafts(_loads(said[self._open.pop() : place + 1]))

    def _sentences(self, *, at_end: bool) -> Iterator[Draft]:
        """A draft of each sentence; the last one waits for what may still belong to it."""
        rest = self._said[self._taken :]
        pieces: list[tuple[str, int]] = []
        for start, end in sentence_spans(rest):
            marks = _leading_marks(rest[start:end])
            if pieces and marks:  # "He resigned. [1] Then ...": the number belongs to the sentence before it
                pieces[-1] = (pieces[-1][0] + rest[start : start + marks], start + marks)
                start += marks
            if rest[start:end].strip() and not _BULLET.fullmatch(rest[start:end]):
                pieces.append((rest[start:end], end))
        waits = 2 if pieces and pieces[-1][0].startswith(("[", "【")) else 1  # a number may be on its way
        ready = pieces if at_end else pieces[:-waits]
        for text, end in ready:
            if draft := _from_prose(text):
                yield draft
            taken = end
        if ready:
            self._taken += taken


def is_silence(sentence: str) -> bool:
    """Whether a sentence says that the articles do not say."""
    return bool(_SILENCE.match(sentence))


def _drafts(given: Any) -> Iterator[Draft]:
    """The sentences of an object; more than one, if its text has more, with the same numbers."""
    if not isinstance(given, dict):
        return
    text = next((given[key] for key in _TEXT if isinstance(given.get(key), str)), None)
    named: Any = next((given[key] for key in _PASSAGES if key in given), [])
    found = _from_prose(text) if text else None
    if found is None:
        return
    listed = named if isinstance(named, list) else [named]
    numbers = [number for item in listed for number in _numbers(str(item))]
    numbers = list(dict.fromkeys([*numbers, *found.numbers]))
    for start, end in sentence_spans(found.text):
        yield Draft(found.text[start:end], tuple(numbers))


def _from_prose(text: str) -> Draft | None:
    numbers = [number for mark in _MARK.finditer(text) for number in _numbers(mark[1])]
    bare = _LIST.sub("", _MARK.sub("", text)).replace("**", "").strip()
    bare = re.sub(r"\s+([.,;:!?])", r"\1", clean_line(bare) or "")
    return Draft(bare, tuple(dict.fromkeys(numbers))) if re.search(r"\w", bare) else None


def _leading_marks(text: str) -> int:
    place = 0
    while mark := _MARK.match(text, place):
        place = mark.end()
    return place


def _numbers(text: str) -> list[int]:
    found: list[int] = []
    for first, last in re.findall(r"(-?\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?", text):
        end = int(last) if last else int(first)
        found += range(int(first), min(end, int(first) + _MOST_IN_A_RANGE) + 1)
    return found


def _loads(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
