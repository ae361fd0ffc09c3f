"""One compressed file, such as `articles.jsonl.gz`: unpacked as it is read, never as a whole."""

import gzip
from collections.abc import Iterator
from typing import IO, cast

from index.errors import LoadError
from index.loaders import read
from index.loaders.file import File
from index.loaders.record import Record

SUFFIXES = (".gz",)


def load(file: File) -> Iterator[Record | LoadError]:
    """Read the compressed file in the format that its name has without `.gz`."""

    def unpack() -> IO[bytes]:
        return cast(IO[bytes], gzip.open(file.open()))

    with file.budget.level():
        yield from read(file.member(file.name[: -len(".gz")], unpack))
