"""Indexers are killed, by SIGKILL, wherever they happen to be. Nothing that was reported may be lost or mixed up.

`pytest -s tests/index/test_crashes.py` shows where the kills struck.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import index.publish
import index.store
import index.vectors
from index.article import Article
from index.build import _job
from index.embeddings import Embedder
from index.ledger import Ledger
from index.schema import pack_vector
from index.settings import IndexSettings
from index.store import Index
from index.vectors import Edition, OpenEdition, is_sound, leftovers
from tests.index import moving
from tests.index.crashing import PLACE_BYTES

ROOT = Path(__file__).parent.parent.parent
KILLS = 100
KILLS_OF_THE_REAL_MODEL = 5
STEPS = 3
_SECONDS, _SECONDS_OF_THE_REAL_MODEL = (0.02, 0.9), (0.5, 2.0)
"""How long a process may live: about as long as it takes for its steps."""


@dataclass
class Life:
    """One process that changed the articles and the index: what it said, and where it was when it ended."""

    before: dict[str, int]
    begun: dict[str, int] | None = None
    done: dict[str, int] | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    status: int = 0
    place: str = ""

    @property
    def possible(self) -> list[dict[str, int]]:
        """What the articles may be: what they were when the last step was done, or what the one begun makes of them."""
        done = self.before if self.done is None else self.done
        return [done] if self.begun is None else [done, self.begun]


class Indexers:
    """Processes that change a folder of articles and its index, one after another."""

    def __init__(self, folder: Path) -> None:
        self.articles = folder / "articles"
        self.articles.mkdir()
        self.settings = IndexSettings.build(index=folder / "articles.index", wait=5, threads=1)
        self._place = folder / "place"
        self._server = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.index.crashing"],
            cwd=ROOT,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # who forks may have no threads
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """End the process that starts the others."""
        self._server.communicate()

    def live(
        self, *, seed: int, toy: bool = True, kill_after: float | None = None, die_at: tuple[str, int] | None = None
    ) -> Life:
        """Let one make its steps, if it is not killed after so many seconds or when it comes to a line so often."""
        assert self._server.stdin and self._server.stdout
        life = Life(before=moving.read(self.articles))
        self._place.write_bytes(b" " * PLACE_BYTES)
        where = {"index": str(self.settings.index), "folder": str(self.articles), "place": str(self._place)}
        job = where | {"seed": seed, "steps": STEPS, "toy": toy, "kill_after": kill_after, "die": die_at}
        self._server.stdin.write(json.dumps(job) + "\n")
        self._server.stdin.flush()
        while "ended" not in (said := json.loads(self._server.stdout.readline())):
            assert "failed" not in said, said["failed"]
            life.begun = said.get("begun")  # what it says next is that this is done
            life.done = said.get("done", life.done)
            life.lines = said.get("lines", life.lines)
        life.status, life.place = said["ended"], self._place.read_text().strip()
        return life


@pytest.fixture
def indexers(tmp_path: Path) -> Iterator[Indexers]:
    indexers = Indexers(tmp_path)
    yield indexers
    indexers.close()


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> moving.ToyEmbedder:
    """Every index of the test embeds in no time."""
    toy = moving.ToyEmbedder()
    monkeypatch.setattr(index.store, "load_embedder", lambda _: toy)
    return toy


# Killed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["moment", "line"])
def test_indexer_killed_again_and_again_loses_nothing_and_mixes_nothing_up(
    indexers: Indexers, toy: moving.ToyEmbedder, tmp_path: Path, kind: str
) -> None:
    """At random moments, in the midst of what SQLite and Chroma do, too, and at lines picked from all it comes by."""
    chance = random.Random(0)
    moving.write(indexers.articles, {f"first{number}": 1 for number in range(12)})
    lines = sorted(indexers.live(seed=chance.randrange(1 << 30)).lines.items())
    struck: list[Life] = []
    while len(struck) < KILLS // 2:
        seed = chance.randrange(1 << 30)
        if kind == "moment":
            life = indexers.live(seed=seed, kill_after=chance.uniform(*_SECONDS))
        else:
            line, times = chance.choice(lines)
            life = indexers.live(seed=seed, die_at=(line, chance.randint(1, min(times, 20))))
        check(indexers, life, toy)
        check_recovery(indexers, tmp_path / "fresh")
        if life.status == -signal.SIGKILL:
            struck.append(life)
    report(f"{len(struck)} kills at a random {kind}", struck)


def test_indexer_with_the_real_model_loses_nothing_when_it_is_killed(indexers: Indexers, embedder: Embedder) -> None:
    chance = random.Random(1)
    struck: list[Life] = []
    while len(struck) < KILLS_OF_THE_REAL_MODEL:
        seconds = chance.uniform(*_SECONDS_OF_THE_REAL_MODEL)
        life = indexers.live(seed=chance.randrange(1 << 30), toy=False, kill_after=seconds)
        check(indexers, life, embedder)
        with Index(indexers.settings) as opened:
            opened.update([indexers.articles])
            assert versions(opened) == moving.read(indexers.articles)
        if life.status == -signal.SIGKILL:
            struck.append(life)
    with Index(indexers.settings) as opened:
        assert [finding for finding in opened.examine() if finding.kind != "leftover"] == []
    report(f"{len(struck)} kills with the real model", struck)


# Power cuts ----------------------------------------------------------------------------------------------


@dataclass
class Cut:
    """An index that was changed twice, and copies of its folder as it was after each change."""

    settings: IndexSettings
    articles: Path
    first: Path
    second: Path
    states: list[dict[str, int]]

    def start(self, *, ledger: Path, editions: Path) -> None:
        """Make the index what the disk has of the one store after one change, and of the other after another."""
        shutil.rmtree(self.settings.index)
        self.settings.index.mkdir()
        for path in [*ledger.glob("ledger*"), *editions.glob("vectors-*")]:
            copy = shutil.copytree if path.is_dir() else shutil.copy
            copy(path, self.settings.index / path.name)


@pytest.fixture
def cut(
    settings: IndexSettings, articles: Path, tmp_path: Path, toy: moving.ToyEmbedder, monkeypatch: pytest.MonkeyPatch
) -> Cut:
    """The copies are taken while the index is open: SQLite's log holds what its file does not yet."""
    monkeypatch.setattr(index.publish, "_BEHIND_CHUNKS", 0)
    states = [{f"a{number}": 1 for number in range(20)}, {f"a{number}": 1 + number % 2 for number in range(25)}]
    copies = [tmp_path / "first", tmp_path / "second"]
    with Index(settings, create=True) as opened:
        for state, copy in zip(states, copies, strict=True):
            moving.write(articles, state)
            opened.update([articles])
            shutil.copytree(settings.index, copy, ignore=shutil.ignore_patterns("*-shm", "*.lock"))
    return Cut(settings, articles, *copies, states)


