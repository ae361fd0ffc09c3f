"""Words without their endings, so that a question and a sentence meet: "Why did it sink?", "It sank because ..."."""

import re
from collections.abc import Callable
from functools import lru_cache
from threading import Lock

# The verbs of news whose past no stemmer can know.
_IRREGULAR = """
beat beaten, become became, begin began begun, bind bound, blow blew blown, break broke broken, bring brought,
build built, buy bought, catch caught, choose chose chosen, come came, deal dealt, draw drew drawn, drive drove driven,
eat ate eaten, fall fell fallen, feel felt, fight fought, find found, flee fled, fly flew flown, forbid forbade
forbidden, forget forgot forgotten, freeze froze frozen, get got gotten, give gave given, go went gone, grow grew grown,
hear heard, hide hid hidden, hold held, keep kept, know knew known, lead led, leave left, lend lent, lose lost,
make made, mean meant, meet met, pay paid, ride rode ridden, rise rose risen, run ran, say said, see saw seen, seek
sought, sell sold, send sent, shake shook shaken, shoot shot, show shown, sing sang sung, sink sank sunk, sit sat,
speak spoke spoken, spend spent, stand stood, steal stole stolen, strike struck, swear swore sworn, swim swam swum,
take took taken, teach taught, tell told, think thought, throw threw thrown, understand understood, wear wore worn,
win won, withdraw withdrew withdrawn, write wrote written
"""
_PRESENT = {form: verb.split()[0] for verb in _IRREGULAR.split(",") for form in verb.split()[1:]}
_ONE_AT_A_TIME = Lock()


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A lower-case word without its endings (Porter's second stemmer, of Snowball); past forms as the present."""
    with _ONE_AT_A_TIME:  # a stemmer works on a word in place
        return _stemmer()(_PRESENT.get(word, word))


def stems_of(text: str) -> set[str]:
    """The stems of the words of `text`."""
    return {stem(word) for word in re.findall(r"\w+", text.lower())}


def pairs_of(text: str) -> set[tuple[str, str]]:
    """The stems of neighbouring words, small words included: "for help" is more than "help"."""
    stems = [stem(word) for word in re.findall(r"\w+", text.lower())]
    return set(zip(stems, stems[1:], strict=False))


@lru_cache(maxsize=1)
def _stemmer() -> Callable[[str], str]:
    import snowballstemmer

    return snowballstemmer.stemmer("english").stemWord  # type: ignore[no-any-return]
