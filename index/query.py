"""A query as it is written: what is asked, and behind it in parentheses, if it is so, what that is about.

"How deep is it? (Brannoch Dam)": the words in parentheses only say where to look, and weigh less than those asked for,
as the words of earlier turns do in a conversation (Lin et al., "Multi-Stage Conversational Passage Retrieval", 2020).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from index.words import content_words

_ABOUT = re.compile(r"^(?P<asked>.*\S)\s+\((?P<about>[^()]+)\)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked, and the words that say what it is about; `str` writes both."""

    asked: str
    about: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The query that is written so. What stands in parentheses at the very end is what it is about."""
        found = _ABOUT.match(text.strip())
        return cls(found["asked"], found["about"]) if found else cls(text.strip())

    @classmethod
    def of(cls, asked: str, about: Iterable[str]) -> Self:
        """A query of a question and of words and phrases; parentheses in them would not be told from its own."""
        return cls(asked, " ".join(re.sub(r"[()]", "", phrase) for phrase in about))

    def __str__(self) -> str:
        return f"{self.asked} ({self.about})" if self.about else self.asked

    @property
    def terms(self) -> list[str]:
        """The words to look for."""
        return content_words(self.asked)

    @property
    def hints(self) -> list[str]:
        """The words, beyond these, that say what it is about."""
        terms = set(self.terms)
        return [word for word in content_words(self.about) if word not in terms] if self.about else []
