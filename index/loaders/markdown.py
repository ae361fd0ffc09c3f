"""Markdown with YAML front matter; the markup is dropped, the words are kept."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from index.errors import LoadError
from index.loaders.file import File
from index.loaders.record import Record

if TYPE_CHECKING:
    from markdown_it.token import Token

SUFFIXES = (".md", ".markdown")

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def load(file: File) -> Iterator[Record]:
    """Read the file's one article: the front matter gives its fields, the first heading may give its title."""
    from markdown_it import MarkdownIt

    text = re.sub(r"\r\n?", "\n", file.text())
    matter = _FRONT_MATTER.match(text)
    fields = _fields(matter[1]) if matter else {}
    tokens = MarkdownIt("commonmark").parse(text[matter.end() :] if matter else text)
    if "title" not in fields and len(tokens) > 1 and tokens[0].tag == "h1":
        fields["title"] = _words(tokens[1])
        tokens = tokens[3:]
    yield Record.of(fields | {"text": "\n".join(_words(token) for token in tokens)})


def _fields(matter: str) -> dict[str, Any]:
    import yaml

    try:
        fields = yaml.load(matter, Loader=yaml.BaseLoader) or {}  # all values are text: No stays No
    except (yaml.YAMLError, RecursionError) as error:
        raise LoadError(f"the front matter is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(fields, dict):
        raise LoadError("the front matter is not a list of `name: value` lines")
    return {str(name).lower(): value for name, value in fields.items()}


def _words(token: "Token") -> str:
    """The text of a block, without its markup; images and HTML are not text."""
    if token.type in ("fence", "code_block"):
        return token.content
    parts = {"text": None, "code_inline": None, "softbreak": " ", "hardbreak": "\n"}
    return "".join(parts[child.type] or child.content for child in token.children or () if child.type in parts)