@pytest.mark.parametrize(("ledger", "editions"), [("second", "first"), ("first", "second")])
def test_power_cut_between_the_stores_leaves_what_the_ledger_says(
    cut: Cut, toy: moving.ToyEmbedder, ledger: str, editions: str
) -> None:
    cut.start(ledger=getattr(cut, ledger), editions=getattr(cut, editions))
    with Index(cut.settings) as opened:
        assert versions(opened) == cut.states[ledger == "second"]
        check_searches(opened, list(opened.articles())[:3], toy)
        opened.update([cut.articles])
        assert versions(opened) == cut.states[1]
        check_searches(opened, list(opened.articles())[:3], toy)
        check_files(cut.settings.index, opened)


@pytest.mark.parametrize("emptied", ["data_level0.bin", "index_metadata.pickle", "chroma.sqlite3", "*"])
def test_power_cut_that_takes_the_content_of_an_edition_leaves_what_the_ledger_says(
    cut: Cut, toy: moving.ToyEmbedder, emptied: str
) -> None:
    """As when its files were not on the disk yet: they are there, and empty."""
    cut.start(ledger=cut.second, editions=cut.second)
    for path in cut.settings.index.glob(f"vectors-*/**/{emptied}"):
        if path.is_file():
            path.write_bytes(b"")
    with Index(cut.settings) as opened:
        check_searches(opened, list(opened.articles())[:3], toy)
        opened.update([cut.articles])
        check_searches(opened, list(opened.articles())[:3], toy)
        check_files(cut.settings.index, opened)


