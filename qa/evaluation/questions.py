"""The questions to measure with, read from JSONL."""

import gzip
import json
import random
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from index.article import article_id
from index.errors import ArticleQAError
from index.text import clean_line

_EXAMPLE = '{"question": "Who asked for help?", "answers": ["Lukashenko"]}'


class Question(BaseModel):
    """A question whose answers are known; without `golds` the articles do not say.

    `articles` are the URLs of its own articles. `answer_in_articles` is false when they do not hold the answer
    although it is known. A `verdict` is that of a reader of the page on an answer that was given.
    """

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True, populate_by_name=True)

    id: str = ""
    text: str = Field(validation_alias="question")
    golds: tuple[str, ...] = Field(validation_alias="answers")
    articles: tuple[str, ...] = ()
    answer_in_articles: bool | None = None
    verdict: str | None = None

    @field_validator("text")
    @classmethod
    def _one_line(cls, text: str) -> str:
        if line := clean_line(text):
            return line
        raise ValueError("the question is empty")

    @field_validator("golds")
    @classmethod
    def _without_blanks(cls, golds: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(gold for gold in golds if gold.strip())

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.answer_in_articles and not self.golds:
            raise ValueError("answer_in_articles is true, but answers is empty")
        return self

    @property
    def answerable(self) -> bool:
        """Whether the articles hold the answer."""
        return bool(self.golds) if self.answer_in_articles is None else self.answer_in_articles

    @property
    def is_open(self) -> bool:
        """Whether only a wrong answer is known: it was found bad, and nobody has said what the right one is."""
        return self.verdict == "down" and not self.golds

    @property
    def article_ids(self) -> tuple[str, ...]:
        """The ids that its own articles have in an index, each once."""
        return tuple(dict.fromkeys(article_id(clean_line(url) or "") for url in self.articles))


def read_questions(path: Path, *, max_chars: int) -> list[Question]:
    """The questions of a `.jsonl` or `.jsonl.gz` file, none longer than `max_chars`; without an id, the line is one.

    Those whose answer nobody knows are left out.
    Raises ArticleQAError naming the line that cannot be used.
    """
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig") as lines
        ):
            numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        cause = getattr(error, "strerror", None) or error
        raise ArticleQAError(f"{path} cannot be read: {cause}. Questions are JSONL in UTF-8, or that in .gz") from error
    if not numbered:
        raise ArticleQAError(f"{path} holds no questions. Write one a line, such as {_EXAMPLE}")
    questions = [_question(line, f"{path}, line {number}", str(number), max_chars) for number, line in numbered]
    if all(question.is_open for question in questions):
        raise ArticleQAError(f"{path} holds verdicts without an answer only. Fill in the right answers")
    return [question for question in questions if not question.is_open]


def _question(line: str, where: str, default_id: str, max_chars: int) -> Question:
    try:
        fields = json.loads(line)
        if not isinstance(fields, dict):
            raise ArticleQAError(f"{where}: is not an object. Write it as {_EXAMPLE}")
        given = {name: value for name, value in fields.items() if value is not None}
        question = Question.model_validate({"id": default_id} | given)
    except ValidationError as error:
        first = error.errors()[0]
        field = f"field {'.'.join(map(str, first['loc']))!r}: " if first["loc"] else ""
        cause = first["msg"].removeprefix("Value error, ").lower()
        raise ArticleQAError(f"{where}: {field}{cause}. Write it as {_EXAMPLE}") from None
    except (ValueError, RecursionError) as error:
        raise ArticleQAError(f"{where}: is not valid JSON: {error}. Write it as {_EXAMPLE}") from error
    if len(question.text) > max_chars:
        long = f"has {len(question.text):,} characters; {max_chars:,} are allowed"
        raise ArticleQAError(f"{where}: the question {long}. Shorten it, or raise --max-question-chars")
    return question


def sample(questions: Sequence[Question], limit: int, *, seed: int) -> list[Question]:
    """`limit` of the questions drawn at random, in their order; the same seed draws the same ones."""
    drawn = random.Random(seed).sample(range(len(questions)), min(limit, len(questions)))
    return [questions[number] for number in sorted(drawn)]
