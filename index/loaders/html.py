"""Web pages: main text, title, publication date, site and canonical URL, by trafilatura."""

from collections.abc import Iterator

from index.errors import LoadError
from index.loaders.file import File
from index.loaders.record import Record

SUFFIXES = (".html", ".htm")


def load(file: File) -> Iterator[Record]:
    """Read the page's one article. Only dates that the page states are taken, never ones guessed from its text."""
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    page = bare_extraction(
        file.text(),
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if not isinstance(page, Document) or not page.text:
        raise LoadError("no article text was found in the page")
    yield Record(text=page.text, title=page.title, date=page.date, source=page.sitename, url=page.url)
