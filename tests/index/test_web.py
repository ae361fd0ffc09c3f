"""Pages by their addresses, fetched from a server on loopback."""

import gzip
import json
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpcore
import pytest

from index import address
from index.address import is_public
from index.errors import LoadError
from index.loaders.record import Record
from index.report import Report
from index.scan import Scan, is_url
from index.web import read_page

TEXT = "The ferry Lady Isolde ran aground off Tarnsey on Tuesday, and all on board were brought to safety. "
HTML = "text/html; charset=utf-8"


def page(head: str = "", text: str = TEXT) -> bytes:
    body = f"<p>{text}</p>" * 3
    return f"<html><head>{head}</head><body><article><h1>Ferry</h1>{body}</article></body></html>".encode()


class Site:
    """What a server answers at each path: a function that gets the request, or content with its type."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers)))
                answer = site.answers.get(self.path)
                if answer is None:
                    self.send_error(404)
                else:
                    answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.base = f"http://127.0.0.1:{self.port}"

    def put(self, path: str, content: bytes, kind: str = HTML, **headers: str) -> str:
        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            if kind:
                request.send_header("Content-Type", kind)
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.end_headers()
            request.wfile.write(content)

        self.answers[path] = answer
        return self.base + path

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Location", to)
            request.send_header("Set-Cookie", "tracked=yes")
            request.end_headers()

        self.answers[path] = answer
        return self.base + path


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()


def read(
    url: str, *, max_bytes: int = 1_000_000, seconds: float = 10, private: bool = True
) -> list[Record | LoadError]:
    return list(read_page(url, max_bytes=max_bytes, seconds=seconds, allow_private=private))


def read_one(url: str) -> Record:
    (record,) = read(url)
    assert isinstance(record, Record), record
    return record


# What is read ------------------------------------------------------------------------------------------------


def test_page_is_an_article_under_its_address(site: Site) -> None:
    url = site.put("/ferry", page('<meta property="article:published_time" content="2020-08-23">'))
    record = read_one(url)
    assert (record.url, record.date) == (url, "2020-08-23") and TEXT.strip() in record.text


def test_request_is_honest_and_carries_no_cookies(site: Site) -> None:
    site.put("/new", page())
    read_one(site.redirect("/old", "/new"))
    (_, first), (path, second) = site.asked
    assert path == "/new" and first["User-Agent"].startswith("article-qa/") and "Cookie" not in second
    assert second["Host"] == f"127.0.0.1:{site.port}"


@pytest.mark.parametrize(
    ("path", "kind", "content", "text"),
    [
        ("/a", "text/plain", b"It sank.", "It sank."),
        ("/a.md", "text/plain", b"It **sank**.", "It sank."),
        ("/a.jsonl", "application/octet-stream", b'{"text": "It sank."}', "It sank."),
        ("/a.jsonl.gz", "application/octet-stream", gzip.compress(b'{"text": "It sank."}', mtime=0), "It sank."),
        ("/a", "application/json; charset=utf-8", b'{"text": "It sank."}', "It sank."),
        ("/a", "text/csv", b"text\nIt sank.\n", "It sank."),
        ("/a.html", "TEXT/PLAIN", "Café fermé".encode("latin-1"), None),
        ("/a", "text/plain; charset=windows-1251", "Паром сел на мель.".encode("windows-1251"), "Паром сел на мель."),
    ],
)
def test_page_is_read_as_what_it_is_served_as(
    site: Site, path: str, kind: str, content: bytes, text: str | None
) -> None:
    url = site.put(path, content, kind)
    if text is None:
        with pytest.raises(LoadError, match="no article text"):
            read(url)
    else:
        assert read_one(url).text.strip() == text


def test_entries_of_a_feed_are_read_and_the_pages_they_link_to_are_not(site: Site) -> None:
    items = "<item><title>Ferry</title><link>/1</link><description>It sank.</description></item>"
    url = site.put("/feed", f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), "application/rss+xml")
    record = read_one(url)
    assert (record.text, record.url) == ("It sank.", f"{site.base}/1")
    assert [path for path, _ in site.asked] == ["/feed"]


@pytest.mark.parametrize(
    ("canonical", "own"),
    [
        ("{base}/story", "{base}/story"),
        ("https://elsewhere.example/story", "{base}/ferry?utm=1"),
        ("{base}/", "{base}/ferry?utm=1"),
        ("/story", "{base}/ferry?utm=1"),
        ("http://[bad", "{base}/ferry?utm=1"),
    ],
)
def test_page_may_call_itself_by_another_address_of_its_own_host(site: Site, canonical: str, own: str) -> None:
    link = f'<link rel="canonical" href="{canonical.format(base=site.base)}">'
    url = site.put("/ferry?utm=1", page(link))
    assert read_one(url + "#top").url == own.format(base=site.base)


def test_address_after_redirects_is_the_articles(site: Site) -> None:
    new = site.put("/new", page())
    site.redirect("/middle", "/new", 301)
    assert read_one(site.redirect("/old", f"{site.base}/middle", 308)).url == new


def test_compressed_page_is_unpacked(site: Site) -> None:
    assert TEXT.strip() in read_one(site.put("/a", gzip.compress(page()), Content_Encoding="gzip")).text


def test_address_in_other_writing_is_asked_for(site: Site) -> None:
    site.put("/%C3%A9t%C3%A9", page())
    assert read_one(f"{site.base}/été").url == f"{site.base}/%C3%A9t%C3%A9"


# What is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["image/png", "video/mp4", "application/x-msdownload", ""])
def test_other_things_than_articles_are_refused_by_name(site: Site, kind: str) -> None:
    with pytest.raises(LoadError, match=kind or "nothing known"):
        read(site.put("/a", b"\x89PNG", kind))


@pytest.mark.parametrize("status", [403, 404, 410, 500, 599])
def test_answer_that_is_no_page_is_named(site: Site, status: int) -> None:
    site.answers["/a"] = lambda request: request.send_error(status)
    with pytest.raises(LoadError, match=f"the server answers {status}"):
        read(f"{site.base}/a")


def test_empty_page_is_called_empty(site: Site) -> None:
    with pytest.raises(LoadError, match="empty"):
        read(site.put("/a", b""))


@pytest.mark.parametrize(
    "url", ["http://", "http://[", "http:///a", "http://a b/", "http://exa\x00mple/", "http://" + "a" * 70_000]
)
def test_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(LoadError):
        read(url)


def test_address_with_a_password_is_refused(site: Site) -> None:
    with pytest.raises(LoadError, match="password"):
        read(site.base.replace("127", "me:secret@127"))
    assert site.asked == []


def test_server_that_is_not_there_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(LoadError, match="cannot be fetched"):
        read(f"http://127.0.0.1:{port}/")


def test_host_that_is_not_known_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(LoadError, match="the host nowhere.example is not known: Name or service not known"):
        read("http://nowhere.example/")


def test_redirects_without_end_are_refused(site: Site) -> None:
    with pytest.raises(LoadError, match="redirects more than 5 times"):
        read(site.redirect("/a", "/a"))
    assert len(site.asked) == 6


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://127.0.0.1/a", "javascript:alert(1)"])
def test_redirect_to_something_else_than_the_web_is_refused(site: Site, to: str) -> None:
    with pytest.raises(LoadError, match="not an http or https address"):
        read(site.redirect("/a", to))


# Limits ------------------------------------------------------------------------------------------------------


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "text/plain")
    request.end_headers()
    try:
        while True:
            request.wfile.write(b"x" * 10_000)
    except OSError:
        pass  # whoever asked has left


def dripping(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "text/plain")
    request.end_headers()
    try:
        for _ in range(600):
            request.wfile.write(b"x")
            time.sleep(0.05)
    except OSError:
        pass


def dripping_headers(request: BaseHTTPRequestHandler) -> None:
    try:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(600):
            request.wfile.write(b"X-%d: y\r\n" % number)
            time.sleep(0.05)
    except OSError:
        pass


def silent(request: BaseHTTPRequestHandler) -> None:
    time.sleep(30)


def test_page_without_end_is_read_no_further_than_the_limit(site: Site) -> None:
    site.answers["/a"] = endless
    with pytest.raises(LoadError, match="larger than the 0.1 MB.*--max-file-mb"):
        read(f"{site.base}/a", max_bytes=100_000)


@pytest.mark.parametrize("answer", [dripping, dripping_headers, silent])
def test_slow_server_is_not_waited_for_beyond_the_limit(
    site: Site, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    site.answers["/a"] = answer
    started = time.monotonic()
    with pytest.raises(LoadError, match="took longer than 0.5 s; --fetch-seconds"):
        read(f"{site.base}/a", seconds=0.5)
    assert time.monotonic() - started < 20


def test_page_that_unpacks_without_end_is_read_no_further_than_the_limit(site: Site) -> None:
    bomb = gzip.compress(b"x" * 50_000_000)
    with pytest.raises(LoadError, match="larger than the 0.1 MB"):
        read(site.put("/a", bomb, Content_Encoding="gzip"), max_bytes=100_000)


@pytest.mark.parametrize(
    ("content", "encoding", "cause"),
    [
        (b"not compressed", "gzip", "damaged"),
        (gzip.compress(b"x" * 1000, mtime=0)[:-9], "gzip", "cut short"),
        (zlib.compress(page()), "br", "compressed by br"),
    ],
)
def test_content_that_cannot_be_unpacked_is_refused(site: Site, content: bytes, encoding: str, cause: str) -> None:
    with pytest.raises(LoadError, match=cause):
        read(site.put("/a", content, Content_Encoding=encoding))


def test_answer_that_ends_early_is_refused(site: Site) -> None:
    with pytest.raises(LoadError, match="cannot be fetched"):
        read(site.put("/a", page(), Content_Length="99999"))


# Private addresses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"]
    + ["224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"]
    + ["::1", "::", "fe80::1", "fe80::1%lo", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1"]
    + ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1"]
    + ["2002:7f00:1::", "2002:a00:1::1", "2001:0:0:0:0:0:f5ff:fffe"],
)
def test_address_that_is_not_public(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"])
def test_address_that_is_public(ip: str) -> None:
    assert is_public(ip)


def test_page_on_a_private_address_is_refused_with_the_setting_that_allows_it(site: Site) -> None:
    url = site.put("/a", page())
    with pytest.raises(LoadError, match=r"127\.0\.0\.1.*--allow-private-urls"):
        read(url, private=False)
    assert site.asked == []


def names(table: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let these names stand for these addresses, and numbers for what the system takes them for."""

    def fake(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        known = table.get(host) or [socket.inet_ntoa(socket.inet_aton(host))]
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (ip, port)) for ip in known]

    monkeypatch.setattr(socket, "getaddrinfo", fake)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0"])
