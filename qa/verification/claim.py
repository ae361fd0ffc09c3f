"""A sentence taken apart into what has to be found in a quote."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from index.words import is_stop_word
from qa.verification.days import Day, days_of
from qa.verification.moods import Moods, moods_of
from qa.verification.numbers import Number, numbers_of
from qa.verification.words import Word, listed, words_of

_QUOTED = re.compile(r"[\"“”]([^\"“”]{12,}?)[\"“”]")
_JOINT = re.compile(r"[,;:]?\s+(?:and|but|while|although|whereas)\s+|;\s+|,\s+(?=who |which |where )")
_JOINS = re.compile(r"[\s,;:]*(?:and|but|while|although|whereas)?\s*$")
# A part that begins like this has whom it is about in itself; "resigned on Monday" has not.
_BEGINS_ANEW = re.compile(
    r"\d|(?:the|an?|this|that|these|those|his|her|its|their|some|many|several|no|all|both|most|one|two|three|four|five"
    r"|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty)\b|[A-Z]"
)
_RELATIVE = ("who ", "which ", "where ")
_PRONOUNS = listed("he she they it his her their its")
_LEAST = 2
_BESIDE = 2


@dataclass(frozen=True)
class Claim:
    """A sentence, or a part of one. `subject` are the keys of the name it goes on about without naming it."""

    text: str
    subject: frozenset[str] = frozenset()

    @cached_property
    def words(self) -> list[Word]:
        """Its words."""
        return words_of(self.text)

    @cached_property
    def days(self) -> list[Day]:
        """The dates it names."""
        return days_of(self.text)

    @cached_property
    def numbers(self) -> list[Number]:
        """Its numbers that are no part of a date."""
        return [number for number in numbers_of(self.words) if not self._is_date(number)]

    @cached_property
    def moods(self) -> Moods:
        """What it asserts, denies and leaves open."""
        return moods_of(self.words)

    @cached_property
    def content(self) -> list[Word]:
        """The words of content, without those of dates and numbers."""
        spelled = {place for number in self.numbers for place in range(number.first, number.last + 1)}
        return [
            word
            for place, word in enumerate(self.words)
            if word.is_content and place not in spelled and not self._in_date(word.start)
        ]

    @cached_property
    def names(self) -> list[list[Word]]:
        """Its names, each of one or more words."""
        runs: list[list[Word]] = []
        for before, word in zip([None, *self.content], self.content, strict=False):
            if not word.is_name:
                continue
            joined = before is not None and before.is_name and self.text[before.end : word.start] in (" ", "-", ". ")
            if joined and runs:
                runs[-1].append(word)
            else:
                runs.append([word])
        return runs

    @property
    def quoted(self) -> list[str]:
        """What stands in quotation marks and is longer than a word or two."""
        return _QUOTED.findall(self.text)

    @property
    def says_enough(self) -> bool:
        """Whether there is enough in it to be found."""
        return len({word.key for word in self.content}) + len(self.numbers) + len(self.days) >= _LEAST

    @property
    def says_something(self) -> bool:
        """Whether there is more in it than a name."""
        return bool(self.numbers or self.days) or any(not word.is_name for word in self.content)

    @property
    def own_subject(self) -> frozenset[str]:
        """The keys of the name that it begins with; the one it goes on about where it begins with a pronoun."""
        if self._goes_on:
            return self.subject
        return frozenset(word.key for word in self.names[0]) if self.names else frozenset()

    def parts(self) -> "Iterator[Claim]":
        """The statements that it joins; itself alone if it joins none.

        One that names nobody itself ("..., and resigned") is put behind the name that the sentence begins with.
        """
        places = [0, *(match.end() for match in _JOINT.finditer(self.text)), len(self.text)]
        pieces = [_JOINS.sub("", self.text[start:end]) for start, end in zip(places, places[1:], strict=False)]
        if len(pieces) == 1 or not self.own_subject:
            yield self
            return
        name = "" if self._goes_on else self.text[self.names[0][0].start : self.names[0][-1].end]
        parts = [Claim(pieces[0], self.subject), *(self._part(piece, name) for piece in pieces[1:])]
        if not parts[0].says_something and pieces[1].startswith(_RELATIVE):
            parts.pop(0)  # "Haskell, who ...": the name goes with what follows
        yield from parts if all(part.says_something for part in parts) else [self]

    def _part(self, piece: str, name: str) -> "Claim":
        part = Claim(piece, self.own_subject)
        if part._goes_on:
            return part
        if _BEGINS_ANEW.match(piece):
            return Claim(piece)
        return Claim(f"{name} {piece}") if name else part

    @property
    def _goes_on(self) -> bool:
        """Whether it begins with a pronoun."""
        return bool(self.words) and self.words[0].text.lower() in _PRONOUNS

    def _is_date(self, number: Number) -> bool:
        return self._in_date(self.words[number.first].start)

    def _in_date(self, place: int) -> bool:
        return any(day.start <= place < day.end for day in self.days)


def words_beside(words: Sequence[Word], number: Number) -> set[str]:
    """The keys of the nearest words around a number that tell what is counted, all of its clause."""
    clause = words[number.first].clause
    before = [word.key for word in words[: number.first] if word.clause == clause and _tells(word)]
    behind = [word.key for word in words[number.last + 1 :] if word.clause == clause and _tells(word)]
    return {*before[-_BESIDE:], *behind[:_BESIDE]}


def _tells(word: Word) -> bool:
    return not is_stop_word(word.text.lower()) and not word.text[0].isdigit()
