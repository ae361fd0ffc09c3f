"""Pages of the web: fetched within limits, and read by the loaders of files."""

import ssl
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from pathlib import PurePosixPath

import httpcore
import httpx

from index.address import PublicNetwork
from index.errors import LoadError
from index.loaders import loaders, read
from index.loaders.file import File
from index.loaders.record import Record

_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)

# The formats that are read, by the types that servers name. Types that say nothing leave it to the address.
_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/rss+xml": ".xml",
    "application/atom+xml": ".xml",
    "application/rdf+xml": ".xml",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "text/csv": ".csv",
    "text/markdown": ".md",
    "text/plain": ".txt",
}
_SAYS_NOTHING = ("", "text/plain", "application/octet-stream", "binary/octet-stream")


@dataclass(frozen=True, slots=True)
class Page:
    """What a server answered with: its address after all redirects, and its content as a file."""

    url: str
    file: File


def read_page(url: str, *, max_bytes: int, seconds: float, allow_private: bool) -> Iterator[Record | LoadError]:
    """Read the records of a page, a feed or a file on the web. Raises LoadError when none of it can be read.

    A feed's entries are what the feed holds of them: nothing that a page links to is fetched.
    """
    page = fetch(url, max_bytes=max_bytes, seconds=seconds, allow_private=allow_private)
    for record in read(page.file):
        yield record if isinstance(record, LoadError) else _addressed(record, page)


def _addressed(record: Record, page: Page) -> Record:
    """The record with its full address. A whole page is known by its own, unless its site calls it by another one."""
    own = _join(page.url, record.url) if record.url else None
    if page.file.suffix == ".html":
        own = own if own and _is_canonical(own, page.url) else page.url
    elif own is None and record.id is None:
        own = page.url
    return record.model_copy(update={"url": own})


def _join(base: str, link: str) -> str | None:
    try:
        return str(httpx.URL(base).join(link))
    except httpx.InvalidURL:
        return None


def _is_canonical(canonical: str, url: str) -> bool:
    """Whether a page may call itself so: on its own host, and not by the address of the front page."""
    one, other = httpx.URL(canonical), httpx.URL(url)
    return one.host == other.host and (one.path.strip("/") != "" or other.path.strip("/") == "")


def fetch(url: str, *, max_bytes: int, seconds: float, allow_private: bool) -> Page:
    """Fetch what is at an http or https address, at most `max_bytes` of it, unpacked, within `seconds`.

    The system's look-up of a name may take longer than that. Raises LoadError.
    """
    # Proxies of the environment are not used: they would look names up by themselves, and all checks of addresses
    # here would be of the proxy's.
    network = PublicNetwork(deadline=time.monotonic() + seconds, allow_private=allow_private)
    with httpcore.ConnectionPool(ssl_context=_certificates(), network_backend=network) as pool:
        try:
            return _follow(pool, _checked(url), max_bytes)
        except httpcore.TimeoutException as error:
            raise LoadError(f"took longer than {seconds:g} s; --fetch-seconds sets another limit") from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise LoadError(f"cannot be fetched: {error or type(error).__name__}") from error


def _follow(pool: httpcore.ConnectionPool, url: httpx.URL, max_bytes: int) -> Page:
    for _ in range(_MOST_REDIRECTS + 1):
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        with pool.stream("GET", target, headers=_headers(url)) as response:
            headers = _decoded(response.headers)
            location = headers.get("location")
            if response.status in _REDIRECTS and location:
                url = _checked(location, url)
                continue
            if not 200 <= response.status < 300:
                raise LoadError(f"the server answers {response.status} {_phrase(response.status)}".rstrip())
            kind = Message()
            kind["content-type"] = headers.get("content-type", "")
            name = _name(url, kind.get_content_type() if headers.get("content-type") else "")
            data = _body(response.iter_stream(), headers.get("content-encoding", ""), max_bytes)
            charset = kind.get_content_charset()
            return Page(str(url), File.of(data, name, max_bytes, charset=charset))
    raise LoadError(f"redirects more than {_MOST_REDIRECTS} times")


def _checked(address: str, base: httpx.URL | None = None) -> httpx.URL:
    """An address that can be fetched, without its fragment. Raises LoadError."""
    try:
        url = (base.join(address) if base else httpx.URL(address)).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise LoadError(f"{address!r} is not a valid address: {error}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise LoadError(f"{str(url)!r} is not an http or https address")
    if url.userinfo:
        raise LoadError("the address holds a password, which would be stored; fetch the page yourself and index that")
    return url


def _headers(url: httpx.URL) -> list[tuple[bytes | str, bytes | str]]:
    return [
        ("Host", url.netloc),
        ("User-Agent", f"article-qa/{version('article-qa')}"),
        ("Accept", "text/html, application/xhtml+xml, application/pdf;q=0.9, */*;q=0.8"),
        ("Accept-Encoding", "gzip"),
        ("Connection", "close"),
    ]


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> Mapping[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""


def _name(url: httpx.URL, kind: str) -> str:
    """The name of the page as a file, in the format that it is served as. Raises LoadError for one that is not read."""
    name = PurePosixPath(url.path).name
    if kind in _SAYS_NOTHING and PurePosixPath(name.lower()).suffix in loaders():
        return name
    if kind not in _SUFFIXES:
        raise LoadError(f"is served as {kind or 'nothing known'}; only pages, PDF, feeds, text, CSV and JSON are read")
    return f"page{_SUFFIXES[kind]}"


def _body(chunks: Iterable[bytes], encoding: str, max_bytes: int) -> bytes:
    """The content, unpacked no further than the limit. Raises LoadError when there is more."""
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise LoadError(f"is compressed by {encoding}, which it was not asked for")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in encoding else None
    data = bytearray()
    for chunk in chunks:
        try:
            data += unpack.decompress(chunk, max_bytes + 1 - len(data)) if unpack else chunk
        except zlib.error as error:
            raise LoadError(f"its compressed content is damaged: {error}") from error
        if len(data) > max_bytes:
            limit = f"{max_bytes / 1e6:g} MB"
            raise LoadError(f"is larger than the {limit} that one article may have; raise --max-file-mb to allow it")
    if unpack and not unpack.eof:
        raise LoadError("its compressed content is cut short")
    return bytes(data)


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()
