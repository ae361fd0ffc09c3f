"""A file on its way into the index: its bytes within a limit, its text in whatever encoding."""

import codecs
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, Self

from index.errors import LoadError
from index.loaders.budget import Budget

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

# Encodings that no text is in; the first takes hours to decode what is made to be slow.
_NO_CHARSETS = ("punycode", "idna", "unicode-escape", "raw-unicode-escape", "unicode_escape", "raw_unicode_escape")


@dataclass(frozen=True, slots=True)
class File:
    """What articles are read from: a file on disk, a member of an archive, a page that was fetched.

    `name` tells the format by its suffix. Nothing longer than `max_bytes` is ever held as one piece. `budget` is what
    the archives in it may still unpack to, and `charset` the encoding that whoever served it claims.
    """

    name: str
    max_bytes: int
    open: Callable[[], io.BufferedReader]
    budget: Budget
    charset: str | None = None

    @classmethod
    def at(cls, path: Path, max_bytes: int) -> Self:
        """The file at `path` on disk."""
        return cls(path.name, max_bytes, lambda: path.open("rb"), Budget.of(max_bytes))

    @classmethod
    def of(cls, data: bytes, name: str, max_bytes: int, *, charset: str | None = None) -> Self:
        """Bytes that are at hand, under a name."""
        return cls(name, max_bytes, lambda: _stream(data), Budget.of(max_bytes), charset)

    def member(self, name: str, unpack: Callable[[], IO[bytes]]) -> "File":
        """A file inside of this one, unpacked as it is read and never beyond the budget."""
        return File(name, self.max_bytes, lambda: self.budget.meter(unpack), self.budget)

    @property
    def suffix(self) -> str:
        """The end of the name that tells the format, in lower case."""
        return PurePath(self.name).suffix.lower()

    def data(self) -> bytes:
        """The whole file. Raises LoadError when it is empty or too large."""
        with self.open() as stream:
            return self._checked(stream.read(self.max_bytes + 1), "the file")

    def text(self) -> str:
        """The whole file, decoded. Raises LoadError when it is empty, binary or too large."""
        return decode(self.data(), self.charset)

    def lines(self) -> Iterator[tuple[int, str | LoadError]]:
        """The lines that are not blank, numbered from 1, decoded one by one; a bad one is a LoadError."""
        for number, line in enumerate(self._raw_lines(), start=1):
            if not line.strip():
                continue
            try:
                yield number, decode(self._checked(line, "the line"), self.charset)
            except LoadError as error:
                yield number, error

    def _raw_lines(self) -> Iterator[bytes]:
        with self.open() as stream:
            if stream.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                yield from self.text().encode().splitlines()
                return
            while line := stream.readline(self.max_bytes + 1):
                rest = line
                while rest and not rest.endswith(b"\n"):  # never more than one piece of a long line is held
                    rest = stream.readline(self.max_bytes + 1)
                    line += rest[: max(0, self.max_bytes + 1 - len(line))]
                yield line.rstrip(b"\r\n")

    def _checked(self, data: bytes, what: str) -> bytes:
        if not data.strip():
            raise LoadError(f"{what} is empty")
        if len(data) > self.max_bytes:
            limit = f"{self.max_bytes / 1e6:g} MB"
            raise LoadError(f"{what} is larger than the {limit} one article may have; raise --max-file-mb to allow it")
        return data


def decode(data: bytes, charset: str | None = None) -> str:
    """Decode text by its byte-order mark, as UTF-8, as `charset`, or in the legacy encoding that fits it best."""
    encoding = next((name for bom, name in _BOMS.items() if data.startswith(bom)), "utf-8")
    if encoding != "utf-16" and b"\x00" in data:
        raise LoadError("is binary, not text")
    for name in (encoding, charset):  # what is valid UTF-8 is UTF-8, whatever is claimed
        if name and name.lower() not in _NO_CHARSETS:
            with suppress(UnicodeError, LookupError):
                return data.decode(name)

    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise LoadError("is in no known text encoding; save it as UTF-8")
    return str(best)


def _stream(data: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(data))  # which peeks, as that of a file does
