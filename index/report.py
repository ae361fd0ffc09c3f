"""What an update of the index says about itself, while it runs and when it is done."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an update is: `done` of `total` files read, or chunks embedded."""

    stage: Literal["reading", "embedding"]
    done: int
    total: int


OnProgress = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """For whoever does not ask how far it is."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A file or record, and what is the matter with it."""

    where: str
    cause: str

    def __str__(self) -> str:
        # A file can be called anything: no name starts a line of its own or moves a terminal's cursor.
        return "".join(char if char.isprintable() else _escaped(char) for char in f"{self.where}: {self.cause}")


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode()


@dataclass(slots=True)
class Report:
    """What an update did. `failed` was not indexed; `warnings` was, but not all of it."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    chunks_embedded: int = 0
    failed: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    seconds: float = 0.0
