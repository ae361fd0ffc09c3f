"""What the page's scripts can call by name."""

from collections.abc import Callable
from functools import partial
from typing import Any


def server_functions(**named: Callable[[Any], Any]) -> list[Callable[..., Any]]:
    """Methods as server functions of a component. Each takes what the script gives, one value, or else None."""

    def called(name: str, method: Callable[[Any], Any]) -> Callable[..., Any]:
        function = partial(method)  # Gradio marks functions with attributes, which methods cannot have
        setattr(function, "__name__", name)  # noqa: B010 - a partial has none that could be assigned
        return function

    return [called(name, method) for name, method in named.items()]
