"""Word documents: paragraphs, headings and tables, a row a line."""

from collections.abc import Iterator
from typing import Any

from index.errors import LoadError
from index.loaders.file import File
from index.loaders.markup import parse_xml, row
from index.loaders.package import Package, open_package
from index.loaders.record import Record

SUFFIXES = (".docx",)

_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_MAIN = "/officeDocument"  # the end of the type of the relation that leads to the text


def load(file: File) -> Iterator[Record]:
    """Read the document's one article.

    Read with lxml itself: python-docx leaves out the text of content controls and tracked insertions, and unpacks
    every part whole. The date a document was made is not the date of publication, so there is none.
    """
    with open_package(file) as package:
        root = parse_xml(package.part(_main_part(package)), "its text")
        title = _title(package) or _titled(root)
    yield Record(text="\n".join(_lines(root)), title=title)


def _main_part(package: Package) -> str:
    relations = package.part("_rels/.rels")
    if not relations:
        raise LoadError("is not a Word document: it holds no relations of parts")
    for relation in parse_xml(relations, "its list of parts"):
        if str(relation.get("Type")).endswith(_MAIN):
            return str(relation.get("Target")).lstrip("/")
    raise LoadError("is not a Word document: it names no text")


def _title(package: Package) -> str | None:
    properties = package.part("docProps/core.xml")
    return parse_xml(properties, "its properties").findtext(_TITLE) if properties else None


def _titled(root: Any) -> str | None:
    """The paragraph in the style of a title."""
    for style in root.iter("{*}pStyle"):
        if "Title" in style.attrib.values():
            return _text(style.getparent().getparent())
    return None


def _lines(element: Any) -> Iterator[str]:
    """The lines below an element: its paragraphs, and the rows of its tables."""
    for child in element:
        name = _name(child)
        if name == "p":
            yield _text(child)
        elif name == "tr":
            yield row([" ".join(_lines(cell)) for cell in _cells(child)])
        elif name not in ("Fallback", "del", "moveFrom"):  # the same again for older programs, and what was deleted
            yield from _lines(child)


def _cells(element: Any) -> Iterator[Any]:
    for child in element:
        if _name(child) == "tc":
            yield child
        else:
            yield from _cells(child)


def _text(paragraph: Any) -> str:
    """The words of a paragraph, with those of its text boxes behind them."""
    parts: list[str] = []
    boxes: list[str] = []

    def collect(element: Any) -> None:
        for child in element:
            name = _name(child)
            if name == "t":
                parts.append(child.text or "")
            elif name in ("tab", "ptab", "cr", "br"):
                parts.append("\n" if name in ("cr", "br") else " ")
            elif name == "noBreakHyphen":
                parts.append("-")
            elif name == "txbxContent":
                boxes.extend(_lines(child))
            elif name not in ("Fallback", "del", "moveFrom", "pPr", "rPr"):
                collect(child)

    collect(paragraph)
    return "\n".join(["".join(parts), *boxes])


def _name(element: Any) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""
