"""What the tests of the training share: writers of tiny files in the forms that the public sets have."""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import hypothesis

hypothesis.settings.register_profile("training", derandomize=True, deadline=None, max_examples=60)
hypothesis.settings.load_profile("training")

Paragraphs = Sequence[tuple[str, Sequence[tuple[str, ...]]]]
"""Passages, each with what is asked of it: a question and its annotators' answers."""


def write(path: Path, text: str) -> Path:
    """Write a file, gzipped if its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def write_records(path: Path, records: Sequence[Any]) -> Path:
    return write(path, "".join(json.dumps(record) + "\n" for record in records))


def write_squad(path: Path, articles: Mapping[str, Paragraphs]) -> Path:
    """Articles by title, each of paragraphs with their questions; an answer is where it first stands."""

    def asked(passage: str, question: str, *answers: str) -> dict[str, Any]:
        found = [{"text": text, "answer_start": passage.index(text)} for text in answers]
        return {"question": question, "id": "0", "answers": found, "is_impossible": not answers}

    data = [
        {
            "title": title,
            "paragraphs": [{"qas": [asked(text, *each) for each in qas], "context": text} for text, qas in paragraphs],
        }
        for title, paragraphs in articles.items()
    ]
    return write(path, json.dumps({"version": "v2.0", "data": data}))


def qed_record(title: str, question: str, passage: str, *answers: Sequence[str]) -> dict[str, Any]:
    """A record of QED: each annotator's answer is one text, or several."""
    spans = [[{"start": (at := passage.index(t)), "end": at + len(t), "string": t} for t in each] for each in answers]
    return {
        "example_id": 0,
        "title_text": title,
        "question_text": question,
        "paragraph_text": passage,
        "original_nq_answers": spans,
    }


def write_qamr(folder: Path, sentences: dict[str, str], dev: Sequence[str], test: Sequence[str] = ()) -> Path:
    """Sentences by name, in tokens; `dev` and `test` are lines of `name|question|answer|validator|validator`."""
    write(folder / "qamr-sentences.tsv.gz", "\n".join(f"{name}\t{tokens}" for name, tokens in sentences.items()))
    for split, lines in (("dev", dev), ("test", test)):
        rows = []
        for line in lines:
            name, question, answer, *validators = line.split("|")
            given = [f"{number}:{tokens}" for number, tokens in enumerate(validators, 60)]
            rows.append("\t".join([name, "3 4 6 8", "76", "0", "3", question, answer, *given]))
        write(folder / f"qamr-{split}.tsv.gz", "".join(row + "\n" for row in rows))
    return folder


def write_news(folder: Path, year: int, articles: Mapping[str, str], questions: Sequence[Mapping[str, Any]]) -> Path:
    """Articles by title; a question has `question`, `answer`, perhaps `choices`, and `articles` unless it means all."""
    found = [
        {"url": f"https://a.example/{t}", "title": t, "date": f"{year}-01-01", "text": text}
        for t, text in articles.items()
    ]
    asked = [
        {
            "id": f"{year}0101_{number}",
            "date": f"{year}-01-01",
            "source": "CNN",
            "question": each["question"],
            "answers": [each["answer"]],
            "choices": [*each.get("choices", []), each["answer"]],
            "evidence": "",
            "articles": [f"https://a.example/{title}" for title in each.get("articles", articles)],
            "answer_in_articles": True,
        }
        for number, each in enumerate(questions)
    ]
    write_records(folder / f"articles-{year}.jsonl.gz", found)
    return write_records(folder / f"questions-{year}.jsonl", asked).parent
