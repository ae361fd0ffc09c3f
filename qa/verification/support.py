"""Whether a quote, a sentence of a passage, says what a claim says."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from index.search import Passage
from index.sentences import sentence_spans
from qa.same import normalise
from qa.verification.claim import Claim, words_beside
from qa.verification.days import Day, is_given, resolved
from qa.verification.instructions import is_instruction
from qa.verification.moods import Moods, contradicts, moods_of, turns_round
from qa.verification.numbers import Number, numbers_of
from qa.verification.roles import exchanged
from qa.verification.words import Word, is_among, listed, words_of

_BEFORE = 2  # sentences before a quote that tell whom its pronouns mean
_WORDS_FROM_BEFORE = 1
_REFERS_BACK = listed("he she they it his her their its him them")
_DEFINITE = listed("the this these those")
_WITHIN = 3  # words between a first name, or a title, and the surname


@dataclass(frozen=True)
class Quote:
    """A sentence, characters `[start, end)` of the passage's article; `before` has those of the ones before it."""

    passage: Passage
    start: int
    end: int
    before: tuple[tuple[int, int], ...]

    @property
    def text(self) -> str:
        """The quote, verbatim."""
        return self.passage.article.text[self.start : self.end]

    @cached_property
    def words(self) -> list[Word]:
        """Its words."""
        return words_of(self.text)

    @cached_property
    def keys(self) -> set[str]:
        """What its words are compared by."""
        return {word.key for word in self.words}

    @cached_property
    def keys_of_title(self) -> set[str]:
        """The same for the article's title."""
        return {word.key for word in words_of(self.passage.article.title)}

    @cached_property
    def keys_before(self) -> set[str]:
        """The same for the sentences before, and for the title."""
        texts = [self.passage.article.text[start:end] for start, end in self.before]
        return self.keys_of_title.union(word.key for text in texts for word in words_of(text))

    @cached_property
    def numbers(self) -> list[Number]:
        """Its numbers."""
        return numbers_of(self.words)

    @cached_property
    def days(self) -> list[Day]:
        """The dates it names, as of the day of publication."""
        return resolved(self.text, self.passage.article.date)

    @cached_property
    def moods(self) -> Moods:
        """What it asserts, denies and leaves open."""
        return moods_of(self.words)

    @property
    def refers_back(self) -> bool:
        """Whether it speaks of somebody who was named before; not if it begins with a name of its own."""
        content = [word for word in self.words if word.is_content]
        if content and content[0].is_name and content[0].text.lower() not in _DEFINITE:
            return False
        begins = bool(self.words) and self.words[0].text.lower() in _DEFINITE
        named = any(word.is_name for word in content)
        return begins or not named or any(word.text.lower() in _REFERS_BACK for word in self.words)


def quotes_of(passage: Passage) -> Iterator[Quote]:
    """All that can be quoted from a passage: each of its sentences, but for those that give orders."""
    spans = [(passage.start + start, passage.start + end) for start, end in sentence_spans(passage.text)]
    usable = [not is_instruction(passage.article.text[start:end]) for start, end in spans]
    for i, span in enumerate(spans):
        if usable[i]:
            before = [other for other, use in zip(spans[:i], usable, strict=False) if use][-_BEFORE:]
            yield Quote(passage, *span, tuple(before))


def supports(claim: Claim, quote: Quote) -> bool:
    """Whether the quote says what the claim says, in nearly the same words."""
    return (
        _covers(claim, quote)
        and _names(claim, quote)
        and all(is_given(day, quote.days) for day in claim.days)
        and all(_has_number(claim, number, quote) for number in claim.numbers)
        and all(normalise(words) in normalise(quote.text) for words in claim.quoted)
        and not contradicts(claim.moods, quote.moods)
        and not turns_round({word.key for word in claim.content}, quote.keys)
        and not exchanged(claim.words, quote.words)
    )


def _covers(claim: Claim, quote: Quote) -> bool:
    """Whether every word of content is there; names, and few other words, also before."""
    missing = {word.key: word for word in claim.content if not is_among(word.key, quote.keys)}
    others = [key for key, word in missing.items() if not word.is_name]
    elsewhere = all(is_among(key, quote.keys_before) for key in missing)
    return elsewhere and len(others) <= _WORDS_FROM_BEFORE and len(missing) < max(1, len(claim.content) / 2)


def _names(claim: Claim, quote: Quote) -> bool:
    """Whether every name is there by its last word, and as a whole in the article; and whom it goes on about.

    The title goes for all sentences. Only whom a claim begins with may be named in the sentences before.
    """
    article = quote.passage.article
    spelled = _words_of_article(article.text) if any(len(name) > 1 for name in claim.names) else []
    titled = quote.keys | quote.keys_of_title if quote.refers_back else quote.keys
    for name in claim.names:
        begins = name[0] is claim.content[0] and quote.refers_back
        if not is_among(name[-1].key, titled | quote.keys_before if begins else titled):
            return False
        if not all(_stands_with(word, name[-1], spelled) for word in name[:-1]):
            return False
    return not claim.subject or bool(claim.subject & (quote.keys | quote.keys_before))


_words_of_article = lru_cache(maxsize=64)(words_of)  # the same for every sentence of it


def _stands_with(first: Word, last: Word, words: list[Word]) -> bool:
    """Whether the article has a first name, or a title, close before the surname."""
    return any(
        word.key == last.key and first.key in {other.key for other in words[max(0, i - _WITHIN) : i]}
        for i, word in enumerate(words)
    )


def _has_number(claim: Claim, number: Number, quote: Quote) -> bool:
    """Whether the number is there, and said of the same: beside it stands a word that stands beside it in the claim."""
    beside = words_beside(claim.words, number)
    for other in quote.numbers:
        if other.is_same(number):
            there = words_beside(quote.words, other)
            if not beside or not there or any(is_among(key, there) for key in beside):
                return True
    return False


def cut(claim: Claim, quote: Quote) -> tuple[int, int]:
    """Characters of the article from the first to the last word of the quote that the claim has, too."""
    keys = {word.key for word in claim.words if _tells(word)}
    shared = [word for word in quote.words if _tells(word) and is_among(word.key, keys)]
    shared = shared or [word for word in quote.words if _tells(word)] or quote.words
    return quote.start + shared[0].start, quote.start + shared[-1].end


def _tells(word: Word) -> bool:
    return word.is_content or word.text[0].isdigit()
