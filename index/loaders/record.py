"""One article as it comes from outside, before it is cleaned and checked."""

import re
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from index.errors import LoadError


class Record(BaseModel):
    """The fields an article file may give, under the names such files commonly use."""

    model_config = ConfigDict(coerce_numbers_to_str=True, populate_by_name=True)

    text: str = Field(validation_alias=AliasChoices("text", "body", "content", "article", "articlebody"))
    title: str | None = Field(None, validation_alias=AliasChoices("title", "headline"))
    date: str | None = Field(
        None,
        validation_alias=AliasChoices(
            *("date", "published", "publish_date", "date_published", "datepublished"),
            *("published_at", "publishedat", "publication_date", "pubdate", "pub_date"),
        ),
    )
    source: str | None = Field(None, validation_alias=AliasChoices("source", "publisher", "site"))
    url: str | None = Field(None, validation_alias=AliasChoices("url", "link"))
    id: str | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _without_surrogates(cls, value: Any) -> Any:
        """Half a character, as a cut JSON escape leaves it, cannot be stored."""
        return re.sub("[\ud800-\udfff]", "", value) if isinstance(value, str) else value

    @field_validator("source", mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        """News services and schema.org give a publisher as an object that has a name."""
        return value.get("name") if isinstance(value, dict) else value

    @classmethod
    def of(cls, fields: Any, where: str = "") -> "Record":
        """Build from the fields of a file. Raises LoadError naming the field at fault, and `where` it stands."""
        if not isinstance(fields, dict):
            raise LoadError(f"{where}is not an object with fields such as title, date, url and text")
        known = {str(name).strip().lower(): value for name, value in fields.items() if value is not None}
        try:
            return cls.model_validate(known)
        except ValidationError as error:
            first = error.errors()[0]
            raise LoadError(f"{where}field {'.'.join(map(str, first['loc']))!r}: {first['msg'].lower()}") from None
