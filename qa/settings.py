"""What can be set about answering, beside what can be set about the index."""

from typing import Literal

from pydantic import Field

from index.settings import IndexSettings


class Settings(IndexSettings):
    """All settings. Each has a flag, an environment variable `QA_` + its name, and a line in the README."""

    passages: int = Field(10, ge=1, le=100, description="how many passages are read for a question")
    min_confidence: float = Field(
        0.2, ge=0, le=1, description="answer only when at least this sure; below, the articles do not say"
    )
    max_question_chars: int = Field(2000, ge=1, description="longer questions are refused")
    llm: str | None = Field(
        None,
        min_length=1,
        description="a chat model that writes the answers, as PROVIDER:MODEL; none: they are extracted",
    )
    llm_base_url: str | None = Field(
        None, min_length=1, description="where the model is served, if not where its provider has it"
    )
    llm_timeout: float = Field(
        60, gt=0, le=3600, description="seconds for a model's whole answer; then the extracted one is given"
    )
    llm_retries: int = Field(
        1, ge=0, le=10, description="how often a model that is busy or out of reach is asked again"
    )
    llm_window: int = Field(
        8192, ge=1024, description="tokens that the model takes in and gives out; passages are left out beyond"
    )
    unverified: Literal["mark", "drop"] = Field(
        "mark", description="whether what the articles do not bear out is marked as unverified or dropped"
    )
