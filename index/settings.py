"""What can be set about an index, from flags and environment variables, checked once at the edge."""

import os
from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from index.errors import SettingsError

DEFAULT_MODEL = "all-MiniLM-L6-v2"


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "article-qa"


class IndexSettings(BaseSettings):
    """Settings of indexing and searching. Each is read from the environment variable `QA_` + its name."""

    model_config = SettingsConfigDict(env_prefix="QA_", frozen=True, extra="forbid")

    index: Path = Field(Path("articles.index"), description="the index folder")
    embedding_model: str = Field(
        DEFAULT_MODEL, min_length=1, description="a sentence-transformers model, by name or folder"
    )
    cache: Path = Field(default_factory=_cache_folder, description="where compiled models are kept")
    threads: int = Field(default_factory=_usable_cores, ge=1, le=256, description="processor cores that models may use")
    wait: float = Field(60, ge=0, description="seconds to wait while another process writes to the index")
    max_file_mb: float = Field(20, gt=0, description="size limit of one article, and of a file that is read whole")
    fetch_seconds: float = Field(20, gt=0, description="how long fetching a web page may take")
    allow_private_urls: bool = Field(False, description="fetch pages from private and loopback addresses, too")
    database_url: SecretStr | None = Field(None, description="a PostgreSQL database, which holds the ledger instead")
    chroma_url: str | None = Field(None, description="a Chroma server, which holds the vectors instead")
    chroma_headers: SecretStr | None = Field(
        None, description="headers for the proxy before that server, `Name: value`, one a line"
    )

    @classmethod
    def build(cls, **given: Any) -> Self:
        """Build from what is given (None: not given) and the environment. Raises SettingsError."""
        try:
            return cls(**{name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            raise SettingsError(
                f"setting {name} (environment variable QA_{name.upper()}): {first['msg'].lower()};"
                f" currently it is {first['input']!r}"
            ) from None
