"""Asks a chat model: within a time that holds, again when it is busy, and in words when it has no structured output."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa.llm.deadline import within
from qa.llm.failure import TookTooLong, Unreadable, may_pass, seconds_to_wait, status_of
from qa.llm.prompt import SCHEMA
from qa.llm.redact import redact

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage, BaseMessageChunk
    from langchain_core.runnables import Runnable

logger = logging.getLogger(__name__)

_ENDS = ("finish_reason", "done_reason", "stop_reason", "status")  # the last: OpenAI's newer protocol
_CUT_OFF = ("length", "max_tokens", "MAX_TOKENS", "incomplete")
_BROKE_OFF = "broke off in the middle of its answer"
_REFUSED = ("content_filter", "refusal", "SAFETY")
_TELL_THE_END = ("openai", "ollama")  # providers whose last words are known to say always why it ended
# What servers that have no structured output say to being asked for it; llama-cpp-python's says 500.
_NOT_ACCEPTED = (400, 415, 422, 500, 501)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of what a model writes; `usage` counts its tokens, at the end."""

    text: str = ""
    usage: dict[str, int] | None = None


class Asker:
    """A chat model that is asked within `seconds`, and `retries` times again while it has said nothing yet."""

    def __init__(self, model: "BaseChatModel", *, provider: str, seconds: float, retries: int) -> None:
        self._model = model
        self._provider = provider
        self._seconds = seconds
        self._retries = retries
        self._structured = True  # until it turns out not to have it
        self._has_structured = False

    def stream(self, prompt: "Callable[[bool], Sequence[BaseMessage]]") -> Iterator[Piece]:
        """What the model writes to the messages of `prompt`, which is given whether it is to write JSON.

        Raises TookTooLong, Unreadable where it breaks off or refuses, and whatever its package raises.
        """
        ends = time.monotonic() + self._seconds
        attempt, said = 0, False
        structured = self._structured and self._with_schema() is not None
        while True:
            try:
                for piece in self._once(prompt, structured, ends):
                    said = said or bool(piece.text)
                    yield piece
                self._has_structured = self._has_structured or structured
                self._structured = structured or self._has_structured
                return
            except TimeoutError as error:
                raise TookTooLong(f"took longer than {self._seconds:g} seconds") from error
            except Exception as error:
                logger.debug("the language model failed: %s: %s", type(error).__name__, redact(str(error)))
                if said:
                    if may_pass(error):
                        raise Unreadable(_BROKE_OFF) from error
                    raise
                if structured and status_of(error) in _NOT_ACCEPTED:
                    structured = False
                    continue
                wait = seconds_to_wait(error, attempt=attempt)
                if attempt >= self._retries or not may_pass(error) or time.monotonic() + wait >= ends:
                    raise
                attempt += 1
                time.sleep(wait)

    def text(self, messages: "Sequence[BaseMessage]", *, seconds: float) -> str:
        """All that the model writes to these messages, in prose. Raises as `stream` does."""
        ends = time.monotonic() + min(seconds, self._seconds)
        try:
            return "".join(piece.text for piece in self._once(lambda _: messages, False, ends))
        except TimeoutError as error:
            raise TookTooLong(f"took longer than {seconds:g} seconds") from error

    def _with_schema(self) -> "Runnable[Any, Any] | None":
        """The model bound to the schema of an answer; None if it cannot be."""
        from langchain_core.runnables import RunnableSequence

        try:
            bound = self._model.with_structured_output(SCHEMA)
        except (NotImplementedError, ValueError, TypeError):
            return None
        # Behind the model comes a parser, which would give up on what we can still read.
        return bound.first if isinstance(bound, RunnableSequence) else None

    def _once(
        self, prompt: "Callable[[bool], Sequence[BaseMessage]]", structured: bool, ends: float
    ) -> Iterator[Piece]:
        model = (self._with_schema() if structured else None) or self._model
        messages = list(prompt(structured))
        reason = None
        for chunk in within(max(0.001, ends - time.monotonic()), lambda: model.stream(messages)):
            if chunk.additional_kwargs.get("refusal"):
                raise Unreadable("refused to answer")
            reason = next((chunk.response_metadata[end] for end in _ENDS if chunk.response_metadata.get(end)), reason)
            yield _piece(chunk)
        if reason in _REFUSED:
            raise Unreadable("refused to answer")
        if reason in _CUT_OFF or (reason is None and self._provider in _TELL_THE_END):
            raise Unreadable(_BROKE_OFF)


def _piece(chunk: "BaseMessageChunk") -> Piece:
    """The text of a chunk, or of the call of a tool that stands for the schema."""
    calls = "".join(call.get("args") or "" for call in getattr(chunk, "tool_call_chunks", []))
    usage = getattr(chunk, "usage_metadata", None)
    counted = {name: usage[name] for name in ("input_tokens", "output_tokens")} if usage else None
    return Piece(str(chunk.text) + calls, counted)
