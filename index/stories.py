"""Finds reprints: articles whose texts are the same but for small edits, as when many print one agency's story.

Candidates share a band of their MinHash sketches (Broder, 1997; Leskovec et al., "Mining of Massive Datasets", 3.4);
whether they are copies is then told by the texts themselves.
"""

import re
from collections.abc import Set

_WORDS_TOGETHER = 3
_BANDS, _ROWS = 16, 4
_SEED = 1
_LEAST_SHARED = 0.6
_MIN_SHINGLES = 20

Shingles = Set[str]


def shingles(text: str) -> Shingles:
    """Every three words in a row, in lower case."""
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[at : at + _WORDS_TOGETHER]) for at in range(len(words) - _WORDS_TOGETHER + 1)}


def sketch(text: Shingles) -> list[int]:
    """Keys, of which two texts that share six of ten shingles have one in common with a probability of 0.9.

    There are none for a text of a line or two, which says too little to be told from another.
    """
    from rensa import RMinHash

    if len(text) < _MIN_SHINGLES:
        return []
    minhash = RMinHash(num_perm=_BANDS * _ROWS, seed=_SEED)
    minhash.update(sorted(text))
    digest = minhash.digest()
    return [_key(band, digest[band * _ROWS : (band + 1) * _ROWS]) for band in range(_BANDS)]


def are_copies(one: Shingles, other: Shingles) -> bool:
    """Whether the texts share at least six of ten of all their shingles."""
    return len(one & other) >= _LEAST_SHARED * len(one | other)


def _key(band: int, values: list[int]) -> int:
    """One number, as large as SQLite's integers are, for a band and its values."""
    key = band
    for value in values:
        key = (key * 0x100000001B3 ^ value) & 0x7FFFFFFFFFFFFFFF
    return key
