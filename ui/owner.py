"""Whose a conversation is: the user's who signed in, or else the browser's that holds a secret of its own."""

import hashlib
import re
from typing import Any

from ui.person import USER

_SECRET = re.compile(r"[0-9a-f]{32,64}")


def owner_of(secret: object) -> str | None:
    """Who is being answered, as the kept conversations name them; None where that cannot be told.

    `secret` is what the browser made up and keeps. Only its hash is ever stored, so that nobody who reads the stored
    file can pass for that browser. Where people sign in, the secret counts for nothing.
    """
    if user := _user_here():
        return f"user {user}"
    if isinstance(secret, str) and _SECRET.fullmatch(secret):
        return f"browser {hashlib.sha256(secret.encode()).hexdigest()}"
    return None


def _user_here() -> str | None:
    """The name that the sender of the request in hand signed in with."""
    from gradio.context import LocalContext

    request: Any = LocalContext.request.get(None)
    if request is None:
        return None
    # An event comes with Gradio's request, which knows the name; a call of a server function with the plain one.
    scope = getattr(getattr(request, "request", None) or request, "scope", {})
    name = getattr(request, "username", None) or scope.get(USER)
    return str(name) if name else None
