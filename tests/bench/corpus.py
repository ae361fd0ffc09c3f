"""Real news to measure on: articles, and questions whose answers stand in them."""

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles as records, and questions with the strings that answer them."""

    articles: list[dict[str, Any]]
    questions: list[dict[str, Any]]

    def save(self, path: Path) -> None:
        """Write the articles as JSONL, one a line."""
        path.write_text("".join(json.dumps(article) + "\n" for article in self.articles))


def news(folder: Path, year: int, *, articles: int, questions: int) -> Corpus:
    """The first `questions` questions of a year that its articles answer, and `articles` articles, theirs first.

    `folder` holds `questions-YEAR.jsonl` and `articles-YEAR.jsonl.gz` in the form that `qa eval` reads.
    """
    with gzip.open(folder / f"articles-{year}.jsonl.gz", "rt") as lines:
        known = {article["url"]: article for article in map(json.loads, lines)}
    asked = [json.loads(line) for line in (folder / f"questions-{year}.jsonl").read_text().splitlines()]
    chosen = [question for question in asked if question["answer_in_articles"]][:questions]
    urls = dict.fromkeys(_interleaved([_answering_first(question, known) for question in chosen]))
    urls |= dict.fromkeys(known)
    return Corpus([known[url] for url in list(urls)[:articles]], chosen)


def _answering_first(question: dict[str, Any], known: dict[str, Any]) -> list[str]:
    urls = [url for url in question["articles"] if url in known]
    return sorted(urls, key=lambda url: not holds(known[url]["text"], question["answers"]))


def _interleaved(lists: list[list[str]]) -> Iterator[str]:
    for rank in range(max(map(len, lists), default=0)):
        yield from (items[rank] for items in lists if rank < len(items))


def holds(text: str, answers: Iterable[str]) -> bool:
    """Whether any of the answers stands in the text, word by word; case and punctuation do not matter."""
    words = f" {_plain(text)} "
    return any(f" {_plain(answer)} " in words for answer in answers if _plain(answer))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
