"""Checks the sentences of a text, one after the other, against the passages they cite."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.search import Passage
from qa.reader import Evidence
from qa.spans import trim
from qa.verification.claim import Claim
from qa.verification.support import Quote, cut, quotes_of, supports


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence is verified, and the evidence for it: what is not has none."""

    verified: bool
    evidence: tuple[Evidence, ...] = ()


class Verifier:
    """Checks the sentences of one text in their order; "he" is whom the sentence before was about."""

    def __init__(self) -> None:
        self._subject: frozenset[str] = frozenset()
        self._quotes: dict[str, list[Quote]] = {}

    def check(self, sentence: str, passages: Sequence[Passage]) -> Verdict:
        """Check a sentence against the passages that it cites, the first of them first.

        A sentence that joins statements may rest on a quote for each. Each is looked for in one quote, never put
        together from words of several.
        """
        verdict = self.look(sentence, passages)
        self._subject = Claim(sentence, self._subject).own_subject or self._subject
        return verdict

    def look(self, sentence: str, passages: Sequence[Passage]) -> Verdict:
        """The same without going on: other passages can be tried for the same sentence."""
        claim = Claim(sentence, self._inherited(sentence))
        parts = [claim] if self._find(claim, passages) else list(claim.parts())
        evidence: dict[tuple[str, int, int], Evidence] = {}
        for part in parts:
            quote = self._find(part, passages)
            if quote is None:
                return Verdict(False)
            item = _evidence(part, quote)
            evidence.setdefault((item.passage.article.id, item.start, item.end), item)
        return Verdict(bool(evidence), tuple(evidence.values()))

    def _inherited(self, sentence: str) -> frozenset[str]:
        bare = Claim(sentence, self._subject)
        return self._subject if bare.own_subject is self._subject else frozenset()

    def _find(self, claim: Claim, passages: Iterable[Passage]) -> Quote | None:
        """The first quote that supports the claim."""
        if not claim.says_enough:
            return None
        quotes = (quote for passage in passages for quote in self._quotes_of(passage))
        return next((quote for quote in quotes if supports(claim, quote)), None)

    def _quotes_of(self, passage: Passage) -> list[Quote]:
        if passage.chunk_id not in self._quotes:
            self._quotes[passage.chunk_id] = list(quotes_of(passage))
        return self._quotes[passage.chunk_id]


def _evidence(claim: Claim, quote: Quote) -> Evidence:
    """The quote, cut to what the claim takes from it."""
    start, end = cut(claim, quote)
    start, end = trim(quote.text, start - quote.start, end - quote.start)
    return Evidence(quote.passage, quote.start + start, quote.start + end, quote.start, quote.end)
