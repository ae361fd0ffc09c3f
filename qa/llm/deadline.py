"""A hard limit on the time that somebody else's iterator takes, whatever it waits for."""

import contextvars
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

T = TypeVar("T")

_END = object()


def within(seconds: float, items: Callable[[], Iterable[T]]) -> Generator[T]:
    """The items, made in a thread of their own, until `seconds` are over. Then it raises TimeoutError.

    The thread is told to stop, and does at its next item; if none comes, when the connection's own time is over. No
    program waits for it.
    """
    ends = time.monotonic() + seconds
    made: queue.Queue[tuple[object, BaseException | None]] = queue.Queue()
    stopped = threading.Event()

    def make() -> None:
        error: BaseException | None = None
        source = None
        try:
            source = items()
            for item in source:
                if stopped.is_set():
                    break
                made.put((item, None))
        except BaseException as failed:
            error = failed
        finally:
            if isinstance(source, Generator):
                source.close()
            made.put((_END, error))

    # The caller's context goes along: LangChain keeps there who listens to the run.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(make,), daemon=True, name="llm")
    thread.start()
    try:
        while True:
            try:
                item, error = made.get(timeout=max(0.001, ends - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"no answer within {seconds:g} seconds") from None
            if time.monotonic() >= ends and item is not _END:  # it drips, but it is late
                raise TimeoutError(f"no whole answer within {seconds:g} seconds")
            if error is not None:
                raise error
            if item is _END:
                return
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
