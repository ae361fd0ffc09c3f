"""A folder of articles that changes. What an index of it must hold can be told from names and versions alone."""

import os
import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Versions = Mapping[str, int]
"""The articles of a folder by name, each with the number of its version."""

_STARTS, _ENDS = (
    ("har", "vel", "mon", "sti", "gra", "ple", "tor", "shi"),
    ("bour", "dane", "kest", "low", "wick", "mere"),
)
_VOCABULARY = [start + end for start in _STARTS for end in _ENDS]
_SENTENCE_WORDS = 9


def mark(name: str, version: int) -> str:
    """A word that stands in this version of this article alone."""
    return f"{name}x{version}"


def place(name: str) -> str:
    """The town that an article is about."""
    return "".join(random.Random(name).choices(_VOCABULARY, k=2)).capitalize()


def person(name: str, version: int) -> str:
    """Who was chosen there, according to a version of the article."""
    chance = random.Random(f"{name} {version} person")
    first = chance.choice(("Anna", "Boris", "Clara", "David", "Elena", "Frank", "Greta", "Henry"))
    return f"{first} {chance.choice(_VOCABULARY).capitalize()}{chance.choice(_ENDS)}"


def question(name: str) -> str:
    """What an article answers."""
    return f"Who was chosen as harbour master of {place(name)}?"


def text_of(name: str, version: int) -> str:
    """The text of an article, its mark at the end of every paragraph."""
    words = random.Random(f"{name} {version}")
    news = f"{person(name, version)} was chosen as harbour master of {place(name)} on Monday."
    paragraphs = [f"{news} The council announced it in report {mark(name, version)}."]
    for _ in range(words.randint(1, 4)):
        sentences = [" ".join(words.choices(_VOCABULARY, k=_SENTENCE_WORDS)).capitalize() for _ in range(3)]
        paragraphs.append(f"{'. '.join(sentences)} {mark(name, version)}.")
    return "\n".join(paragraphs)


def version_of(name: str, text: str) -> int | None:
    """Which version a text is, to the letter; None when it is none."""
    version = text.rstrip(".").rpartition(f"{name}x")[2]
    return int(version) if version.isdecimal() and text == text_of(name, int(version)) else None


def read(folder: Path) -> dict[str, int]:
    """What a folder holds."""
    found = {path.stem: version_of(path.stem, path.read_text()) for path in folder.glob("*.txt")}
    return {name: version for name, version in found.items() if version is not None}


def write(folder: Path, versions: Versions) -> None:
    """Make a folder hold this. Each file is replaced at once, so that no half of one is ever read."""
    before = read(folder)
    for name in before.keys() - versions.keys():
        (folder / f"{name}.txt").unlink()
    for name, version in versions.items():
        if before.get(name) != version:
            draft = folder / f"{name}.draft"
            draft.write_text(text_of(name, version))
            os.replace(draft, folder / f"{name}.txt")


def moved(versions: Versions, chance: random.Random, *, most: int = 30) -> dict[str, int]:
    """The next state of a folder: a few articles are added, changed and removed. No version ever comes back."""
    after = dict(versions)
    known = sorted(after)
    for name in chance.sample(known, min(len(known), chance.randint(0, 3))):
        after[name] += 1
    gone = chance.randint(0, 2) + (4 if len(known) > most else 0)
    for name in chance.sample(known, min(len(known), gone)):
        del after[name]
    for _ in range(chance.randint(1, 3)):
        after[f"n{chance.getrandbits(40):x}"] = 1
    return after


class ToyEmbedder:
    """An embedder that is quick, and the same in every process: a text's vector is the sum of its words'."""

    fingerprint = "all-MiniLM-L6-v2@toy"
    dimension = 16
    max_tokens = room = 40

    def token_starts(self, text: str) -> list[int]:
        """Where each word starts."""
        return [at for at, letter in enumerate(text) if not letter.isspace() and (at == 0 or text[at - 1].isspace())]

    def embed(self, texts: Sequence[str], *, advance: Callable[[int], None] | None = None) -> Any:
        """Vectors of texts, float32 `[n, 16]`, L2-normalised."""
        vectors = np.array([sum(map(_direction, text.lower().split())) for text in texts], dtype=np.float32)
        if advance:
            advance(len(texts))
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_query(self, query: str) -> Any:
        """The vector of a query, float32 `[16]`."""
        return self.embed([query])[0]


def _direction(word: str) -> Any:
    return np.random.default_rng(zlib.crc32(word.strip(".").encode())).normal(size=ToyEmbedder.dimension)
