"""Books and magazines: an article for each of their documents that has the length of one."""

from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote

from index.errors import LoadError
from index.loaders.file import File, decode
from index.loaders.markup import parse_html, parse_xml, words
from index.loaders.package import Package, open_package
from index.loaders.record import Record

SUFFIXES = (".epub",)

_LEAST = 300  # characters; covers, dedications and imprints have fewer
_NO_PUBLICATION = ("creation", "modification", "conversion", "issued-on-demand")
_UNKNOWN_YEAR = "0101"  # what Calibre writes for a date it does not know


def load(file: File) -> Iterator[Record | LoadError]:
    """Read the documents in reading order, the book's title being their source and its date their date.

    They are articles of their own because those of a magazine are, and because a chapter can be cited by its name
    where a whole book could not.
    """
    with open_package(file) as package:
        opf = _opf(package)
        root = parse_xml(package.part(opf), "its list of contents")
        book, day = _text(root, "title"), _date(root)
        found: list[Record | LoadError] = []
        for path in _spine(root, dirname(opf)):
            _check_open(package, path)
            try:
                found.append(_record(package.part(path), path, book, day))
            except LoadError as error:
                found.append(LoadError(f"{path}: {error}"))
    long = [item for item in found if isinstance(item, LoadError) or len(item.text) >= _LEAST]
    yield from long or [item for item in found if isinstance(item, Record) and item.text.strip()]
    if not found:
        raise LoadError("lists no documents to read")


def _opf(package: Package) -> str:
    container = package.part("META-INF/container.xml")
    if not container:
        raise LoadError("is not an EPUB: it holds no META-INF/container.xml")
    path = parse_xml(container, "its container").find(".//{*}rootfile")
    if path is None or not path.get("full-path"):
        raise LoadError("is not an EPUB: its container names no contents")
    return str(path.get("full-path"))


def _spine(root: Any, folder: str) -> list[str]:
    """The paths of the documents, in reading order; the table of contents is none."""
    items = {item.get("id"): item for item in root.iterfind(".//{*}manifest/{*}item")}
    paths: dict[str, None] = {}
    for reference in root.iterfind(".//{*}spine/{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or "nav" in str(item.get("properties")).split() or not item.get("href"):
            continue
        paths[normpath(join(folder, unquote(str(item.get("href")))))] = None
    return list(paths)


def _check_open(package: Package, path: str) -> None:
    """Raises LoadError when the document is encrypted; only fonts may be."""
    listed = package.part("META-INF/encryption.xml")
    if listed and any(
        unquote(str(reference.get("URI"))).lstrip("/") == path
        for reference in parse_xml(listed, "its list of encrypted parts").iter("{*}CipherReference")
    ):
        raise LoadError("is copy-protected (DRM) and cannot be read")


def _record(data: bytes, path: str, book: str | None, day: str | None) -> Record:
    root = parse_html(decode(data)) if data.strip() else None
    if root is None:
        return Record(text="", id=path)
    heading = next(filter(None, (" ".join(words(heading).split()) for heading in root.iter("h1", "h2", "h3"))), None)
    title = heading or root.findtext(".//title")
    return Record(text=words(root), title=title, date=day, source=book, id=path)


def _text(root: Any, name: str) -> str | None:
    return next((element.text for element in root.iter(f"{{http://purl.org/dc/elements/1.1/}}{name}")), None)


def _date(root: Any) -> str | None:
    """When the book was published; other dates it has are of the file."""
    for element in root.iter("{http://purl.org/dc/elements/1.1/}date"):
        events = [value for name, value in element.attrib.items() if name.endswith("event")]
        if element.text and not set(events) & set(_NO_PUBLICATION) and not element.text.startswith(_UNKNOWN_YEAR):
            return str(element.text)
    return None
