"""A Chroma server by its own client: calls that end in time, and are made again when they fail by accident.

The server is never asked to embed, and what its collections' configurations say of embedding, which could name code to
load, is never acted upon: every vector is one of ours.
"""

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from index.errors import IndexUnusable, SettingsError, VectorsUnusable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

T = TypeVar("T")

_CONNECT_SECONDS, _SECONDS = 3.0, 20.0
_ASK_PATIENCE, _WRITE_PATIENCE = 1.0, 15.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_PAGE = 5000


class Server:
    """A Chroma server at an address, and the collections on it. Threads may share it."""

    def __init__(self, url: str, headers: str = "") -> None:
        """`headers` are lines of `Name: value`. Nothing is asked yet. Raises SettingsError for what is neither."""
        parts = urlsplit(url)
        place = [part for part in parts.path.split("/") if part]
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or len(place) not in (0, 2):
            raise SettingsError(
                "setting chroma_url (environment variable QA_CHROMA_URL) is no address of a Chroma server; give one"
                " like http://localhost:8000 or https://HOST/TENANT/DATABASE, and a token by QA_CHROMA_HEADERS"
            )
        self._place = dict(zip(("tenant", "database"), place, strict=False))
        self._host, self._ssl = parts.hostname, parts.scheme == "https"
        self._port = parts.port or (443 if self._ssl else 80)
        self._headers = _read_headers(headers)
        self._client: Any = None
        self._collections: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """Where it is."""
        return f"{self._host}:{self._port}"

    def close(self) -> None:
        """Release the connections."""
        client, self._client = self._client, None
        self._collections.clear()
        if client is not None:
            client.close()

    def collection(self, name: str, *, create: bool = False) -> "Collection":
        """A collection. Raises VectorsUnusable when there is none, IndexUnusable when the server cannot be asked."""
        if create:
            space = {"hnsw": {"space": "cosine"}}
            self._collections[name] = self.patiently(
                lambda client: client.get_or_create_collection(name, configuration=space, embedding_function=None),
                _WRITE_PATIENCE,
            )
        return Collection(self, name)

    def opened(self, client: Any, name: str) -> Any:
        """The client's own collection."""
        if name not in self._collections:
            self._collections[name] = client.get_collection(name, embedding_function=None)
        return self._collections[name]

    def has(self, name: str) -> bool:
        """Whether a collection is there now."""
        self._collections.pop(name, None)
        try:
            self.patiently(lambda client: self.opened(client, name), _WRITE_PATIENCE)
        except VectorsUnusable:
            return False
        return True

    def delete(self, name: str) -> None:
        """Delete a collection, if it is there."""
        self._collections.pop(name, None)
        try:
            self.patiently(lambda client: client.delete_collection(name), _WRITE_PATIENCE)
        except VectorsUnusable:
            logger.debug("collection %s was not there", name)

    def patiently(self, call: Callable[[Any], T], patience: float) -> T:
        """What a call gives; one that fails by accident is made again, for `patience` seconds."""
        from chromadb.errors import ChromaError, NotFoundError

        pause, until = _FIRST_PAUSE, time.monotonic() + patience
        while True:
            try:
                return call(self._connected())
            except NotFoundError as error:
                self._collections.clear()
                raise VectorsUnusable(self._unusable(f"a collection is not there: {error}")) from error
            except Exception as error:  # the client raises many kinds, plain ones too
                refused = isinstance(error, ChromaError) and error.code() < 500
                if refused or time.monotonic() + pause > until:
                    raise IndexUnusable(self._unusable(" ".join(str(error).split()) or type(error).__name__)) from error
                logger.info("waiting for the Chroma server at %s: %s", self.name, error)
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _connected(self) -> Any:
        """The client. Its own first call would wait for ever where nobody answers, so another comes before it."""
        if self._client is None:
            import chromadb
            import httpx
            from chromadb.config import Settings

            address = f"{'https' if self._ssl else 'http'}://{self.name}/api/v2/heartbeat"
            timeout = httpx.Timeout(_SECONDS, connect=_CONNECT_SECONDS)
            options: dict[str, Any] = {"timeout": timeout, "trust_env": False, "verify": self._ssl}
            httpx.get(address, headers=self._headers, **options).raise_for_status()
            client = chromadb.HttpClient(
                host=self._host,
                port=self._port,
                ssl=self._ssl,
                headers=dict(self._headers),
                settings=Settings(anonymized_telemetry=False),
                **self._place,
            )
            client._server._session.timeout = timeout  # type: ignore[attr-defined]
            self._client = client
        return self._client

    def _unusable(self, cause: str) -> str:
        return (
            f"the Chroma server at {self.name} cannot be used: {cause}. See that it runs and that --chroma-url"
            " (QA_CHROMA_URL) names it; what it misses it gets from the ledger, by any qa index or qa doctor --repair"
        )


class Collection:
    """Vectors under the numbers of their chunks."""

    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self._name = name

    def _call(self, method: str, *, patience: float = _WRITE_PATIENCE, **arguments: Any) -> Any:
        def call(client: Any) -> Any:
            return getattr(self._server.opened(client, self._name), method)(**arguments)

        return self._server.patiently(call, patience)

    def nearest(self, vector: "NDArray[np.float32]", limit: int) -> list[int]:
        """The `limit` nearest by cosine, nearest first."""
        found = self._call("query", patience=_ASK_PATIENCE, query_embeddings=[vector], n_results=limit, include=[])
        return [int(number) for number in found["ids"][0]]

    def put(self, numbers: Sequence[int], vectors: "NDArray[np.float32]") -> None:
        """Add vectors, which may be there already."""
        self._call("upsert", ids=list(map(str, numbers)), embeddings=vectors)

    def erase(self, numbers: Sequence[int], dimension: int) -> None:
        """Deleting only hides a vector in the graph's file: first another is put over it."""
        import numpy as np

        self.put(numbers, np.ones((len(numbers), dimension), dtype=np.float32))
        self._call("delete", ids=list(map(str, numbers)))

    def numbers(self) -> list[int]:
        """The numbers of all chunks in it."""
        found: list[int] = []
        page = partial(self._call, "get", limit=_PAGE, include=[])
        while ids := page(offset=len(found))["ids"]:
            found += map(int, ids)
        return found

    def vectors(self, numbers: Sequence[int]) -> "dict[int, NDArray[np.float32]]":
        """The vectors of some chunks."""
        found = self._call("get", ids=list(map(str, numbers)), include=["embeddings"])
        return {int(number): vector for number, vector in zip(found["ids"], found["embeddings"], strict=True)}


def _read_headers(lines: str) -> dict[str, str]:
    headers = {}
    for line in filter(None, map(str.strip, lines.splitlines())):
        name, colon, value = line.partition(":")
        if not colon or not name.strip() or not value.strip():
            raise SettingsError(
                "setting chroma_headers (environment variable QA_CHROMA_HEADERS) holds a line that is no header;"
                " give lines like Authorization: Bearer TOKEN"
            )
        headers[name.strip()] = value.strip()
    return headers
