"""How much may come out of one file's archives: a zip bomb ends here."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Self

from index.errors import LoadError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# What reading a damaged archive ends in. A value error is a place before its start.
DAMAGE = (EOFError, zlib.error, zipfile.BadZipFile, ValueError, OSError)

_MAX_MEMBERS = 100_000
_MAX_DEPTH = 3
_PIECE = 1 << 16
_TIMES = 100  # a file of records may be much larger than one article


@dataclass(slots=True)
class Budget:
    """What is left, in bytes unpacked and in files."""

    bytes_left: int
    members_left: int
    depth: int = 0

    @property
    def spent(self) -> bool:
        """Whether a limit is reached."""
        return self.bytes_left < 0 or self.members_left < 0

    @classmethod
    def of(cls, max_bytes: int) -> Self:
        """What a file may unpack to, where `max_bytes` is the limit of one article."""
        return cls(_TIMES * max_bytes, _MAX_MEMBERS)

    @contextmanager
    def level(self) -> Iterator[None]:
        """While an archive is open. Raises LoadError when it lies in too many others."""
        if self.depth >= _MAX_DEPTH:
            raise LoadError(f"lies in {_MAX_DEPTH} archives, one in another; unpack them")
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    def take_file(self) -> None:
        """Count a file of an archive. Raises LoadError when there are too many."""
        self.members_left -= 1
        if self.members_left < 0:
            raise LoadError(f"holds more than {_MAX_MEMBERS:,} files; unpack it")

    def take_bytes(self, count: int) -> None:
        """Count what was unpacked. Raises LoadError when it is too much."""
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise LoadError("unpacks to more than is reasonable; unpack it yourself, or raise --max-file-mb")

    def meter(self, unpack: Callable[[], IO[bytes]]) -> io.BufferedReader:
        """Open a stream that unpacks as it is read, with every byte counted and its failures explained."""
        try:
            return io.BufferedReader(_Metered(unpack(), self))
        except (ValueError, zipfile.BadZipFile) as error:
            raise LoadError(f"is damaged: {error}") from error


class _Metered(io.RawIOBase):
    def __init__(self, stream: IO[bytes], budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._stream.read(min(len(view), _PIECE))
        except DAMAGE as error:
            raise LoadError(f"is damaged or cut short: {error}") from error
        self._budget.take_bytes(len(data))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
