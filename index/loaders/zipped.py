"""Archives of article files; nothing is ever unpacked to disk."""

import stat
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath

from index.errors import LoadError
from index.loaders import known_formats, may_hold_articles, read
from index.loaders.file import File
from index.loaders.package import open_archive
from index.loaders.record import Record

SUFFIXES = (".zip",)

_ENCRYPTED = 0x1  # of a member's flags
_READ = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others ask for as much memory as the archive likes


def load(file: File) -> Iterator[Record | LoadError]:
    """Read the files in the archive that a folder's would be; one that cannot be read is reported by its name."""
    holds_some = False
    with file.budget.level(), open_archive(file) as archive:
        for info in archive.infolist():
            file.budget.take_file()
            if _is_article(info):
                holds_some = True
                yield from _member(file, archive, info)
    if not holds_some:
        raise LoadError(f"the archive holds no articles; files that end in {known_formats()} are read")


def _is_article(info: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(info.filename)
    hidden = any(part == "__MACOSX" or part.startswith(".") and part != ".." for part in path.parts)
    link = stat.S_ISLNK(info.external_attr >> 16)
    return not info.filename.endswith("/") and not hidden and not link and may_hold_articles(path.name)


def _member(file: File, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[Record | LoadError]:
    name = info.filename
    try:
        if info.flag_bits & _ENCRYPTED:
            raise LoadError("is encrypted; unpack it with its password")
        if info.compress_type not in _READ:
            raise LoadError("is compressed in a way that is not read; unpack it")
        for record in read(file.member(name, partial(archive.open, info))):
            if isinstance(record, LoadError):
                yield LoadError(f"{name}: {record}")
            else:
                # All articles of the archive have its path: the member's name tells them apart.
                own = f"{name}#{record.id}" if record.id else name
                yield record.model_copy(update={"id": own})
    except (LoadError, OSError) as error:
        if file.budget.spent:
            raise
        yield LoadError(f"{name}: {error}")
