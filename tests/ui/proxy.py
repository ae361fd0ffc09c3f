"""A reverse proxy on loopback, as one stands before the page: it serves it under a path, and passes the rest on."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade"}


@contextmanager
def reverse_proxy(path: str, *, strip: bool, forwarded_for: str = "192.0.2.7") -> Iterator["Proxy"]:
    """A proxy, whose `upstream` is to be set. With `strip` it takes `path` off before it passes a request on."""
    proxy = Proxy(path, strip, forwarded_for)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    yield proxy
    proxy.shutdown()
    proxy.server_close()


class Proxy(ThreadingHTTPServer):
    """Passes on what lies below `path`; there is nothing else."""

    daemon_threads = True

    def __init__(self, path: str, strip: bool, forwarded_for: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.path, self.strip, self.forwarded_for = path, strip, forwarded_for
        self.upstream = ""

    @property
    def url(self) -> str:
        """Where the page is to be found."""
        return f"http://127.0.0.1:{self.server_address[1]}{self.path}"


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def _pass_on(self) -> None:
        server = self.server
        if self.path == "/favicon.ico":  # browsers look for it at the root, which is another page's
            self.send_response_only(204)
            self.end_headers()
            return
        if not self.path.startswith((f"{server.path}/", f"{server.path}?")) and self.path != server.path:
            self.send_error(404)
            return
        target = (self.path.removeprefix(server.path) or "/") if server.strip else self.path
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        headers |= {"X-Forwarded-For": server.forwarded_for, "X-Forwarded-Proto": "http"}
        upstream = http.client.HTTPConnection(urlsplit(server.upstream).netloc, timeout=60)
        try:
            upstream.request(self.command, target, body or None, headers)
            response = upstream.getresponse()
            self.send_response_only(response.status)
            for name, value in response.getheaders():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            while piece := response.read1(65_536):
                self.wfile.write(piece)
                self.wfile.flush()
        except OSError:
            pass  # one of the two went away
        finally:
            upstream.close()
            self.close_connection = True

    do_GET = do_POST = do_DELETE = do_HEAD = _pass_on

    def log_message(self, *_: object) -> None:
        pass
