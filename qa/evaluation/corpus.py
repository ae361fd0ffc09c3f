"""What the questions are asked of: an index as it is, one that articles are added to, or a temporary one."""

import gzip
import json
import logging
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from index.article import article_id
from index.errors import ArticleQAError
from index.report import OnProgress, silent
from index.text import clean_line
from qa.session import QA
from qa.settings import Settings

logger = logging.getLogger(__name__)


@contextmanager
def corpus(
    settings: Settings,
    *,
    articles: Path | None,
    only: Collection[str] | None = None,
    keep: bool = False,
    on_progress: OnProgress = silent,
) -> Iterator[QA]:
    """A session whose reader is never silent, so that what would come of any threshold can be told, nor drops anything.

    It is over the settings' index; where `articles` are given, they are added to it if it is to `keep` them, or
    else to a temporary index. Of the articles, `only` those with these ids are taken.
    Raises ArticleQAError when the articles cannot be read.
    """
    settings = settings.model_copy(update={"min_confidence": 0.0, "unverified": "mark"})
    if articles is None:
        with QA(settings) as session:
            yield session
        return
    with TemporaryDirectory(prefix="qa-eval-") as folder:
        file = _as_jsonl(articles, only, Path(folder))
        if not keep:
            elsewhere = {"index": Path(folder, "articles.index"), "database_url": None, "chroma_url": None}
            settings = settings.model_copy(update=elsewhere)
        with QA(settings, create=True) as session:
            _add(session, file, articles, on_progress)
            yield session


def _as_jsonl(articles: Path, only: Collection[str] | None, folder: Path) -> Path:
    """The file itself where it can be indexed as it is, or else what is needed of it, unpacked, in `folder`."""
    name = articles.name.removesuffix(".gz")
    if Path(name).suffix not in (".jsonl", ".ndjson"):
        raise ArticleQAError(f"{articles} is no file of articles to measure with. Those end in .jsonl or .jsonl.gz")
    if only is None and name == articles.name:
        return articles
    try:
        unpack = gzip.open if name != articles.name else open
        with unpack(articles, "rb") as lines, (folder / name).open("wb") as file:
            taken = sum(_copy(line, only, file) for line in lines)
    except (OSError, EOFError, zlib.error) as error:
        cause = getattr(error, "strerror", None) or error
        raise ArticleQAError(f"{articles} cannot be read: {cause}. Name a .jsonl or .jsonl.gz file") from error
    if not taken:
        raise ArticleQAError(f"{articles} holds none of the articles that the questions list. Name the file that does")
    return folder / name


def _copy(line: bytes, only: Collection[str] | None, file: IO[bytes]) -> bool:
    """Whether the line is one to take. Another is left blank, so that messages name the lines of the original."""
    is_wanted = only is None or _id(line) in only
    file.write(line if is_wanted else b"\n")
    return is_wanted


def _id(line: bytes) -> str | None:
    try:
        return article_id(clean_line(json.loads(line)["url"]) or "")
    except (ValueError, RecursionError, LookupError, TypeError):
        return None  # whatever it is, the questions do not list it


def _add(session: QA, file: Path, articles: Path, on_progress: OnProgress) -> None:
    report = session.add(file, on_progress=on_progress)
    for problem in report.failed:
        logger.warning("not indexed: %s: %s", articles, problem.cause)
    if not report.added + report.changed + report.unchanged:
        cause = report.failed[0].cause if report.failed else "there are none"
        raise ArticleQAError(f"{articles}: no article could be indexed: {cause}. Check that it is the right file")
