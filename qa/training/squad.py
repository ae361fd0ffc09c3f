"""Examples from sets in SQuAD's form (Rajpurkar et al., 2016 and 2018; SQuADShifts: Miller et al., 2020)."""

import json
from collections.abc import Iterator
from pathlib import Path

from qa.training.examples import Example, read_text

HELD_OUT = frozenset({"Normans", "Computational_complexity_theory", "Warsaw", "Force", "Islamism"})
"""Articles that nothing is trained on, whichever set they appear in: what the reader is measured on."""

# The names that the crawled sets have for what has no title.
_UNTITLED = ("Amazon_Reviews", "Filtered_Reddit")


def squad_examples(path: Path, source: str, *, held_out: bool = False) -> Iterator[Example]:
    """The examples of the held-out articles, or of all others."""
    for article in json.loads(read_text(path))["data"]:
        if (article["title"] in HELD_OUT) != held_out:
            continue
        title = "" if article["title"].startswith(_UNTITLED) else article["title"].replace("_", " ")
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                found = {(a["answer_start"], a["answer_start"] + len(a["text"])) for a in asked["answers"]}
                yield Example(source, asked["question"].strip(), paragraph["context"], title, tuple(sorted(found)))
