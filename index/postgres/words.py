"""Words in PostgreSQL, found by its full-text index and ranked by BM25 as SQLite's FTS5 ranks them.

PostgreSQL's own ranks know neither how rare a word is nor how long a text. So the rarity of each term is kept beside
the index, and how often it stands in a chunk is told from `ts_rank`: for one term that stands there n times it gives
(1 + 1/4 + ... + 1/n²) / (pi²/6), which tells n (calc_rank_or in tsrank.c). Robertson & Zaragoza, "The Probabilistic
Relevance Framework: BM25 and Beyond", 2009; k1, b and the rarity are those of FTS5.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

_K1, _B = 1.2, 0.75
_LEAST_IDF = 1e-6
_LAST_POSITION = 16_383
_STEMMED, _LONGEST = range(3, 65), 200

# A remainder of the series after n terms is 1/(n + 1/2), nearly; rounding makes it exact.
_COUNT = (
    "round(1 / (1.6449340668::float8 * (1 - ts_rank('{{1,1,1,1}}', words.terms, %(term{0})s::tsquery))) - 0.5::float8)"
)
_SCORE = f"%(idf{{0}})s::float8 * (1 - saturation / (saturation + {_COUNT}))"
# Worked out once for a chunk, which OFFSET 0 sees to, and not for each term.
_SATURATION = f"(SELECT {_K1 * (1 - _B)}::float8 + %(slope)s::float8 * words.length AS saturation OFFSET 0)"


def tokens(text: str) -> list[str]:
    """The words of a text as they are compared: without case and accents, by their stems."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(char))
    return [_stem(word) for word in re.findall(r"[^\W_]+", plain)]


@lru_cache(maxsize=200_000)
def _stem(word: str) -> str:
    return _stemmer().stemWord(word) if len(word) in _STEMMED else word[:_LONGEST]


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("porter")


def vector(found: Iterable[str]) -> str:
    """A `tsvector` of these tokens, in PostgreSQL's notation. No token holds a character that means anything in it."""
    places: dict[str, list[int]] = {}
    for place, token in enumerate(found, start=1):
        places.setdefault(token, []).append(min(place, _LAST_POSITION))
    return " ".join(f"'{token}':{','.join(map(str, at))}" for token, at in places.items())


def rank(
    stand_in: Mapping[str, int], times: Mapping[str, int], *, chunks: int, words: int
) -> tuple[str, dict[str, object]]:
    """The SQL that gives BM25 (higher is better) as `score` of each chunk that holds any of the terms, and its values.

    `stand_in` tells for each term in how many of the `chunks` chunks it stands, which have `words` words together, and
    `times` how often it is asked for: words of one stem count as often as they are.
    """
    values: dict[str, object] = {
        "slope": _K1 * _B * chunks / words,
        "any": " | ".join(f"'{term}'" for term in stand_in),
    }
    for number, (term, count) in enumerate(stand_in.items()):
        values[f"term{number}"] = f"'{term}'"
        idf = math.log((chunks - count + 0.5) / (count + 0.5))
        values[f"idf{number}"] = times[term] * (_K1 + 1) * max(idf, _LEAST_IDF)
    score = " + ".join(_SCORE.format(number) for number in range(len(stand_in)))
    return (
        f"SELECT words.number, {score} AS score FROM words, LATERAL {_SATURATION} AS by_length"
        " WHERE words.terms @@ %(any)s::tsquery",
        values,
    )
