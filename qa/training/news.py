"""Examples from RealTime QA (Kasai et al., 2023) by distant supervision (Mintz et al., 2009).

A question comes with articles and the answer's text, but not with its place. Passages that hold the answer and
much of the question's words are taken for right, and those that hold much of the question, but not the answer,
for not saying: they are what a search for the question finds, so that the reader learns to be silent on them.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from index.words import content_words
from qa.training.examples import Example, read_records

Cut = Callable[[str], list[tuple[int, int]]]
"""Cuts an article's text into chunks, as the index does."""

_RIGHT, _SILENT = 3, 3
_LEAST_RIGHT, _LEAST_SILENT = 0.35, 0.25
_MAX_SPANS = 4
_NO_NAME_OF_ITS_OWN = re.compile(r"^(true|false|yes|no)\b|\b(above|these|none|both)\b", re.IGNORECASE)


def news_examples(folder: Path, years: tuple[int, ...], cut: Cut) -> Iterator[Example]:
    """Passages of each question's own articles, with and without its answer."""
    for year in years:
        articles = {str(article["url"]): article for article in read_records(folder / f"articles-{year}.jsonl.gz")}
        chunks: dict[str, list[str]] = {}
        for asked in read_records(folder / f"questions-{year}.jsonl"):
            yield from _of_question(asked, articles, chunks, cut)


def _of_question(
    asked: dict[str, Any], articles: dict[str, Any], chunks: dict[str, list[str]], cut: Cut
) -> Iterator[Example]:
    question, gold = asked["question"], asked["answers"][0].strip().rstrip(".")
    if len(gold) < 2 or _NO_NAME_OF_ITS_OWN.search(gold):
        return
    pattern = re.compile(rf"(?<!\w){re.escape(gold)}(?!\w)", re.IGNORECASE)
    choices = [choice.strip().rstrip(".").lower() for choice in asked["choices"]]
    wrong = [choice for choice in choices if choice and choice != gold.lower()]
    wanted, telling = set(content_words(question)), set(content_words(gold))
    right, silent = [], []
    for url in dict.fromkeys(asked["articles"]):
        text, title = articles[url]["text"], articles[url]["title"]
        if url not in chunks:
            chunks[url] = [text[start:end] for start, end in cut(text)]
        for passage in chunks[url]:
            words = set(content_words(passage + " " + title))
            overlap = len(wanted & words) / len(wanted)
            spans = tuple(match.span() for match in pattern.finditer(passage))
            if spans:
                right.append((overlap, Example("news", question, passage, title, spans[:_MAX_SPANS])))
            elif not telling & words:
                # What holds a wrong choice of the quiz misleads most.
                misleads = any(choice in passage.lower() for choice in wrong)
                silent.append((overlap + 0.2 * misleads, Example("news", question, passage, title)))
    yield from _best(right, _RIGHT, _LEAST_RIGHT)
    yield from _best(silent, _SILENT, _LEAST_SILENT)


def _best(found: list[tuple[float, Example]], count: int, least: float) -> list[Example]:
    found.sort(key=lambda pair: -pair[0])
    return [example for overlap, example in found[:count] if overlap >= least]
