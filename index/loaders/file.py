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
        """The lines that are not blank, numbered from 1, decoded one by one; a bad one is a LoadError."""
        for number, line in enumerate(self._raw_lines(), start=1):
            if not line.strip():
                continue
            try:
                yield number, self._decode(line, "the line")
            except LoadError as error:
                yield number, error

    def _raw_lines(self) -> Iterator[bytes]:
        with self.path.open("rb") as stream:
            if stream.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                yield from self.text().encode().splitlines()
                return
            while line := stream.readline(self.max_bytes + 1):
                rest = line
                while rest and not rest.endswith(b"\n"):  # never more than one piece of a long line is held
                    rest = stream.readline(self.max_bytes + 1)
                    line += rest[: max(0, self.max_bytes + 1 - len(line))]
                yield line.rstrip(b"\r\n")

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
