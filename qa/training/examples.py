"""Examples to learn reading from: a question, a passage, and where in it the answer stands, if it does."""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.errors import ArticleQAError


@dataclass(frozen=True, slots=True)
class Example:
    """A question over a passage; any of `spans`, `[start, end)` characters of the passage, is a right answer.

    No spans: the passage does not say. `source` names the set it comes from.
    """

    source: str
    question: str
    passage: str
    title: str = ""
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def answers(self) -> list[str]:
        """The answers' texts."""
        return [self.passage[start:end] for start, end in self.spans]


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write examples as gzipped JSONL."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=5) as stream:
        for example in examples:
            stream.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")


def read_examples(path: Path) -> list[Example]:
    """Read what `write_examples` wrote."""
    examples = []
    for record in read_records(path):
        spans = tuple((start, end) for start, end in record.pop("spans"))
        examples.append(Example(**record, spans=spans))
    return examples


def read_text(path: Path) -> str:
    """The text of a file that is gzipped if its name says so. Raises ArticleQAError when it cannot be read."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as stream:
            return stream.read()
    except OSError as error:
        raise ArticleQAError(f"{path} cannot be read: {error}. The data's folder is given by --data") from error


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a JSONL file, gzipped or not."""
    # Not `splitlines`: a text may hold other line ends, such as U+2028.
    yield from (json.loads(line) for line in read_text(path).split("\n") if line)
