"""A file on its way into the index: its bytes within a limit, its text in whatever encoding."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.errors import LoadError

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class File:
    """A file to read articles from; nothing longer than `max_bytes` is ever held as one piece."""

    path: Path
    max_bytes: int

    def text(self) -> str:
        """The whole file, decoded. Raises LoadError when it is empty, binary or too large."""
        with self.path.open("rb") as stream:
            data = stream.read(self.max_bytes + 1)
        return self._decode(data, "the file")

    def lines(self) -> Iterator[tuple[int, str | LoadError]]:
        """The lines, numbered from 1, decoded one by one; a line too long or not text is a LoadError."""
        with self.path.open("rb") as stream:
            number = 0
            while data := stream.readline(self.max_bytes + 1):
                number += 1
                if len(data) > self.max_bytes:
                    _skip_line(stream, self.max_bytes)
                try:
                    yield number, self._decode(data, "the line")
                except LoadError as error:
                    yield number, error

    def _decode(self, data: bytes, what: str) -> str:
        if not data.strip():
            raise LoadError(f"{what} is empty")
        if len(data) > self.max_bytes:
            limit = f"{self.max_bytes / 1e6:g} MB"
            raise LoadError(f"{what} is larger than the {limit} one article may have; raise --max-file-mb to allow it")
        return decode(data)


def decode(data: bytes) -> str:
    """Decode text by its byte-order mark, as UTF-8, or in the legacy encoding that fits it best."""
    encoding = next((name for bom, name in _BOMS.items() if data.startswith(bom)), "utf-8")
    if encoding != "utf-16" and b"\x00" in data:
        raise LoadError("is binary, not text")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(data).best()
        if best is None:
            raise LoadError("is in no known text encoding; save it as UTF-8") from None
        return str(best)


def _skip_line(stream: object, step: int) -> None:
    readline = stream.readline  # type: ignore[attr-defined]
    while (rest := readline(step)) and not rest.endswith(b"\n"):
        continue
