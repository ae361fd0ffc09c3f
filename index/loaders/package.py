"""Files that are zip archives inside, opened without trusting what they say of themselves."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from index.errors import LoadError
from index.loaders.budget import DAMAGE
from index.loaders.file import File

_MAX_DIRECTORY = 16_000_000  # bytes of an archive's list of members, which is read whole


class Package:
    """A document that is a zip archive of parts, such as `.docx` and `.epub`."""

    def __init__(self, archive: zipfile.ZipFile, max_bytes: int) -> None:
        self._archive = archive
        self._max_bytes = max_bytes
        self._left = max_bytes

    def part(self, name: str) -> bytes:
        """A part's bytes, none when there is no such part. Raises LoadError when the parts read are too large."""
        try:
            with self._archive.open(name) as stream:
                data = stream.read(self._left + 1)  # a size given unpacks no more than that, whatever is claimed
        except KeyError:
            return b""
        except (*DAMAGE, RuntimeError, NotImplementedError) as error:
            raise LoadError(f"its part {name} is damaged or encrypted: {error}") from error
        self._left -= len(data)
        if self._left < 0:
            limit = f"{self._max_bytes / 1e6:g} MB"
            raise LoadError(f"unpacks to more than the {limit} one article may have; raise --max-file-mb to allow it")
        return data


@contextmanager
def open_package(file: File) -> Iterator[Package]:
    """Open a document that is a zip archive. Raises LoadError when it is none, or too large."""
    with _open(io.BytesIO(file.data()), file.suffix) as archive:
        yield Package(archive, file.max_bytes)


@contextmanager
def open_archive(file: File) -> Iterator[zipfile.ZipFile]:
    """Open an archive; one on disk may be larger than a file that is read whole. Raises LoadError when it is none."""
    with file.open() as stream:
        if not stream.peek(1):
            raise LoadError("the file is empty")
        # What is unpacked itself can only be read from its start to its end.
        with _open(stream if stream.seekable() else io.BytesIO(file.data()), file.suffix) as archive:
            yield archive


@contextmanager
def _open(stream: io.BufferedReader | io.BytesIO, suffix: str) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(_Wary(stream))
    except (*DAMAGE, NotImplementedError) as error:
        raise LoadError(f"is not a valid {suffix} file: {error}") from error
    with archive:
        yield archive


class _Wary:
    """A stream that is not made to read whatever size an archive claims its list of members to have."""

    def __init__(self, stream: io.BufferedReader | io.BytesIO) -> None:
        self._stream = stream
        self.seek, self.tell = stream.seek, stream.tell

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if size > _MAX_DIRECTORY:
            raise LoadError("holds too many files; unpack it")
        return self._stream.read(size)
