"""The limits a person has set on the search: from a day, to a day, one source."""

from typing import Any


def options(since: str | None, until: str | None, source: str | None) -> dict[str, Any]:
    """The limits as `Conversation.ask` takes them; what is left empty is no limit."""
    given = {"since": since, "until": until, "source": source}
    return {name: value.strip() or None if value else None for name, value in given.items()}


def describe(since: str | None, until: str | None, source: str | None) -> str:
    """The limits in words, or an empty string where there are none."""
    limits = options(since, until, source)
    prefixes = {"since": "from ", "until": "to ", "source": ""}
    return ", ".join(f"{prefixes[name]}{value}" for name, value in limits.items() if value)
