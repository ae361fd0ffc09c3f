"""Plain HTTP for tests: what curl would do."""

import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from typing import Any


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def send(
    url: str,
    method: str | None = None,
    *,
    data: Any = None,
    user: str | None = None,
    headers: dict[str, str] | None = None,
) -> Reply:
    """Send a request; `data` is sent as JSON unless it is bytes, `user` is `NAME:PASSWORD`. No redirect is followed."""
    sent = dict(headers or {})
    if data is not None and not isinstance(data, bytes):
        data = json.dumps(data).encode()
        sent.setdefault("Content-Type", "application/json")
    if user:
        sent["Authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
    request = urllib.request.Request(url, data, sent, method=method)
    try:
        with _OPENER.open(request, timeout=60) as response:
            return Reply(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read())


def form(**files: tuple[str, bytes]) -> dict[str, Any]:
    """The `data` and `headers` of a form with files, each given as `field=(name, content)`."""
    edge = "edge-of-a-part"
    parts = b"".join(
        f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for field, (name, content) in files.items()
    )
    data = parts + f"--{edge}--\r\n".encode()
    return {"data": data, "headers": {"Content-Type": f"multipart/form-data; boundary={edge}"}}
