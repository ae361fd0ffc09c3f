"""The words of a text that carry meaning."""

import re

_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        a about after again all also am an and any are as at be because been before being between both but by can
        could did do does doing during each for from further had has have having he her here hers him his how i if
        in into is it its just me more most my no nor not now of off on once only or other our out over own s same
        she should so some such t than that the their them then there these they this those through to too under
        until up us very was we were what when where which while who whom whose why will with would you your
        """,
    )
)


def content_words(text: str) -> list[str]:
    """The words of `text` that carry meaning, lower case, each once; all words if none does."""
    words = list(dict.fromkeys(re.findall(r"\w+", text.lower())))
    return [word for word in words if word not in _STOP_WORDS] or words


def is_stop_word(word: str) -> bool:
    """Whether a lower-case word carries no meaning of its own."""
    return word in _STOP_WORDS
