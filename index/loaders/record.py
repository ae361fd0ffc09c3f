"""One article as it comes from outside, before it is cleaned and checked."""

from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from index.errors import LoadError


class Record(BaseModel):
    """The fields an article file may give, under the names such files commonly use."""

    model_config = ConfigDict(coerce_numbers_to_str=True, populate_by_name=True)

    text: str = Field(validation_alias=AliasChoices("text", "body", "content", "article"))
    title: str | None = Field(None, validation_alias=AliasChoices("title", "headline"))
    date: str | None = Field(
        None, validation_alias=AliasChoices("date", "published", "publish_date", "date_published", "datepublished")
    )
    source: str | None = Field(None, validation_alias=AliasChoices("source", "publisher", "site"))
    url: str | None = Field(None, validation_alias=AliasChoices("url", "link"))
    id: str | None = None

    @classmethod
    def of(cls, fields: Any, where: str = "") -> "Record":
        """Build from the fields of a file. Raises LoadError naming the field at fault, and `where` it stands."""
        if not isinstance(fields, dict):
            raise LoadError(f"{where}is not an object with fields such as title, date, url and text")
        known = {str(name).strip().lower(): value for name, value in fields.items() if name is not None}
        for name in ("date", "published", "publish_date"):
            if known.get(name) is not None:
                known[name] = str(known[name])  # YAML turns a bare 2020-08-23 into a date
        try:
            return cls.model_validate(known)
        except ValidationError as error:
            first = error.errors()[0]
            raise LoadError(f"{where}field {'.'.join(map(str, first['loc']))!r}: {first['msg'].lower()}") from None
