"""What the span reader is given to read, in word pieces; training and reading write it alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MAX_TOKENS = 384
"""Word pieces of a question and a passage together; what is more of the passage is not read."""

MAX_QUESTION_TOKENS = 128
"""Word pieces of a question; what is more of it is not read."""


@dataclass(frozen=True, slots=True)
class SpanInput:
    """A question, and a passage after its article's title, as `[CLS] question [SEP] title | passage [SEP]`.

    A passage from the middle of an article says "he" of whom the title names. `types` are 0 for the question and 1
    for the rest. The passage begins with word piece `first`; `places` has the characters `[start, end)` of the
    passage that each of its word pieces stands for.
    """

    ids: list[int]
    types: list[int]
    first: int
    places: list[tuple[int, int]]

    @property
    def passage(self) -> slice:
        """The word pieces of the passage."""
        return slice(self.first, self.first + len(self.places))


class Writer:
    """Writes questions and passages as the span reader reads them."""

    def __init__(self, tokenizer_file: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._begin, self._end = self._tokenizer.encode("").ids

    def write(self, question: str, passages: Sequence[tuple[str, str]]) -> Iterator[SpanInput]:
        """One input for each of the passages, given by title and text."""
        asked = self._tokenizer.encode(question, add_special_tokens=False).ids[:MAX_QUESTION_TOKENS]
        heads = [f"{title} | " if title else "" for title, _ in passages]
        texts = [head + text for head, (_, text) in zip(heads, passages, strict=True)]
        room = MAX_TOKENS - len(asked) - 3
        encodings = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        for head, encoding in zip(heads, encodings, strict=True):
            ids, places = encoding.ids[:room], encoding.offsets[:room]
            title = sum(start < len(head) for start, _ in places)
            yield SpanInput(
                ids=[self._begin, *asked, self._end, *ids, self._end],
                types=[0] * (len(asked) + 2) + [1] * (len(ids) + 1),
                first=len(asked) + 2 + title,
                places=[(start - len(head), end - len(head)) for start, end in places[title:]],
            )
