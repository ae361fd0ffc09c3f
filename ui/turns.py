"""Taking turns: few things go on at once, and whoever wants many of them does not keep the others waiting."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Event, Lock

from qa import ArticleQAError


class Busy(ArticleQAError):
    """More is wanted than can wait."""


class Stopping(ArticleQAError):
    """Nothing new is begun, since the program is about to end."""


@dataclass(eq=False)
class _Waiting:
    called: Event = field(default_factory=Event)
    refused: bool = False


class Turns:
    """Lets `running` go on at once and `waiting` wait, called in turn: one of each person, then the next of each.

    When no more can wait, the person who has most waiting loses the latest of them.
    """

    def __init__(self, running: int, waiting: int, *, what: str) -> None:
        self._free = running
        self._room = waiting
        self._what = what
        self._queues: OrderedDict[str, deque[_Waiting]] = OrderedDict()
        self._running = 0
        self._stopping = False
        self._lock = Lock()
        self._idle = Condition(self._lock)

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._lock:
            return self._waiting()

    @contextmanager
    def turn(self, person: str) -> Iterator[None]:
        """Wait for a turn of `person`, and have it until the end of the block. Raises Busy or Stopping."""
        self._begin(person)
        try:
            yield
        finally:
            self._end()

    def drain(self, seconds: float) -> bool:
        """Begin nothing more, and wait until all that was accepted is done; whether it was within the time."""
        with self._lock:
            self._stopping = True
            return self._idle.wait_for(lambda: not self._running, seconds)

    def _begin(self, person: str) -> None:
        with self._lock:
            if self._stopping:
                raise Stopping("the program is being stopped. Try again when it is back")
            if self._free:
                self._free -= 1
                self._running += 1
                return
            self._make_room(person)
            waiting = _Waiting()
            self._queues.setdefault(person, deque()).append(waiting)
        waiting.called.wait()
        if waiting.refused:
            raise self._busy()

    def _make_room(self, person: str) -> None:
        if self._waiting() < self._room:
            return
        greediest = max(self._queues, key=lambda name: len(self._queues[name]), default=person)
        if len(self._queues.get(greediest, ())) <= len(self._queues.get(person, ())) + 1:
            raise self._busy()
        latest = self._queues[greediest].pop()
        latest.refused = True
        latest.called.set()

    def _waiting(self) -> int:
        return sum(map(len, self._queues.values()))

    def _busy(self) -> Busy:
        return Busy(f"{self._room} {self._what} are waiting already. Try again in a few seconds")

    def _end(self) -> None:
        with self._lock:
            if not self._queues:
                self._free += 1
                self._running -= 1
                self._idle.notify_all()
                return
            person, queue = self._queues.popitem(last=False)
            called = queue.popleft()
            if queue:
                self._queues[person] = queue  # at the end, behind the others
            called.called.set()
