"""Cleans what loaders read into the text that is stored, quoted and counted in."""

import re
import unicodedata
from collections.abc import Iterator

# "Photo: AP", "Image credit: Reuters/J. Doe": a line of its own that is no part of the story.
_CREDIT = re.compile(r"(photo|image|picture|photograph)s?( credits?| courtesy| by)?\s*: .{1,80}", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2060\ufeff\ud800-\udfff]")
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_MARKS = re.compile(r"[^\x00-\u02ff\w\s]{31,}")  # where combining marks may be: they are no word characters
_MOST_MARKS = 30  # on one letter, as in Unicode's stream-safe text; normalising longer runs takes time squared


def clean(text: str) -> str:
    """Normalise `text`: NFC, one paragraph a line, single spaces, no control characters or photo credits."""
    return "\n".join(line for line in _lines(text) if not _CREDIT.fullmatch(line))


def clean_line(text: str | None) -> str | None:
    """The same for a title, a name or a question: one line, or None when nothing is left."""
    return " ".join(_lines(text or "")) or None


def _lines(text: str) -> Iterator[str]:
    text = _MARKS.sub(_fewer_marks, _UNPRINTABLE.sub("", _LINE_END.sub("\n", text)))
    text = unicodedata.normalize("NFC", text)
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return (line for line in lines if line)


def _fewer_marks(run: re.Match[str]) -> str:
    kept = (char for number, char in enumerate(run[0]) if number < _MOST_MARKS or not unicodedata.combining(char))
    return "".join(kept)


def headline(text: str, limit: int = 90) -> str:
    """A stand-in title for a story that has none: its first words, cut at a word's end."""
    first = text.split("\n", 1)[0]
    if len(first) <= limit:
        return first
    return first[:limit].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"
