"""Who is signed in: the tokens that browsers carry in a cookie. Kept in memory, so that a restart signs all out."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ui.users import Users

_IDLE_SECONDS = 12 * 3600
_LONGEST_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True, slots=True)
class _Session:
    name: str
    mark: str
    begun: float
    used: float


class Sessions:
    """Sessions end 12 hours after their last use, 14 days after their begin, or when the user's password changes."""

    def __init__(self, users: Users, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._users = users
        self._clock = clock
        self._sessions: dict[str, _Session] = {}

    def begin(self, name: str) -> str:
        """Sign a user in who has shown the password. Returns the token."""
        now = self._clock()
        self._sessions = {token: session for token, session in self._sessions.items() if self._holds(session, now)}
        token = secrets.token_urlsafe(32)
        self._sessions[token] = _Session(name, self._users.mark(name) or "", now, now)
        return token

    def who(self, token: str) -> str | None:
        """The name of whoever has this token, if it still holds."""
        session, now = self._sessions.get(token), self._clock()
        if session is None or not self._holds(session, now):
            return None
        self._sessions[token] = replace(session, used=now)
        return session.name

    def end(self, token: str) -> None:
        """Sign out."""
        self._sessions.pop(token, None)

    def _holds(self, session: _Session, now: float) -> bool:
        young = now - session.used < _IDLE_SECONDS and now - session.begun < _LONGEST_SECONDS
        return young and self._users.mark(session.name) == session.mark
