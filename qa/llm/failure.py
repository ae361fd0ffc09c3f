"""What can go wrong with a language model, in words for the person who asked."""

from collections.abc import Mapping
from typing import Any

_BUSY = (408, 409, 425, 429, 500, 502, 503, 504, 529)


class ModelFailed(Exception):
    """A language model gave no answer that can be shown. `str` is the cause, and names no key and no address."""


class TookTooLong(ModelFailed):
    """The time for the whole answer is over."""


class Unreadable(ModelFailed):
    """The answer is empty, cut off, or in no form that can be read."""


def status_of(error: BaseException) -> int | None:
    """The HTTP status that a provider's error was made of, whatever its class."""
    for holder in (error, getattr(error, "response", None)):
        status = getattr(holder, "status_code", None) or getattr(holder, "code", None)
        if isinstance(status, int) and 100 <= status < 600:
            return status
    return None


def may_pass(error: BaseException) -> bool:
    """Whether asking again may help: the server is busy, failed once, or could not be reached."""
    status = status_of(error)
    return status in _BUSY if status else _is_unreachable(error)


def seconds_to_wait(error: BaseException, *, attempt: int) -> float:
    """How long the server asks to wait (`Retry-After` in seconds), or else half a second, and longer each time."""
    headers: Mapping[str, Any] = getattr(getattr(error, "response", None), "headers", None) or {}
    asked = str(headers.get("retry-after", ""))
    return float(asked) if asked.replace(".", "", 1).isdecimal() else 0.5 * 2**attempt


def in_words(error: BaseException) -> str:
    """The cause in words, made of the error's kind only: its message may hold a key."""
    if isinstance(error, ModelFailed):
        return str(error)
    status = status_of(error)
    if status in (401, 403):
        return f"refused the key or the permission (status {status}); check the provider's key in the environment"
    if status == 404:
        return "is not known to its server (status 404); check --llm and --llm-base-url"
    if status == 429:
        return "had too many requests, or its quota is used up (status 429)"
    if status in (400, 413, 422):
        return f"did not accept the request (status {status}); it may be longer than its window, see --llm-window"
    if status:
        return f"failed on its server (status {status})"
    if "No generation" in str(error):  # LangChain's word for a stream of nothing
        return "sent an empty answer"
    if "LengthFinishReason" in type(error).__name__:
        return "broke off in the middle of its answer"
    if _is_timeout(error):
        return "did not answer in time"
    if _is_unreachable(error):
        return "could not be reached, or its server broke off; check that it runs, and --llm-base-url"
    return f"sent something that cannot be read ({type(error).__name__})"


def _is_timeout(error: BaseException) -> bool:
    return any(isinstance(each, TimeoutError) or "Timeout" in type(each).__name__ for each in _chain(error))


def _is_unreachable(error: BaseException) -> bool:
    names = ("ConnectError", "ConnectionError", "APIConnectionError", "NetworkError", "ProtocolError", "ReadError")
    return any(
        isinstance(each, ConnectionError) or any(name in type(each).__name__ for name in names)
        for each in _chain(error)
    )


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what it came from."""
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or current.__context__
    return found
