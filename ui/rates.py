"""How often something may be done: so many times a minute, for each person (a token bucket each)."""

import math
import time
from collections.abc import Callable
from threading import Lock

from qa import ArticleQAError

_KEPT = 10_000


class TooMany(ArticleQAError):
    """A person asks or uploads faster than is allowed; `seconds` from now they may again."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = max(1, math.ceil(seconds))


class Rates:
    """Allows each person `burst` things at once, and from then on `per_minute`; 0 a minute is no limit."""

    def __init__(
        self, per_minute: float, *, burst: int | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.per_minute = per_minute
        self._per_second = per_minute / 60
        self._burst = float(burst or max(1, per_minute))
        self._clock = clock
        self._lock = Lock()
        self._left: dict[str, tuple[float, float]] = {}  # how many a person had left, and when that was

    def take(self, person: str) -> float:
        """Count one more thing. Returns 0, or the seconds to wait when it is one too many and was not counted."""
        if not self._per_second:
            return 0.0
        with self._lock:
            left = self._left_now(person)
            if left < 1:
                return (1 - left) / self._per_second
            self._keep(person, left - 1)
            return 0.0

    def give_back(self, person: str) -> None:
        """Undo one `take`."""
        if self._per_second:
            with self._lock:
                self._keep(person, min(self._burst, self._left_now(person) + 1))

    def _left_now(self, person: str) -> float:
        now = self._clock()
        left, then = self._left.get(person, (self._burst, now))
        return min(self._burst, left + (now - then) * self._per_second)

    def _keep(self, person: str, left: float) -> None:
        if len(self._left) >= _KEPT:  # whoever has all again need not be remembered
            self._left = {name: kept for name, kept in self._left.items() if self._left_now(name) < self._burst}
        self._left[person] = left, self._clock()
