"""A relay on loopback between a client and a server, which can be told to fail as networks do."""

import socket
import threading
import time
from contextlib import suppress

from tests.servers import free_port


class Proxy:
    """Relays connections to a port. `delay` holds each answer back, `cut` ends all, and `refuse` new ones, too."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self.delay = 0.0
        self.accepted = 0
        self._target = target
        self._refuses = False
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End all connections."""
        while self._open:
            end = self._open.pop()
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def refuse(self, *, until_told: bool = True) -> None:
        """End all connections, and each new one at once, or relay again."""
        self._refuses = until_told
        self.cut()

    def close(self) -> None:
        """Relay no more."""
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.accepted += 1
                if self._refuses:
                    client.close()
                    continue
                try:
                    server = socket.create_connection(("127.0.0.1", self._target))
                except OSError:
                    client.close()
                    continue
                self._open += [client, server]
                threading.Thread(target=self._relay, args=(client, server, False), daemon=True).start()
                threading.Thread(target=self._relay, args=(server, client, True), daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if answers:
                    time.sleep(self.delay)
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
