"""The generative reader: a language model writes sentences, and only what the articles bear out counts as cited."""

import logging
from collections.abc import Iterator, Sequence
from typing import Literal

from index.search import Passage
from qa.llm.asking import Asker
from qa.llm.failure import ModelFailed, Unreadable, in_words
from qa.llm.parsing import Draft, Scribe, is_silence
from qa.llm.prompt import messages, pack
from qa.llm.redact import redact
from qa.reader import Claim, Evidence, Reader, Reading
from qa.verification.verify import Verifier

logger = logging.getLogger(__name__)

_MOST_CHARS = 12_000
_MOST_SENTENCES = 20
_REFUSAL = ("i'm sorry", "i am sorry", "i cannot", "i can't", "i can’t", "i’m sorry", "as an ai", "sorry,")


class GenerativeReader:
    """Answers with a language model's sentences, each checked; with another reader's answer where the model fails."""

    def __init__(
        self, asker: Asker, *, name: str, window: int, unverified: Literal["mark", "drop"], fallback: Reader
    ) -> None:
        """`name` is the model's, for people; `window` its tokens; `fallback` answers in its place."""
        self._asker = asker
        self._name = name
        self._window = window
        self._unverified = unverified
        self._fallback = fallback

    def read(self, query: str, passages: Sequence[Passage]) -> Reading:
        """See `Reader.read`."""
        *_, reading = self.stream(query, passages)
        return reading

    def stream(self, query: str, passages: Sequence[Passage]) -> Iterator[Reading]:
        """See `StreamingReader.stream`: a reading for each sentence as soon as it is verified, and one at the end."""
        if not passages:
            yield Reading(None, None, reader=self._name)
            return
        try:
            yield from self._written(query, passages)
        except Exception as error:
            cause = in_words(error)
            if not isinstance(error, ModelFailed):
                logger.debug("the language model failed: %s", redact(str(error)))
            logger.info("the language model %s %s", self._name, cause)
            yield self._instead(query, passages, cause)

    def _written(self, query: str, passages: Sequence[Passage]) -> Iterator[Reading]:
        given = pack(query, passages, window=self._window)
        if not given:
            raise Unreadable("has too small a window for any passage; raise --llm-window")
        scribe, verifier = Scribe(), Verifier()
        usage: dict[str, int] = {}
        claims: list[Claim] = []
        for piece in self._asker.stream(lambda as_json: messages(query, given, as_json=as_json)):
            usage |= piece.usage or {}
            new = [self._checked(draft, given, verifier) for draft in scribe.feed(piece.text)]
            if scribe.length > _MOST_CHARS or scribe.count > _MOST_SENTENCES:
                raise Unreadable("wrote far more than an answer")
            if new:
                claims += new
                if any(claim.verified for claim in new):
                    yield self._reading(claims, usage)
        claims += [self._checked(draft, given, verifier) for draft in scribe.finish()]
        yield self._whole(scribe, claims, usage)

    def _checked(self, draft: Draft, given: Sequence[Passage], verifier: Verifier) -> Claim:
        """A sentence, verified if the passages that it names say it; if it names none, all are looked through."""
        exist = [given[number - 1] for number in draft.numbers if 1 <= number <= len(given)]
        forged = len(exist) < len(draft.numbers)
        verdict = verifier.check(draft.text, exist if draft.numbers else given)
        verified = verdict.verified and not forged
        cited = tuple(passage.rank for passage in exist)
        return Claim(redact(draft.text), verdict.evidence if verified else (), verified, cited)

    def _whole(self, scribe: Scribe, claims: Sequence[Claim], usage: dict[str, int]) -> Reading:
        """The reading at the end. Raises Unreadable where there is nothing to show."""
        if not scribe.length:
            raise Unreadable("sent an empty answer")  # at most, it thought
        if not scribe.is_whole or not (claims or scribe.is_silent):
            raise Unreadable("sent something that cannot be read")
        if any(claim.verified for claim in claims):
            return self._reading(claims, usage)
        if all(is_silence(claim.text) for claim in claims):
            return Reading(None, None, reader=self._name, usage=usage)
        refused = claims[0].text.lower().startswith(_REFUSAL)
        raise Unreadable("refused to answer" if refused else "wrote nothing that its passages bear out")

    def _reading(self, claims: Sequence[Claim], usage: dict[str, int]) -> Reading:
        shown = [claim for claim in claims if claim.verified or self._unverified == "mark"]
        evidence: list[Evidence] = [item for claim in shown for item in claim.evidence]
        said = " ".join(claim.text for claim in shown if claim.verified)
        return Reading(said, None, tuple(evidence), tuple(shown), reader=self._name, usage=dict(usage))

    def _instead(self, query: str, passages: Sequence[Passage], cause: str) -> Reading:
        """The other reader's answer, and why it is given."""
        reading = self._fallback.read(query, passages)
        note = f"The language model {self._name} {cause}. This answer is extracted from the articles without it."
        return Reading(reading.text, reading.confidence, reading.evidence, reader=reading.reader, note=note)