@pytest.mark.parametrize("part", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_power_cut_in_the_midst_of_a_write_leaves_the_old_or_the_new(
    cut: Cut, toy: moving.ToyEmbedder, part: float
) -> None:
    """Of what SQLite's log grew by, only the beginning reached the disk."""
    log = "ledger.sqlite3-wal"
    before, after = (cut.first / log).read_bytes(), (cut.second / log).read_bytes()
    assert after.startswith(before) and len(after) > len(before)
    (cut.second / log).write_bytes(after[: len(before) + int(part * (len(after) - len(before)))])
    cut.start(ledger=cut.second, editions=cut.second)
    with Index(cut.settings) as opened:
        assert versions(opened) in cut.states
        for article in opened.articles():
            check_whole(opened, article, toy)
        check_searches(opened, list(opened.articles())[:3], toy)
        opened.update([cut.articles])
        assert versions(opened) == cut.states[1]


def test_edition_is_on_the_disk_before_the_ledger_names_it(
    settings: IndexSettings, articles: Path, toy: moving.ToyEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: dict[int, int] = {}
    named: list[str] = []
    fsync, published = os.fsync, Ledger.published

    def noting(descriptor: int) -> None:
        fsync(descriptor)
        synced[os.fstat(descriptor).st_ino] = os.fstat(descriptor).st_mtime_ns

    def checking(ledger: Ledger, note: str) -> None:
        edition = Edition.read(note)
        assert edition
        named.append(edition.name)
        folder = settings.index / edition.name
        for path in [*folder.rglob("*"), folder]:
            assert synced.get(path.stat().st_ino) == path.stat().st_mtime_ns, f"{path.name} may not be on the disk"
        published(ledger, note)

    monkeypatch.setattr(os, "fsync", noting)
    monkeypatch.setattr(Ledger, "published", checking)
    monkeypatch.setattr(index.publish, "_BEHIND_CHUNKS", 0)
    with Index(settings, create=True) as opened:
        for version in (1, 2, 3):
            moving.write(articles, {f"a{number}": version if number < 2 else 1 for number in range(40)})
            opened.update([articles])
    assert named == ["vectors-000001", "vectors-000002", "vectors-000003"]


# What must hold ------------------------------------------------------------------------------------------


def check(indexers: Indexers, life: Life, embedder: Any) -> None:
    """What must hold at the next start after a process ended, however it ended."""
    with Index(indexers.settings, create=True) as opened:
        known = list(opened.articles())
        for article in known:
            name = Path(article.path or "").stem
            version = moving.version_of(name, article.text)
            assert version is not None, f"{name} is not as it was ever written"
            assert version in [state.get(name) for state in life.possible], f"{name} is of another time"
            check_whole(opened, article, embedder)
        there = {Path(article.path or "").stem for article in known}
        assert there >= set.intersection(*(set(state) for state in life.possible)), "what was reported is missing"
        check_searches(opened, known[:3], embedder)
        check_files(indexers.settings.index, opened)


def check_whole(opened: Index, article: Article, embedder: Any) -> None:
    """An article's hash, chunks, vectors and words must be those of its text."""
    ledger = opened._ledger
    assert ledger.hashes()[article.id][0] == article.content_hash
    job = _job(article, embedder)
    stored = ledger.stored_chunks(article.id)
    assert [chunk for chunk, _ in stored] == job.chunks
    if isinstance(embedder, moving.ToyEmbedder):
        assert [vector for _, vector in stored] == [pack_vector(vector) for vector in embedder.embed(job.texts)]
    else:
        assert {len(vector) for _, vector in stored} == {embedder.dimension}
    mark = article.text.rstrip(".").rpartition(" ")[2]
    with_mark = {chunk for chunk in job.chunks if mark in article.text[chunk.start : chunk.end]}
    assert {chunk for chunk, _ in ledger.chunks(ledger.match([mark], 1000, index.store.Scope())).values()} >= with_mark


def check_searches(opened: Index, articles: list[Article], embedder: Any) -> None:
    """Dense search must agree with comparing every vector, and passages must be verbatim."""
    ledger = opened._ledger
    assert ledger.file_problems() == [] and ledger.words_problem() == ""
    for article in articles:
        best = opened.search(article.text.splitlines()[0])[0]
        assert best.article == article and best.text == article.text[best.start : best.end]
        query = embedder.embed_query(article.text[:50])
        with ledger.snapshot():
            found = opened._vectors.nearest(query, 10)
            numbers, vectors = ledger.vectors_after(0)
        nearest = [numbers[row] for row in (-(vectors @ query)).argsort()[:10]]
        # A graph finds nearly all, not all.
        assert nearest[0] in found and len(set(nearest) & set(found)) >= len(nearest) - 2


def check_files(folder: Path, opened: Index) -> None:
    """An edition that the ledger names must be whole, and hold what the ledger says."""
    edition = Edition.read(opened._ledger.meta("edition"))
    if edition is None:
        return
    assert is_sound(folder, edition)
    chroma = OpenEdition(folder, edition)
    held = set(chroma.numbers())
    chroma.close()
    wanted = {number for number in opened._ledger.all_numbers() if number <= edition.upto}
    assert held == wanted | set(opened._ledger.gone(edition.upto))


def check_recovery(indexers: Indexers, fresh: Path) -> None:
    """The next update must lead to what a new index of the same articles is."""
    shutil.rmtree(fresh, ignore_errors=True)
    with (
        Index(indexers.settings) as opened,
        Index(indexers.settings.model_copy(update={"index": fresh}), create=True) as other,
    ):
        opened.update([indexers.articles])
        other.update([indexers.articles])
        assert state(opened) == state(other)
        for article in list(opened.articles())[:3]:
            assert hits(opened, article.text[:60]) == hits(other, article.text[:60])
        edition = Edition.read(opened._ledger.meta("edition"))
        assert leftovers(indexers.settings.index, but=edition.name if edition else "") == []


def versions(opened: Index) -> dict[str, int | None]:
    """What an index holds, by the articles' names."""
    names = {Path(article.path or "").stem: article.text for article in opened.articles()}
    return {name: moving.version_of(name, text) for name, text in names.items()}


def state(opened: Index) -> dict[str, Any]:
    """All that an index holds of each article, but for when it was indexed."""
    return {article.id: (article, opened._ledger.stored_chunks(article.id)) for article in opened.articles()}


def hits(opened: Index, query: str) -> list[Any]:
    """What a question finds. Which of the commonest words count, whose weight is next to nothing, is left to chance."""
    found = opened.search(query)
    return [(hit.chunk_id, hit.rank, pytest.approx(hit.score, abs=1e-5), hit.reprints) for hit in found]


def report(title: str, lives: list[Life]) -> None:
    """Tell where processes were killed."""
    at = [
        life.place.partition(" ")[2] + " in " + life.place.partition(":")[0] if life.place else "start"
        for life in lives
    ]
    places = Counter(at)
    told = "".join(f"{count:5}  {place}\n" for place, count in places.most_common())
    during = sum(life.begun is not None for life in lives)
    sys.stdout.write(f"\n{title}, {during} of them during a change; nothing lost\n{told}")
