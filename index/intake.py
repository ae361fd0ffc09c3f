"""From a record as it was read to an article as it is kept."""

from index.article import Article, article_id
from index.dates import parse_date
from index.errors import LoadError
from index.loaders.record import Record
from index.text import clean, clean_line, headline


def article_of(record: Record, path: str) -> tuple[Article, list[str]]:
    """Clean and check a record; what had to be left out is said in the warnings.

    The URL tells which article it is, or else the file with the record's id in it. Raises LoadError when the
    record holds no text.
    """
    warnings: list[str] = []
    title, text = clean_line(record.title), clean(record.text)
    if title and text.startswith(title + "\n"):  # pages repeat the headline above the story
        text = text[len(title) + 1 :]
    if not text:
        raise LoadError("holds no text")
    day = None
    if record.date and record.date.strip():
        try:
            day = parse_date(record.date)
        except (ValueError, OverflowError) as error:
            warnings.append(f"date {record.date!r} cannot be used ({error}); indexed without a date. Write YYYY-MM-DD")
    url = clean_line(record.url)
    if url and not url.lower().startswith(("http://", "https://")):
        warnings.append(f"url {url!r} is not a web address; indexed without it")
        url = None
    key = url or f"file:{path}" + (f"#{record.id}" if record.id else "")
    article = Article(
        id=article_id(key),
        text=text,
        title=title or headline(text),
        date=day,
        source=clean_line(record.source),
        url=url,
        path=path,
    )
    return article, warnings
