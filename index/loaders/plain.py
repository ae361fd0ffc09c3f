"""Plain text: an optional leading `date YYYY-MM-DD`, then one paragraph a line."""

import re
from collections.abc import Iterator

from index.loaders.file import File
from index.loaders.record import Record

SUFFIXES = (".txt",)

_DATE = re.compile(r"\s*date\s+(\d{4}-\S*)\s+", re.IGNORECASE)
_WRAPPED_AT = 100


def load(file: File) -> Iterator[Record]:
    """Read the file's one article."""
    text = file.text()
    date = _DATE.match(text)
    yield Record(text=unwrap(text[date.end() :] if date else text), date=date[1] if date else None)


def unwrap(text: str) -> str:
    """Join the lines of paragraphs that are wrapped to a narrow column and parted by empty lines."""
    blocks = [block.splitlines() for block in re.split(r"\n\s*\n", text)]
    wrapped = len(blocks) > 1 and all(len(line) <= _WRAPPED_AT for block in blocks for line in block)
    return "\n".join((" " if wrapped else "\n").join(block) for block in blocks)
