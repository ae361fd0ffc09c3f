"""Which addresses of the network pages are fetched from, and connecting to those and no others."""

import ipaddress
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import httpcore

from index.errors import LoadError

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # the last four bytes are an IPv4 address


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, also where it is wrapped in another."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            wrapped = ipaddress.IPv4Address(ip.packed[-4:])
        if wrapped is not None:
            return is_public(str(wrapped))
        if ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def addresses_of(host: str, port: int) -> list[str]:
    """What the name stands for; numbers in whatever notation are themselves. Raises LoadError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is no valid name"
        raise LoadError(f"the host {host} is not known: {reason}. Check the address and the network") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class PublicNetwork(httpcore.NetworkBackend):
    """Connects to public addresses only, and to the very one that was checked: a name could stand for another later.

    Every connection is made here, so that what a redirect leads to is checked as well. All of it together must be
    done at the `deadline`, a time of `time.monotonic`.
    """

    def __init__(self, *, deadline: float, allow_private: bool) -> None:
        self._backend = httpcore.SyncBackend()
        self._deadline = deadline
        self._allow_private = allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Look the host up and connect. Raises LoadError for an address that is not public."""
        addresses = addresses_of(host, port)
        if not self._allow_private:
            for address in addresses:
                if not is_public(address):
                    raise LoadError(
                        f"{host} is the private address {address}, from which pages are not fetched;"
                        " --allow-private-urls true allows it"
                    )
        for number, address in enumerate(addresses[:-1]):
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):  # perhaps there is no IPv6 here
                return self._connect(address, port, share=len(addresses) - number)
        return self._connect(addresses[-1], port, share=1)

    def _connect(self, address: str, port: int, *, share: int) -> httpcore.NetworkStream:
        """Connect within a `share`th of the time that is left, so that something is left for the next address."""
        stream = self._backend.connect_tcp(address, port, timeout=_left(self._deadline) / share)
        return _Timed(stream, self._deadline)

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        """Not a page."""
        raise LoadError("is not on the network")

    def sleep(self, seconds: float) -> None:
        """Wait between attempts; there is only one."""


class _Timed(httpcore.NetworkStream):
    """A stream whose reads and writes end at the deadline, however little each of them brings."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Timed(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise httpcore.ReadTimeout("the time is up")
    return seconds
