"""Records: one article an object or a row, in `.jsonl`, `.json` or `.csv`."""

import csv
import io
import json
from collections.abc import Iterator

from index.article import article_id
from index.errors import LoadError
from index.loaders.file import File
from index.loaders.record import Record
from index.text import clean

SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv")

# What the list of records is called in what news services answer with.
_LISTS = ("articles", "items", "data", "results", "records", "entries", "stories", "news", "documents", "docs")


_SHORT = 1000  # characters; longer ones that are nothing but blanks are left to whoever cleans them


def load(file: File) -> Iterator[Record | LoadError]:
    """Read the file's records; one that cannot be read is yielded as a LoadError that says where it stands."""
    read = {".json": _json, ".csv": _csv}.get(file.suffix, _jsonl)
    yield from read(file)


def _record(fields: object, where: str) -> Record | LoadError:
    try:
        record = Record.of(fields, where)
    except LoadError as error:
        return error
    if len(record.text) < _SHORT and not clean(record.text):
        return LoadError(f"{where}holds no text")
    # Without an id, its text tells a record from its neighbours, so that reordering them changes nothing.
    return record if record.id else record.model_copy(update={"id": article_id(record.text)})


def _jsonl(file: File) -> Iterator[Record | LoadError]:
    empty = True
    for number, line in file.lines():
        empty = False
        where = f"line {number}: "
        if isinstance(line, LoadError):
            yield LoadError(where + str(line))
            continue
        try:
            yield _record(json.loads(line), where)
        except (ValueError, RecursionError) as error:
            yield LoadError(f"{where}is not valid JSON: {error}")
    if empty:
        raise LoadError("the file is empty")


def _json(file: File) -> Iterator[Record | LoadError]:
    try:
        content = json.loads(file.text())
    except (ValueError, RecursionError) as error:
        raise LoadError(f"is not valid JSON: {error}") from error
    for number, fields in enumerate(_listed(content), start=1):
        yield _record(fields, f"record {number}: ")


def _listed(content: object) -> list[object]:
    """The records of a JSON file: a list of them, one that an object holds under a usual name, or just one."""
    if isinstance(content, list):
        return content
    if isinstance(content, dict):
        for name, value in content.items():
            if str(name).lower() in _LISTS and isinstance(value, list) and any(isinstance(one, dict) for one in value):
                return value
    return [content]


def _csv(file: File) -> Iterator[Record | LoadError]:
    text = file.text()
    csv.field_size_limit(file.max_bytes)
    delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in rows:
            yield _record({name: value or None for name, value in row.items()}, f"line {rows.line_num}: ")
    except csv.Error as error:
        raise LoadError(f"line {rows.line_num}: is not valid CSV: {error}") from error
