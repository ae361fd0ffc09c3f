"""Attacks by HTTP: other people's files, too much, too slowly, of the wrong kind, from the wrong place."""

import json
import os
import re
import socket
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from tests.ui.conftest import Server, StartServer
from tests.ui.http import form, send

SECRET = "the ledger of Grenna's harbour master"


@pytest.fixture(scope="module")
def server(start_server: StartServer, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server that takes files up to 1 MB, and on whose machine there is a secret."""
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "secret.txt").write_text(SECRET)
    return start_server(folder / "articles.index", QA_MAX_FILE_MB="1")


@pytest.fixture
def secret(server: Server) -> Path:
    return server.index.parent / "secret.txt"


# Files of this machine ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", ["{}", "/{}", "../../../../../../../..{}", "{}/", "file://{}"])
@pytest.mark.parametrize("route", ["gradio_api/file=", "gradio_api/file/", "static/", "assets/", "theme.css/", ""])
def test_no_file_of_this_machine_is_served(server: Server, secret: Path, route: str, wrap: str) -> None:
    for target in (secret, server.index / "ledger.sqlite3", Path("/etc/passwd")):
        for path in (wrap.format(target), quote(wrap.format(target), safe="")):
            reply = send(f"{server.url}/{route}{path}")
            assert reply.status >= 400 or b"<!doctype html>" in reply.body[:200].lower(), path
            assert not any(text in reply.body for text in (SECRET.encode(), b"SQLite format", b"root:"))


def test_a_link_to_a_file_is_not_followed(server: Server, secret: Path) -> None:
    uploads = server.index / "uploads"
    uploads.mkdir(exist_ok=True)
    (uploads / "link.txt").symlink_to(secret)

    assert SECRET.encode() not in send(f"{server.url}/gradio_api/file={uploads / 'link.txt'}").body
    (uploads / "link.txt").unlink()


@pytest.mark.parametrize("meta", [{}, {"meta": {"_type": "gradio.FileData"}}])
def test_a_file_that_was_not_uploaded_cannot_be_indexed(server: Server, secret: Path, meta: dict[str, Any]) -> None:
    for path in (str(secret), "/etc/passwd", "../secret.txt"):
        for given in ([{"path": path, **meta}], [path]):
            joined = send(f"{server.url}/gradio_api/call/index", data={"data": [None, None, given]})
            told = send(f"{server.url}/gradio_api/call/index/{joined.json['event_id']}").body.decode()
            assert "event: error" in told and SECRET not in told

    assert send(f"{server.url}/api/articles").json["total"] == 0
    assert secret.exists()


def test_only_what_the_page_offers_of_itself_can_be_called(server: Server) -> None:
    config = send(f"{server.url}/config").json
    with_functions = next(c for c in config["components"] if c["props"].get("server_fns"))

    for name in ("__init__", "get_config", "_session", "preprocess", "postprocess", "forget"):
        asked = {"component_id": with_functions["id"], "fn_name": name, "session_hash": "x", "data": "y"}
        assert send(f"{server.url}/gradio_api/component_server", data=asked).status == 404


@pytest.mark.parametrize("name", ["page.html", "page.xhtml", "picture.svg", "script.js", "page.pdf"])
def test_an_uploaded_file_can_run_nothing_when_it_is_opened(server: Server, name: str) -> None:
    content = b"<html xmlns='http://www.w3.org/1999/xhtml'><script>window.hurt=1</script></html>"
    (path,) = send(f"{server.url}/gradio_api/upload", **form(files=(name, content))).json

    reply = send(f"{server.url}/gradio_api/file={path}")

    assert reply.status == 200
    assert "sandbox" in reply.headers["Content-Security-Policy"]
    assert "sha256" not in reply.headers["Content-Security-Policy"]
    assert "javascript" not in reply.headers["Content-Type"]


# Names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../../secret.txt",
        "/etc/cron.d/grenna.txt",
        "..\\..\\secret.txt",
        "....//secret.txt",
        "%2e%2e%2fsecret.txt",
        ".hidden.txt",
        "a" * 300 + ".txt",
        "CON.txt",
        "story.txt\u202egpj.exe.txt",
    ],
)
def test_an_uploaded_file_stays_in_its_folder_whatever_it_is_called(server: Server, secret: Path, name: str) -> None:
    reply = send(f"{server.url}/api/index", **form(files=(name, b"Otto Lind sold the harbour of Grenna on Monday.")))

    assert reply.json["added"] == 1, reply.body
    assert secret.read_text() == SECRET
    assert sorted(os.listdir(server.index.parent)) == ["articles.index", "secret.txt"]
    (kept,) = (server.index / "uploads").iterdir()
    assert kept.parent == server.index / "uploads" and not kept.name.startswith(".")
    (article,) = send(f"{server.url}/api/articles").json["articles"]
    assert send(f"{server.url}/api/articles/{article['id']}", "DELETE").status == 200


@pytest.mark.parametrize("name", ["page.exe", "story.py", "story", ".txt", "notes.tar", "story.txt.sh"])
def test_a_file_of_an_unknown_kind_is_refused_and_not_kept(server: Server, name: str) -> None:
    told = send(f"{server.url}/api/index", **form(files=(name, b"#!/bin/sh\nrm -rf /\n"))).json

    assert told["added"] == 0 and len(told["failed"]) == 1
    assert not [path for path in (server.index / "uploads").glob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("polyglot.pdf", b"<script>alert(1)</script>%PDF-1.7\n<img src=x onerror=alert(1)>"),
        ("archive.zip", b"PK\x03\x04" + b"\x00" * 64),
        ("bomb.json", b"[" * 100_000),
        ("page.html", b"<html>" + b"<div>" * 20_000),
        ("nulls.txt", b"\x00" * 1000),
        (
            "entities.xml",
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><rss><channel><item>&e;</item></channel></rss>',
        ),
    ],
)
def test_a_file_that_is_not_what_it_says_does_no_harm(server: Server, name: str, content: bytes) -> None:
    told = send(f"{server.url}/api/index", **form(files=(name, content))).json

    texts = [
        send(f"{server.url}/api/articles/{article['id']}").json["text"]
        for article in send(f"{server.url}/api/articles").json["articles"]
    ]
    assert "root:" not in "".join(texts)
    assert told["failed"] or told["added"]
    for article in send(f"{server.url}/api/articles").json["articles"]:
        send(f"{server.url}/api/articles/{article['id']}", "DELETE")


# Too much, too slowly ----------------------------------------------------------------------------------------


def test_a_body_that_is_too_large_is_refused_before_it_is_read(server: Server) -> None:
    for path, size in (("api/ask", 5_000_000), ("api/index", 6_000_000), ("gradio_api/upload", 6_000_000)):
        head = f"POST /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n"
        assert raw(server, head.encode()).startswith(b"HTTP/1.1 413 "), path


def test_a_body_that_does_not_say_how_large_it_is_is_refused_when_it_gets_too_large(server: Server) -> None:
    head = b"POST /gradio_api/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
    head += b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    piece = b"10000\r\n" + b"x" * 65_536 + b"\r\n"

    reply = raw(server, head, f"{len(part):x}\r\n".encode() + part + b"\r\n", *[piece] * 120)

    assert b" 413 " in reply.splitlines()[0]


def test_a_file_that_is_too_large_is_refused_whichever_way_it_comes(server: Server) -> None:
    large = ("large.txt", b"x" * 1_100_000)

    by_api = send(f"{server.url}/api/index", **form(files=large))
    assert by_api.status == 400 and "large.txt has more than 1 MB" in by_api.json["detail"]
    assert send(f"{server.url}/gradio_api/upload", **form(files=large)).status == 413


def test_too_many_files_are_refused(server: Server) -> None:
    edge = "edge"
    part = f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nx\r\n'
    data = (part * 51 + f"--{edge}--\r\n").encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}

    reply = send(f"{server.url}/api/index", data=data, headers=headers)

    assert reply.status == 400 and "Maximum number of files is 50" in reply.json["detail"]


@pytest.mark.parametrize("length", ["-1", "1e9", "9" * 400, "0x10", "5, 6"])
def test_a_length_that_is_none_is_refused(server: Server, length: str) -> None:
    head = f"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n"

    assert re.match(rb"HTTP/1.1 4\d\d ", raw(server, head.encode()))


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "text/html", "application/xml", "", "multipart/form-data", "application/x-www-form-urlencoded"],
)
def test_a_body_of_the_wrong_kind_is_refused(server: Server, kind: str) -> None:
    for path in ("api/index", "gradio_api/upload"):
        reply = send(f"{server.url}/{path}", data=b"files=x", headers={"Content-Type": kind})
        assert reply.status in (400, 415), (path, reply.status)


def raw(server: Server, *pieces: bytes) -> bytes:
    """Send bytes as they are, and read what comes until the other side closes or has said enough."""
    place = urlsplit(server.url)
    with socket.create_connection((place.hostname, place.port), timeout=60) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
        except OSError:
            pass  # it has heard enough
        try:
            return connection.recv(65_536)
        except ConnectionError:
            return b""


# From elsewhere ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ],
)
def test_other_pages_can_have_nothing_done(server: Server, headers: dict[str, str]) -> None:
    for method, path in (("GET", "api/articles"), ("POST", "api/ask"), ("POST", "gradio_api/upload"), ("GET", "")):
        reply = send(f"{server.url}/{path}", method, data=None if method == "GET" else {}, headers=headers)
        assert reply.status == 403 and "Access-Control-Allow-Origin" not in reply.headers


def test_a_link_from_elsewhere_may_be_followed(server: Server) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}

    assert send(server.url, headers=headers).status == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::2]"])
def test_other_names_for_this_page_are_refused(server: Server, host: str) -> None:
    assert b" 400 " in raw(server, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()).splitlines()[0]


def test_every_response_says_what_a_browser_may_do_with_it(server: Server) -> None:
    for path in (
        "",
        "config",
        "api/articles",
        "api/articles/x",
        "assets/none.js",
        "nothing",
        "gradio_api/info",
        "gradio_api/file=x",
    ):
        headers = send(f"{server.url}/{path}").headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "'unsafe-inline'" not in headers["Content-Security-Policy"].partition("style-src")[0]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_what_is_wrong_is_not_told_with_a_traceback(server: Server) -> None:
    joined = send(f"{server.url}/gradio_api/call/article", data={"data": [{"a": 1}]})
    told = send(f"{server.url}/gradio_api/call/article/{joined.json['event_id']}").body

    assert b"Traceback" not in told and str(server.index).encode() not in told
    assert json.dumps(str(server.index)).encode() not in send(f"{server.url}/config").body
