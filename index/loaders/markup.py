"""The words of the HTML and XML that feeds, books, mail and office documents are made of."""

import re
from typing import Any

from index.errors import LoadError

# What no line runs through; the words of other elements stand in the line around them.
_BLOCK = re.compile(
    "address|article|aside|blockquote|body|br|caption|dd|div|dl|dt|figcaption|figure|footer|form|h[1-6r]|header|li"
    "|main|nav|ol|p|pre|section|table|tr|ul"
)
_CELL = re.compile("td|th")
_SILENT = re.compile("script|style|head|template|noscript|iframe|object|svg|math|select|textarea|button")

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_SELF_CLOSED = re.compile(r"<(title|script|style|textarea|iframe|a|div|span|p)\b([^<>]*)/>", re.IGNORECASE)
_CELL_END = "\x1f"


def parse_xml(data: bytes, what: str) -> Any:
    """The root of an XML document; entities are not expanded, nothing is fetched. Raises LoadError."""
    from lxml import etree

    # Without huge_tree, libxml2 refuses what is nested too deeply.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise LoadError(f"{what} is not valid XML: {error.msg}") from error


def parse_html(text: str) -> Any:
    """The root of an HTML or XHTML document or a piece of one; None when nothing is in it."""
    from lxml import etree, html

    text = _DECLARATION.sub("", text.replace("\x00", ""))
    text = _SELF_CLOSED.sub(r"<\1\2></\1>", text)  # to HTML, what XHTML closes at once would run on to the end
    try:
        return html.document_fromstring(text) if text.strip() else None
    except (etree.ParserError, ValueError):  # nothing but comments, or characters that no markup has
        return None


def words(root: Any) -> str:
    """The text of an element, its markup dropped: a paragraph, a heading, an item or a table's row a line."""
    from lxml import etree

    parts: list[str] = []
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        starts = event == "start"
        if event in ("start", "end"):
            if _SILENT.fullmatch(element.tag):
                silent += 1 if starts else -1
            elif _BLOCK.fullmatch(element.tag):
                parts.append("\n")
            elif _CELL.fullmatch(element.tag) and not starts:
                parts.append(_CELL_END)
        text = element.text if starts else element.tail
        if text and not silent and (starts or element is not root):
            parts.append(re.sub(r"\s+", " ", text))
    return "\n".join(row(line.split(_CELL_END)) for line in "".join(parts).split("\n"))


def row(cells: list[str]) -> str:
    """A row of a table as a line."""
    return " | ".join(cell for cell in map(str.strip, cells) if cell)


def html_words(text: str) -> str:
    """The words of a piece of HTML."""
    root = parse_html(text)
    return "" if root is None else words(root)