def test_private_address_in_another_notation_is_refused(site: Site, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names({}, monkeypatch)
    with pytest.raises(LoadError, match="is the private address|not a valid address"):
        read(f"http://{host}:{site.port}/a", private=False)
    assert site.asked == []


def test_name_that_stands_for_a_private_address_among_others_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    names({"site.example": ["1.1.1.1", "127.0.0.1"]}, monkeypatch)
    with pytest.raises(LoadError, match=r"site\.example is the private address 127\.0\.0\.1"):
        read(f"http://site.example:{site.port}/a", private=False)


def test_redirect_to_a_private_address_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "is_public", lambda ip: ip == "127.0.0.1")
    site.put("/secret", page())
    with pytest.raises(LoadError, match=r"127\.0\.0\.2"):
        read(site.redirect("/a", f"http://127.0.0.2:{site.port}/secret"), private=False)
    assert [path for path, _ in site.asked] == ["/a"]


def test_connection_is_made_to_the_very_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked again, the name would stand for loopback."""
    answers = iter([["1.1.1.1"], ["127.0.0.1"]])
    monkeypatch.setattr(address, "addresses_of", lambda host, port: next(answers))
    connected: list[str] = []

    def connect(self: object, host: str, port: int, **_: object) -> None:
        connected.append(host)
        raise httpcore.ConnectError("refused")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    with pytest.raises(LoadError, match="cannot be fetched"):
        read("http://rebinding.example/", private=False)
    assert connected == ["1.1.1.1"]


def test_name_is_sent_to_the_server_whatever_address_it_stands_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    names({"saltmarsh.example": ["127.0.0.1"]}, monkeypatch)
    site.put("/a", page())
    assert read_one(f"http://saltmarsh.example:{site.port}/a").url == f"http://saltmarsh.example:{site.port}/a"
    assert site.asked[0][1]["Host"] == f"saltmarsh.example:{site.port}"


def test_certificate_is_asked_for_by_name_whatever_address_it_stands_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    class Stream(httpcore.NetworkStream):
        def start_tls(self, context: Any, server_hostname: str | None = None, timeout: float | None = None) -> Any:
            assert context.check_hostname
            asked.append(server_hostname)
            raise httpcore.ConnectError("certificate verify failed")

        def close(self) -> None:
            pass

    names({"saltmarsh.example": ["127.0.0.1"]}, monkeypatch)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda *_, **__: Stream())
    with pytest.raises(LoadError, match="certificate verify failed"):
        read("https://saltmarsh.example/")
    assert asked == ["saltmarsh.example"]


def test_next_address_is_tried_when_the_first_does_not_answer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    names({"saltmarsh.example": ["127.0.0.9", "127.0.0.1"]}, monkeypatch)
    site.put("/a", page())
    assert TEXT.strip() in read_one(f"http://saltmarsh.example:{site.port}/a").text


def test_proxies_of_the_environment_are_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert read_one(site.put("/a", page())).text


# Pages among files -------------------------------------------------------------------------------------------


class NoLedger:
    """A ledger that knows these articles."""

    def __init__(self, known: dict[str, tuple[str, str | None]] | None = None) -> None:
        self.known = known or {}

    def hashes(self) -> dict[str, tuple[str, str | None]]:
        return self.known

    def move(self, *_: object) -> None:
        pass


def scan(*paths: Path | str, ledger: NoLedger | None = None) -> tuple[Scan, Report]:
    report = Report()
    walk = Scan(paths, ledger or NoLedger(), report, max_bytes=1_000_000, allow_private_urls=True)  # type: ignore[arg-type]
    return walk, report


def known(walk: Scan) -> dict[str, tuple[str, str | None]]:
    return {article.id: (article.content_hash, article.path) for article in walk.work(lambda _: None)}


@pytest.mark.parametrize("text", ["http://a.example", "https://a.example/x", "HTTPS://a.example"])
def test_string_that_begins_as_an_address_is_one(text: str) -> None:
    assert is_url(text)


@pytest.mark.parametrize("path", ["a.txt", "ftp://a.example", "https/a.txt", Path("https://a.example")])
def test_anything_else_is_a_path(path: Path | str) -> None:
    assert not is_url(path)


def test_pages_and_files_are_indexed_together(site: Site, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The dam holds.")
    url = site.put("/a", page())
    walk, report = scan(tmp_path, url, str(tmp_path / "a.txt"))
    assert {path for _, path in known(walk).values()} == {url, str(tmp_path / "a.txt")}
    assert report.failed == []


def test_page_that_changed_is_a_new_version_of_the_same_article(site: Site) -> None:
    url = site.put("/a", page())
    before = known(scan(url)[0])
    assert known(scan(url, ledger=NoLedger(before))[0]) == {}
    site.put("/a", page(text="The ferry was towed to Orvay this morning, where it will be repaired until spring. "))
    after = known(scan(url, ledger=NoLedger(before))[0])
    assert after.keys() == before.keys() and after != before


def test_page_that_cannot_be_fetched_is_named_and_stays(site: Site) -> None:
    url = site.put("/a", page())
    before = known(scan(url)[0])
    del site.answers["/a"]
    walk, report = scan(url, ledger=NoLedger(before))
    assert known(walk) == {} and walk.vanished() == []
    assert [(problem.where, problem.cause) for problem in report.failed] == [(url, "the server answers 404 Not Found")]


def test_entry_that_a_feed_no_longer_lists_stays(site: Site) -> None:
    def feed(*numbers: int) -> bytes:
        items = "".join(f"<item><title>T{n}</title><description>Story {n}.</description></item>" for n in numbers)
        return f"<rss version='2.0'><channel><title>S</title>{items}</channel></rss>".encode()

    url = site.put("/feed", feed(1, 2), "application/rss+xml")
    before = known(scan(url)[0])
    site.put("/feed", feed(2, 3), "application/rss+xml")
    walk, _ = scan(url, ledger=NoLedger(before))
    assert len(before) == 2 and len(known(walk)) == 1 and walk.vanished() == []


def test_page_does_not_vanish_with_a_folder(site: Site, tmp_path: Path) -> None:
    before = known(scan(site.put("/a", page()))[0])
    (tmp_path / "a.txt").write_text("The dam holds.")
    walk, _ = scan(tmp_path, ledger=NoLedger(before))
    assert len(known(walk)) == 1 and walk.vanished() == []


def test_records_of_a_fetched_file_are_told_apart(site: Site) -> None:
    lines = "\n".join(json.dumps({"text": text}) for text in ("One.", "Two."))
    assert len(known(scan(site.put("/a.jsonl", lines.encode(), "text/plain"))[0])) == 2
