"""The limits a person has set on the search: from a day, to a day, some sources, some articles."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from qa import QuestionError

_Line = Annotated[str, Field(max_length=1000)]


class Limits(BaseModel):
    """The limits as the page keeps them. What is empty is no limit."""

    since: _Line = ""
    until: _Line = ""
    sources: Annotated[list[_Line], Field(max_length=1000)] = []
    articles: Annotated[list[_Line], Field(max_length=2000)] = []


def options(limits: str | None) -> dict[str, Any]:
    """The limits, as JSON, in the form in which `Conversation.ask` takes them. Raises QuestionError."""
    try:
        given = Limits.model_validate_json(limits) if limits else Limits()
    except ValidationError as error:
        raise QuestionError("the limits of the search cannot be read. Load the page again") from error
    return {
        "since": given.since.strip() or None,
        "until": given.until.strip() or None,
        "source": given.sources or None,
        "articles": given.articles or None,
    }
