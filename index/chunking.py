"""Cuts an article into chunks that end at sentence boundaries and fit the embedding model."""

from bisect import bisect_left
from collections.abc import Callable
from math import ceil

from index.sentences import sentence_spans

TokenStarts = Callable[[str], list[int]]
"""Gives the character at which each of a text's tokens starts."""


def chunk_spans(text: str, *, budget: int, token_starts: TokenStarts) -> list[tuple[int, int]]:
    """Spans of the chunks of `text`, in order and without overlap, each of at most `budget` tokens.

    Whole sentences are packed into chunks of about equal length, so that no article ends in a crumb. Only a
    sentence that is longer than the budget by itself is cut, between words.
    """
    starts = token_starts(text)

    def tokens(start: int, end: int) -> int:
        return bisect_left(starts, end) - bisect_left(starts, start)

    pieces: list[tuple[int, int]] = []
    for start, end in sentence_spans(text):
        pieces.extend(_cut(text, start, end, budget, token_starts) if tokens(start, end) > budget else [(start, end)])

    target = _even_target(sum(tokens(*piece) for piece in pieces), budget)
    spans: list[tuple[int, int]] = []
    for start, end in pieces:
        if spans and tokens(spans[-1][0], start) < target and tokens(spans[-1][0], end) <= budget:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _even_target(total: int, budget: int) -> float:
    """Tokens after which a chunk is full, leaving room for the sentence that crosses the line."""
    return total / max(1, ceil(total / (0.85 * budget)))


def _cut(text: str, start: int, end: int, budget: int, token_starts: TokenStarts) -> list[tuple[int, int]]:
    """Cut at spaces; only a word that is too long by itself is cut inside, where its parts make other tokens."""
    pieces = []
    while len(starts := token_starts(text[start:end])) > budget:
        limit = start + starts[budget]
        space = text.rfind(" ", start + 1, limit)
        cut = space if space > start else limit
        while cut - start > 1 and len(token_starts(text[start:cut])) > budget:
            cut -= 1
        pieces.append((start, cut))
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    return [*pieces, (start, end)]
