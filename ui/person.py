"""Who asks: the name they signed in with, or else the address they come from."""

from contextvars import ContextVar
from typing import Any

from starlette.types import Scope

_KEY = "article_qa.person"
_USER = "user "
USER = "article_qa.user"
SOMEBODY = "somebody"

_here: ContextVar[str] = ContextVar("person", default=SOMEBODY)


def note(scope: Scope, name: str | None) -> None:
    """Note in a request's scope whose it is; `name` is None where nobody signs in."""
    client = scope.get("client")
    scope[USER] = name
    scope[_KEY] = f"{_USER}{name}" if name else f"address {client[0]}" if client else SOMEBODY
    _here.set(scope[_KEY])


def user_of(request: Any) -> str | None:
    """The name that the sender of a Starlette request signed in with."""
    name: str | None = request.scope.get(USER)
    return name


def current_user() -> str | None:
    """The name that the sender of the request at hand signed in with."""
    person = current_person()
    return person.removeprefix(_USER) if person.startswith(_USER) else None


def current_person() -> str:
    """Whose request it is that the calling function answers; `SOMEBODY` outside of any."""
    from gradio.context import LocalContext

    # Gradio runs what a page asks for later and in other threads, but tells there which request it was.
    request = LocalContext.request.get(None)
    request = getattr(request, "request", None) or request
    return str(request.scope.get(_KEY, SOMEBODY)) if request else _here.get()
