"""The ledger's tables, and the form in which texts and vectors are stored in them."""

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEMA_VERSION = 2

# Long columns come last: SQLite walks through them to what is behind.
SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, date TEXT, source TEXT, url TEXT, path TEXT,
    content_hash TEXT NOT NULL, indexed TEXT NOT NULL, story TEXT NOT NULL, text BLOB NOT NULL
);
CREATE INDEX articles_by_date ON articles (date);
CREATE INDEX articles_by_story ON articles (story);
CREATE TABLE versions (
    article_id TEXT NOT NULL, title TEXT NOT NULL, date TEXT, source TEXT, url TEXT, path TEXT,
    content_hash TEXT NOT NULL, indexed TEXT NOT NULL, replaced TEXT NOT NULL, text BLOB NOT NULL
);
CREATE INDEX versions_by_article ON versions (article_id);
CREATE TABLE sketches (key INTEGER, article_id TEXT, PRIMARY KEY (key, article_id)) WITHOUT ROWID;
CREATE INDEX sketches_by_article ON sketches (article_id);
CREATE TABLE chunks (
    number INTEGER PRIMARY KEY AUTOINCREMENT, article_id TEXT NOT NULL REFERENCES articles (id),
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX chunks_by_article ON chunks (article_id);
CREATE TABLE gone (number INTEGER PRIMARY KEY);
CREATE VIRTUAL TABLE words USING fts5 (title, text, content='', tokenize='porter unicode61 remove_diacritics 2');
CREATE TABLE rebuilt (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX rebuilt_by_article ON rebuilt (article_id);
"""


def pack_text(text: str) -> bytes:
    """A text as it is stored: UTF-8, compressed to well under half."""
    return zlib.compress(text.encode())


def unpack_text(packed: bytes) -> str:
    """A stored text. Raises ValueError when it is damaged."""
    try:
        return zlib.decompress(packed).decode()
    except zlib.error as error:
        raise ValueError(str(error)) from error


def pack_vector(vector: "NDArray[np.float32]") -> bytes:
    """A vector as it is stored: a byte a number, of the direction alone (cosine over 0.9999 with the original)."""
    import numpy as np

    largest = max(float(np.abs(vector).max()), 1e-12)
    return np.round(vector * (127 / largest)).astype(np.int8).tobytes()


def unpack_vectors(packed: Sequence[bytes]) -> "NDArray[np.float32]":
    """Stored vectors of one dimension, float32 `[n, dimension]`, L2-normalised."""
    import numpy as np

    if not packed:
        return np.empty((0, 0), dtype=np.float32)
    vectors = np.frombuffer(b"".join(packed), dtype=np.int8).reshape(len(packed), -1).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)  # type: ignore[no-any-return]
