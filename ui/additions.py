"""What the page adds to the index: files, pasted texts, web pages, the samples; and its rebuilding."""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from html import escape
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, StringConstraints, ValidationError

from index.scan import is_url
from qa import QA, ArticleQAError, Problem
from ui import uploads
from ui.indexing import Batch, Item
from ui.progress import batch_html

_AT_ONCE = 2  # the index takes one change at a time; a second batch is ready when the first pauses
_REMEMBERED = 200
_NO_BATCH = '<p class="note">The program has been started anew. What it had finished by then is in the list.</p>'

_Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]


class _Arrived(BaseModel):
    """Files that were received, and what the browser did not even send."""

    paths: list[str] = []
    refused: list[tuple[_Line, _Line]] = []


class _Pasted(BaseModel):
    text: Annotated[str, StringConstraints(strip_whitespace=True)]
    title: _Line = ""
    date: _Line = ""
    source: _Line = ""


class Additions:
    """Batches of work on the index, each known to the page that began it by a key nobody can guess.

    What is returned holds a `key` and `html`, or, where nothing was begun, `trouble` in words.
    """

    def __init__(self, session: QA, *, sample: Path | None = None, admit: Callable[[], object] = lambda: None) -> None:
        """`admit` raises ArticleQAError where the person who asks may begin nothing just now."""
        self._session = session
        self._admit = admit
        self._sample = sample
        self._batches: OrderedDict[str, Batch] = OrderedDict()
        self._workers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="indexing")

    def files(self, given: object) -> dict[str, Any]:
        """Index uploaded files."""
        try:
            arrived = _Arrived.model_validate(given)
            kept, refused = uploads.keep(map(str, uploads.received(arrived.paths)), self._session)
        except ValidationError:
            return _trouble("The files did not arrive as they should. Load the page again")
        except OSError as error:
            return _trouble(f"The files could not be kept beside the index: {error.strerror or error}")
        refused += [Problem(uploads.safe_name(name), cause) for name, cause in arrived.refused]
        items = [self._item(path.name, path, weight=max(1, path.stat().st_size)) for path in kept]
        return self._begin(items, name=_adding(len(items), "file"), refused=refused)

    def text(self, given: object) -> dict[str, Any]:
        """Index a text that was pasted: plain text, whatever is in it."""
        try:
            pasted = _Pasted.model_validate(given)
        except ValidationError:
            return _trouble("Title, date and source have at most 1,000 characters each")
        if not pasted.text:
            return _trouble("There is no text yet. Paste the article into the field")
        if len(pasted.text.encode(errors="replace")) > uploads.max_bytes(self._session):
            return _trouble(
                f"The text is larger than {self._session.settings.max_file_mb:g} MB. --max-file-mb allows more"
            )
        fields = {name: value for name, value in pasted.model_dump().items() if value}
        try:
            path = uploads.paste(fields, self._session)
        except OSError as error:
            return _trouble(f"The text could not be kept beside the index: {error.strerror or error}")
        return self._begin([self._item(pasted.title or "Pasted text", path)], name="Adding the text")

    def addresses(self, given: object) -> dict[str, Any]:
        """Index web pages by their addresses, one on each line."""
        wanted = list(dict.fromkeys(str(given or "").split()))
        if not wanted:
            return _trouble("There is no address yet. One begins with http:// or https://")
        if len(wanted) > uploads.MAX_FILES:
            return _trouble(f"{uploads.MAX_FILES} addresses are the most at once. Add the others in another go")
        no_address = "is not a web address. One begins with http:// or https://"
        refused = [Problem(address, no_address) for address in wanted if not is_url(address)]
        items = [self._item(address, address) for address in wanted if is_url(address)]
        return self._begin(items, name=_adding(len(items), "page"), refused=refused)

    def sample(self, _: object = None) -> dict[str, Any]:
        """Index the sample articles."""
        if self._sample is None:
            return _trouble("There are no sample articles here")
        return self._begin([self._item("Sample articles", self._sample.absolute())], name="Adding the sample articles")

    def rebuild(self, _: object = None) -> dict[str, Any]:
        """Embed all articles again."""
        work = Item("All articles", lambda told: self._session.index.rebuild(on_progress=told))
        return self._begin([work], name="Rebuilding the index")

    def progress(self, key: object) -> dict[str, Any]:
        """How far a batch is."""
        batch = self._batches.get(str(key))
        if batch is None:
            return {"html": _NO_BATCH, "done": True}
        done = batch.done  # before the rest, which may be done just then
        return {"html": batch_html(batch), "done": done}

    def _item(self, name: str, path: Path | str, *, weight: int = 1) -> Item:
        work = partial(self._session.index.update, [path])
        return Item(name, lambda told: work(on_progress=told), path=path, weight=weight)

    def _begin(self, items: Sequence[Item], *, name: str, refused: Sequence[Problem] = ()) -> dict[str, Any]:
        try:
            self._admit()
        except ArticleQAError as error:
            return _trouble(str(error))
        batch = Batch(self._session, items, name=name, refused=refused)
        key = secrets.token_urlsafe(12)
        self._batches[key] = batch
        for old in [old for old, other in self._batches.items() if other.done][:-_REMEMBERED]:
            del self._batches[old]
        self._workers.submit(copy_context().run, batch.run)  # it knows whose files these are
        return {"key": key, "html": batch_html(batch)}


def _adding(number: int, noun: str) -> str:
    return f"Adding {number} {noun}{'' if number == 1 else 's'}"


def _trouble(words: str) -> dict[str, Any]:
    return {"trouble": escape(words)}
