"""PDF: the text as it reads, by PDFium."""

import threading
from collections.abc import Iterator
from typing import Any

from index.errors import LoadError
from index.loaders.file import File
from index.loaders.lines import Line, paragraphs
from index.loaders.record import Record

SUFFIXES = (".pdf",)

_ONE_AT_A_TIME = threading.Lock()  # PDFium knows no threads
_LETTERS = 10  # a page; a stamp or a page number on a picture has fewer
_NO_TITLES = ("untitled", "microsoft word", ".doc", ".indd", ".qxd", ".rtf", ".txt", ".pdf", "about:blank")


def load(file: File) -> Iterator[Record]:
    """Read the document's one article. When a PDF was made is not when it was published, so there is no date."""
    with _ONE_AT_A_TIME:
        title, pages, pictures = _read(file)
    letters = sum(len(line.text) for page in pages for line in page)
    if pictures and letters < _LETTERS * len(pages):
        raise LoadError("is a picture of its pages and holds no text; run text recognition (OCR) over it first")
    yield Record(text="\n".join(paragraphs(pages)), title=title)


def _read(file: File) -> tuple[str | None, list[list[Line]], bool]:
    """The title, the lines of each page, and whether there are pictures."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(file.data())
    except pypdfium2.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise LoadError("is encrypted; save it without its password") from error
        raise LoadError(f"is not a valid PDF: {error}") from error
    try:
        pages, left, pictures = [], file.max_bytes, False
        for number in range(len(document)):
            try:
                page = document[number]
            except pypdfium2.PdfiumError:  # the other pages may be whole
                continue
            pages.append(list(_lines(page.get_textpage())))
            left -= sum(len(line.text) for line in pages[-1])
            if left < 0:
                raise LoadError("holds more text than one article may have; raise --max-file-mb to allow it")
            pictures = pictures or any(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))
        return _title(document.get_metadata_value("Title")), pages, pictures
    finally:
        document.close()


def _title(stated: str) -> str | None:
    """The title that the document states, unless its program made it up."""
    return None if not stated.strip() or any(sign in stated.lower() for sign in _NO_TITLES) else stated


def _lines(page: Any) -> Iterator[Line]:
    start = 0
    for text in page.get_text_range().split("\r\n"):
        first, last = start + len(text) - len(text.lstrip()), start + len(text.rstrip()) - 1
        start += len(text) + 2
        if first > last:
            continue
        try:
            left, begins, _, _ = page.get_charbox(first, loose=True)
            _, ends, right, top = page.get_charbox(last, loose=True)
        except RuntimeError:  # where letters that are two of PDFium's have moved the count
            left = begins = ends = right = top = 0
        yield Line(text.strip().replace("\r", ""), left, right, begins, ends, top - ends)
