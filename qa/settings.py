"""What can be set about answering, beside what can be set about the index."""

from pydantic import Field

from index.settings import IndexSettings


class Settings(IndexSettings):
    """All settings. Each has a flag, an environment variable `QA_` + its name, and a line in the README."""

    passages: int = Field(10, ge=1, le=100, description="how many passages are read for a question")
    min_confidence: float = Field(
        0.2, ge=0, le=1, description="answer only when at least this sure; below, the articles do not say"
    )
    max_question_chars: int = Field(2000, ge=1, description="longer questions are refused")
