"""Examples from QED (Lamm et al., 2021): questions to a search engine, from Natural Questions, with a paragraph."""

import re
from collections.abc import Iterator
from pathlib import Path

from qa.training.examples import Example, read_records


def natural_examples(path: Path) -> Iterator[Example]:
    """One example for each question whose answer is one span."""
    for record in read_records(path):
        answers = [spans[0] for spans in record["original_nq_answers"] if len(spans) == 1]
        if answers:
            spans = tuple(sorted({(span["start"], span["end"]) for span in answers}))
            passage, spans = _untokenise(record["paragraph_text"], spans)
            yield Example("natural", record["question_text"], passage, record["title_text"], spans)


def _untokenise(text: str, spans: tuple[tuple[int, int], ...]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Take out the spaces that the set has before punctuation, and move the spans along."""
    gone = {match.start() for match in re.finditer(r" (?=[.,;:?!%)\]]|'s\b)|(?<=[(\[$]) ", text)}
    kept = "".join(letter for place, letter in enumerate(text) if place not in gone)
    return kept, tuple((s - sum(g < s for g in gone), e - sum(g < e for g in gone)) for s, e in spans)
