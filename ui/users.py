"""Who may use the page: names and hashed passwords, in a file that only its owner can read."""

import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from qa import ArticleQAError

NAME = "users.json"
MIN_PASSWORD_CHARS = 8
MAX_PASSWORD_CHARS = 1000
_NAME = re.compile(r"\w[\w.@-]{0,63}")


class UsersError(ArticleQAError):
    """A name or password that cannot be taken, or a file of users that cannot be used."""


@dataclass(frozen=True, slots=True)
class _Secret:
    """A password as it is kept: what scrypt makes of it, which costs who guesses 32 MB and a fifth of a second."""

    salt: str
    hash: str
    n: int = 2**15
    r: int = 8
    p: int = 3

    @classmethod
    def of(cls, password: str) -> Self:
        salt = secrets.token_hex(16)
        return cls(salt, cls(salt, "")._digest(password))

    def matches(self, password: str) -> bool:
        return hmac.compare_digest(self.hash, self._digest(password))

    def _digest(self, password: str) -> str:
        cost: dict[str, int] = {"n": self.n, "r": self.r, "p": self.p, "maxmem": 2**28}
        return hashlib.scrypt(password.encode(), salt=bytes.fromhex(self.salt), **cost).hex()


class Users:
    """The users of one file. It is read again when it has changed, so that a running page takes new users."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, ...] = ()
        self._secrets: dict[str, _Secret] = {}
        self._nobody = _Secret(salt="00" * 16, hash="")  # whose password nobody has, and which is tried all the same

    def names(self) -> list[str]:
        """Who there is. Raises UsersError when the file cannot be read."""
        return sorted(self._current())

    def put(self, name: str, password: str) -> None:
        """Add a user, or give one another password. Raises UsersError for a name or password that will not do."""
        if not _NAME.fullmatch(name):
            raise UsersError(f"{name!r} cannot be a name: take letters, digits, '.', '-', '_' and '@', at most 64")
        if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
            raise UsersError(
                f"a password has from {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters. Take another"
            )
        self._write(self._current() | {name: _Secret.of(password)})

    def remove(self, name: str) -> None:
        """Take a user's access away. Raises UsersError when there is none of that name."""
        left = dict(self._current())
        if left.pop(name, None) is None:
            raise UsersError(f"there is no user {name} in {self.path}. There are: {', '.join(self.names()) or 'none'}")
        self._write(left)

    def check(self, name: str, password: str) -> bool:
        """Whether this is the user's password. A name that nobody has takes as long as one with a wrong password."""
        secret = self._current().get(name)
        fits = (secret or self._nobody).matches(password[:MAX_PASSWORD_CHARS])
        return fits and secret is not None

    def mark(self, name: str) -> str | None:
        """Something that changes with the user's password, or None when there is no such user."""
        secret = self._current().get(name)
        return secret.hash if secret else None

    def _current(self) -> dict[str, _Secret]:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return {}
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        if stamp != self._stamp:
            self._secrets, self._stamp = self._read(), stamp
        return self._secrets

    def _read(self) -> dict[str, _Secret]:
        try:
            stored: dict[str, dict[str, Any]] = json.loads(self.path.read_text("utf-8"))
            return {name: _Secret(**fields) for name, fields in stored.items()}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            cause = error.strerror if isinstance(error, OSError) else "it is no file of users"
            raise UsersError(f"{self.path} cannot be read: {cause}. Mend it, or delete it and add the users") from error

    def _write(self, secrets_: dict[str, _Secret]) -> None:
        draft = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump({name: asdict(secret) for name, secret in secrets_.items()}, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise UsersError(f"{self.path} cannot be written: {error.strerror}. Give another with --users") from error
