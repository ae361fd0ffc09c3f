"""Where the page is found: the address it listens on, and the one that a proxy gives it."""

import ipaddress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from qa import ArticleQAError


class AddressError(ArticleQAError):
    """An address that cannot be that of a page, or that more people would reach than is safe."""


@dataclass(frozen=True, slots=True)
class PublicURL:
    """The address at which a proxy serves the page: its origin, and the path before the page's own paths."""

    origin: str
    host: str
    path: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read `https://news.example/qa`. Raises AddressError."""
        try:
            parts = urlsplit(url)
            host = parts.hostname
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            host, port = None, ""
        if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username:
            raise AddressError(f"{url!r} is no address of a page. Give one such as https://news.example/qa to --behind")
        shown = f"[{host}]" if ":" in host else host
        return cls(f"{parts.scheme}://{shown}{port}", shown, parts.path.rstrip("/"))

    @property
    def url(self) -> str:
        """The whole address, without a slash at its end."""
        return self.origin + self.path


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_reach(host: str, behind: PublicURL | None, *, auth: bool, public: bool) -> None:
    """Raise AddressError where others reach the page and need no password, unless that was asked for."""
    open_to_all = [name for name in (host, behind.host if behind else None) if name and not is_loopback(name)]
    if open_to_all and not auth and not public:
        raise AddressError(
            f"{open_to_all[0]} is reached from other machines, and whoever reaches it could read, add and remove"
            " articles. Demand a password with --auth, or say --public if everybody may"
        )
