"""Several processes index, search and erase on the same servers."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

pytest.importorskip("psycopg", reason="pip install 'article-qa[server]'")

import index.postgres.work
import index.store
from index.article import Article, Chunk
from index.chroma_server import Server
from index.errors import IndexBusy, IndexNotFound, IndexUnusable, ModelError, SettingsError
from index.postgres import schema
from index.postgres.ledger import PostgresLedger
from index.remote import Followed
from index.report import Progress
from index.settings import IndexSettings
from index.store import Index
from tests.index import moving
from tests.index.sharing import LEASE
from tests.servers import Servers

ROOT = Path(__file__).parent.parent.parent
ARTICLES = {f"a{number}": 1 for number in range(40)}


@pytest.fixture
def setup() -> str:
    return "servers"


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Embedding takes no time."""
    monkeypatch.setattr(index.store, "load_embedder", lambda _: moving.ToyEmbedder())


@pytest.fixture
def source(articles: Path) -> Path:
    """A folder of forty articles."""
    moving.write(articles, ARTICLES)
    return articles


class Indexers:
    """Processes that index a folder at the same time, beginning when they are told to."""

    def __init__(self, settings: IndexSettings, source: Path, logs: Path) -> None:
        assert settings.database_url is not None and settings.chroma_url is not None
        self._own = [sys.executable, "-W", "ignore", "-m", "tests.index.sharing"]
        self._own += [settings.database_url.get_secret_value(), settings.chroma_url, str(source)]
        self._logs = logs
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, *seconds: float) -> None:
        """Start one for each of the times that embedding is to take it."""
        for number, pace in enumerate(seconds):
            command = [*self._own, str(self._logs / f"{number}.log"), str(pace)]
            process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            self.processes.append(process)
        for process in self.processes:
            assert process.stdout and process.stdin
            assert process.stdout.readline() == "ready\n", process.communicate()[1]
        for process in self.processes:
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()

    def embedded(self, number: int) -> list[str]:
        """The articles that one of them has embedded so far."""
        log = self._logs / f"{number}.log"
        return log.read_text().splitlines() if log.exists() else []

    def added(self, number: int) -> int:
        """How many articles one of them says it added, at its end."""
        told, errors = self.processes[number].communicate(timeout=120)
        assert self.processes[number].returncode == 0, errors
        return int(told)


@pytest.fixture
def indexers(settings: IndexSettings, source: Path, tmp_path: Path) -> Iterator[Indexers]:
    some = Indexers(settings, source, tmp_path)
    yield some
    for process in some.processes:
        process.kill()
        process.communicate()


def versions(opened: Index) -> dict[str, int | None]:
    """What an index holds."""
    found = {_name(article): article.text for article in opened.articles()}
    return {name: moving.version_of(name, text) for name, text in found.items()}


def _name(article: Article) -> str:
    return Path(article.path or "").stem


# Indexers ------------------------------------------------------------------------------------------------


def test_indexers_share_the_work_and_do_none_of_it_twice(settings: IndexSettings, indexers: Indexers) -> None:
    indexers.start(0.05, 0.05)
    assert sum(map(indexers.added, (0, 1))) == 40
    both = [indexers.embedded(number) for number in (0, 1)]
    assert all(both) and Counter(both[0] + both[1]).most_common(1)[0][1] == 1
    with Index(settings) as opened:
        assert versions(opened) == ARTICLES and opened.examine() == []


def test_share_of_a_killed_indexer_is_taken_over_while_questions_are_answered(
    settings: IndexSettings, indexers: Indexers
) -> None:
    with Index(settings, create=True) as opened:
        indexers.start(0.05, 0.2)
        until = time.monotonic() + 60
        while len(indexers.embedded(1)) < 3 and time.monotonic() < until:
            for passage in opened.search("harbour master"):
                assert passage.article.text == moving.text_of(_name(passage.article), 1)
        indexers.processes[1].kill()
        killed = set(indexers.embedded(1))
        # The other stays until all is there that it was given, whoever had it.
        indexers.added(0)
        assert versions(opened) == ARTICLES and opened.examine() == []
        assert len(opened.search("harbour master", limit=99)) >= 40
        assert len(set(indexers.embedded(0)) & killed) <= 1  # what it had in hand
        assert [opened.versions(article.id) for article in opened.articles()] == [[]] * 40


def test_indexer_that_was_suspended_for_too_long_stores_nothing_that_another_did(
    settings: IndexSettings, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease is over, another has taken what it had, and all of it has changed since."""
    monkeypatch.setattr(index.postgres.work, "_LEASE", 0.2)
    monkeypatch.setattr(index.postgres.work.SharedWork, "_keep", lambda _: None)
    changed = dict.fromkeys(ARTICLES, 2)
    asleep = [True]

    def suspend(progress: Progress) -> None:
        if progress.stage == "embedding" and asleep:
            asleep.pop()
            time.sleep(0.3)
            moving.write(source, changed)
            with Index(settings) as other:
                assert other.update([source]).added == 40

    with Index(settings, create=True) as opened:
        report = opened.update([source], on_progress=suspend)
        assert report.added == 0
        assert versions(opened) == changed and opened.examine() == []
        assert [opened.versions(article.id) for article in opened.articles()] == [[]] * 40


def test_indexer_whose_lease_is_over_and_who_is_alone_stores_all_once(
    settings: IndexSettings, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.postgres.work, "_LEASE", 0.0)
    monkeypatch.setattr(index.postgres.work.SharedWork, "_keep", lambda _: None)
    with Index(settings, create=True) as opened:
        assert opened.update([source]).added == 40
        assert versions(opened) == ARTICLES and opened.examine() == []


def test_article_that_changes_while_it_waits_is_stored_as_it_is_now(
    settings: IndexSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An indexer has it in hand when the other text comes, which it takes as well."""
    before, after = (Article("a", f"The toll stands at {toll}.", "Toll") for toll in (12, 17))
    with Index(settings, create=True) as opened:
        vectors = moving.ToyEmbedder().embed(["toll"])
        with opened._ledger.work() as work, opened._ledger.work() as other:
            work.put(before, 1)
            mine = next(work.shares())
            held = [next(mine)]
            other.put(after, 2)
            next(other.shares())
            held += list(mine)
            assert [note for _, note in held] == [1, 2]
            batch = [(article, [(Chunk("a", 0, len(article.text)), vectors[0])]) for article, _ in held]
            assert work.store(batch) == ["a"]
            assert work.store(batch) == []
        assert [article.text for article in opened.articles()] == [after.text]


def test_indexer_that_fails_gives_back_what_it_had_at_once(settings: IndexSettings, source: Path) -> None:
    def fail(progress: Progress) -> None:
        if progress.stage == "embedding":
            raise RuntimeError

    with Index(settings, create=True) as opened:
        with pytest.raises(RuntimeError):
            opened.update([source], on_progress=fail)
        assert opened.update([]).added == 40  # whoever comes next does it
        assert versions(opened) == ARTICLES


def test_article_that_is_removed_while_it_waits_is_not_stored(settings: IndexSettings, source: Path) -> None:
    with Index(settings, create=True) as opened, Index(settings) as other:
        opened.update([source])
        gone = [article for article in opened.articles() if _name(article) in ("a1", "a2")]
        moving.write(source, dict.fromkeys(ARTICLES, 2))
        done: list[int] = []

        def remove(progress: Progress) -> None:
            if progress.stage == "embedding" and not done:
                done.append(other.remove([article.id for article in gone]))

        opened.update([source], on_progress=remove)
        assert done == [2]
        assert versions(opened) == {name: 2 for name in ARTICLES if name not in ("a1", "a2")}


def test_rebuilding_waits_for_indexers_and_indexers_for_it(settings: IndexSettings, source: Path) -> None:
    hasty = settings.model_copy(update={"wait": 0.2})
    with Index(settings, create=True) as opened, Index(hasty) as other:
        opened.update([source])
        with opened._engines.writing(False):
            assert other.update([source]).unchanged == 40
            with pytest.raises(IndexBusy, match=r"others.*over 0\.2 s.*--wait SECONDS"):
                other.rebuild()
        with opened._engines.writing(True), pytest.raises(IndexBusy):
            other.update([source])


def test_indexer_whose_lock_was_lost_stores_nothing_for_a_model_that_is_no_more(
    settings: IndexSettings, source: Path
) -> None:
    with Index(settings, create=True) as opened, Index(settings) as other:

        def rebuild(_: Progress) -> None:
            other._ledger.note(fingerprint="all-MiniLM-L6-v2@other")

        with pytest.raises(IndexUnusable, match="rebuilt with another embedding model.*Run the same command again"):
            opened.update([source], on_progress=rebuild)
        assert opened.counts() == (0, 0)


# Readers -------------------------------------------------------------------------------------------------


def test_other_server_sees_a_new_article_with_its_next_question(settings: IndexSettings, source: Path) -> None:
    with Index(settings, create=True) as one, Index(settings) as other:
        one.update([source])
        assert other.search(moving.question("new"))
        moving.write(source, ARTICLES | {"new": 1})
        one.update([source])
        assert "new" in {_name(passage.article) for passage in other.search(moving.question("new"))}


def test_question_in_whose_midst_all_articles_change_is_told_of_one_state(
    settings: IndexSettings, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search, once = index.store.search, [True]
    with Index(settings, create=True) as one, Index(settings) as other:
        one.update([source])
        moving.write(source, dict.fromkeys(ARTICLES, 2))

        def meanwhile(*args: object, **options: object) -> object:
            if once:
                once.pop()
                options["ledger"].counts()  # type: ignore[attr-defined]
                with ThreadPoolExecutor(1) as thread:
                    thread.submit(one.update, [source]).result()
            return search(*args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(index.store, "search", meanwhile)
        passages = other.search(moving.question("a7"), limit=30)
        assert len(passages) >= 10
        assert {moving.version_of(_name(p.article), p.article.text) for p in passages} in ({1}, {2})


# Erasing -------------------------------------------------------------------------------------------------


def held(opened: Index) -> set[int]:
    """The numbers of the chunks that the Chroma server holds."""
    followed = Followed.read(opened._ledger.meta("edition"))
    assert followed is not None
    return set(opened._vectors._server.collection(followed.name).numbers())


def test_removed_article_is_erased_on_both_servers(settings: IndexSettings, source: Path, servers: Servers) -> None:
    with Index(settings, create=True) as opened:
        opened.update([source])
        before = held(opened)
        assert before == set(opened._ledger.all_numbers())
        gone = next(article for article in opened.articles() if _name(article) == "a1")
        assert opened.remove([gone.id]) == 1
        assert held(opened) == set(opened._ledger.all_numbers()) < before
        mark = moving.mark("a1", 1)
        left = opened._ledger.database.rows("SELECT count(*) FROM terms WHERE term = %s", (mark,))
        assert left == [(0,)] and opened._ledger.gone(1 << 40) == []
        assert mark not in {passage.text for passage in opened.search(mark)}


def test_rebuilt_index_holds_the_new_vectors_alone(settings: IndexSettings, source: Path) -> None:
    with Index(settings, create=True) as opened:
        opened.update([source])
        before = held(opened)
        opened.rebuild()
        assert held(opened) == set(opened._ledger.all_numbers()) and not held(opened) & before
        assert opened.examine() == []


def test_index_of_vectors_of_another_length_is_in_another_collection_and_the_old_one_is_gone(
    settings: IndexSettings, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Index(settings, create=True) as opened, Index(settings) as other:
        opened.update([source])
        before = Followed.read(opened._ledger.meta("edition"))
        assert other.search("harbour")
        monkeypatch.setattr(moving.ToyEmbedder, "dimension", 24)
        monkeypatch.setattr(moving.ToyEmbedder, "fingerprint", "all-MiniLM-L6-v2@toy24")
        opened.rebuild()
        after = Followed.read(opened._ledger.meta("edition"))
        assert before and after and before.name != after.name
        assert not opened._vectors._server.has(before.name)
        assert held(opened) == set(opened._ledger.all_numbers()) and opened.examine() == []
        assert other.search("harbour") == opened.search("harbour") != []


# What the doctor finds -----------------------------------------------------------------------------------


def forget_vectors(opened: Index, numbers: list[int]) -> None:
    followed = Followed.read(opened._ledger.meta("edition"))
    assert followed is not None
    opened._vectors._server.collection(followed.name).erase(numbers[:5], followed.dimension)


def damage(statement: str) -> Callable[[Index, list[int]], None]:
    return lambda opened, _: opened._ledger.database.write(lambda db: db.execute(statement)) and None


@pytest.mark.parametrize(
    ("kind", "harm"),
    [
        ("edition", forget_vectors),
        ("words", damage("DELETE FROM words WHERE number <= 3")),
        ("words", damage("UPDATE terms SET chunks = chunks + 1 WHERE term = 'harbour'")),
        ("text", damage(r"UPDATE articles SET text = '\x00' WHERE id = (SELECT min(id) FROM articles)")),
        ("chunks", damage("DELETE FROM chunks WHERE number = 1")),
        ("vectors", damage("UPDATE chunks SET vector = decode(repeat('00', 16), 'hex') WHERE number = 1")),
    ],
    ids=["vectors on the server", "words", "counts of words", "text", "chunk", "vector"],
)
def test_damage_is_named_and_mended(
    settings: IndexSettings, source: Path, kind: str, harm: Callable[[Index, list[int]], None]
) -> None:
    with Index(settings, create=True) as opened:
        opened.update([source])
        harm(opened, opened._ledger.all_numbers())
        assert kind in {finding.kind for finding in opened.examine()}
        assert opened.repair() == []
        assert opened.examine() == [] and versions(opened) == ARTICLES


# Opening -------------------------------------------------------------------------------------------------


def test_empty_database_is_no_index_and_the_error_says_how_to_build_one(settings: IndexSettings) -> None:
    with pytest.raises(IndexNotFound, match=r"no index in the database .*Build one: qa index PATH"):
        Index(settings)


def test_two_who_make_the_same_index_make_one(settings: IndexSettings) -> None:
    with ThreadPoolExecutor(4) as threads:
        for opened in threads.map(lambda _: Index(settings, create=True), range(4)):
            opened.close()
    with Index(settings) as opened:
        assert opened.counts() == (0, 0)


def test_index_of_an_older_version_is_brought_up_to_date(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    PostgresLedger(database_url, create=True).close()
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE later (number bigint)"))
    monkeypatch.setattr("index.postgres.ledger.MIGRATIONS", schema.MIGRATIONS)
    again = PostgresLedger(database_url)
    assert again.meta("schema_version") == "2" and again.database.rows("SELECT * FROM later") == []
    again.close()


def test_index_of_a_newer_version_is_refused_with_the_remedy(database_url: str) -> None:
    ledger = PostgresLedger(database_url, create=True)
    ledger.note(schema_version=99)
    ledger.close()
    with pytest.raises(IndexUnusable, match="schema 99.*Update article-qa"):
        PostgresLedger(database_url)


def test_index_of_another_model_is_refused_with_the_remedy(settings: IndexSettings, source: Path) -> None:
    with Index(settings, create=True) as opened:
        opened.update([source])
    other = IndexSettings.build(**{**settings.model_dump(exclude_unset=True), "embedding_model": "other"})
    with pytest.raises(ModelError, match=r"the index at 127\.0\.0\.1:.*qa index --rebuild"):
        Index(other)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"database_url": "postgresql://127.0.0.1/news"}, "--chroma-url.*is set|is set, but not --chroma-url"),
        ({"chroma_url": "localhost:8000"}, "no address of a Chroma server"),
        ({"chroma_url": "http://me:secret@localhost:8000"}, "no address.*QA_CHROMA_HEADERS"),
        ({"chroma_url": "http://localhost:8000", "chroma_headers": "secret"}, "no header; give lines like"),
    ],
)
def test_setting_that_makes_no_sense_is_refused_and_shows_no_secret(
    tmp_path: Path, given: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as caught, suppress(IndexNotFound):
        Index(IndexSettings.build(index=tmp_path / "articles.index", **given), create=True)
    assert "secret" not in str(caught.value)


def test_vectors_alone_can_be_on_a_server(servers: Servers, tmp_path: Path, source: Path) -> None:
    settings = IndexSettings.build(index=tmp_path / "articles.index", chroma_url=servers.chroma.url)
    with Index(settings, create=True) as opened:
        opened.update([source])
        assert held(opened) == set(opened._ledger.all_numbers())
        assert opened.examine() == [] and opened.search("harbour")


def test_vectors_can_move_to_a_server_and_back(servers: Servers, tmp_path: Path, source: Path) -> None:
    folder = IndexSettings.build(index=tmp_path / "articles.index")
    moved = folder.model_copy(update={"chroma_url": servers.chroma.url})
    for number, settings in enumerate((folder, moved, folder)):
        with Index(settings, create=True) as opened:
            assert opened.update([source]).chunks_embedded == (0 if number else opened.counts()[1])
            assert opened.examine() == [] and opened.search("harbour")


def test_vectors_can_be_in_a_database_of_a_tenant(servers: Servers, tmp_path: Path, source: Path) -> None:
    tenants = f"{servers.chroma.url}/api/v2/tenants"
    httpx.post(tenants, json={"name": "newsroom"}).raise_for_status()
    httpx.post(f"{tenants}/newsroom/databases", json={"name": "archive"}).raise_for_status()
    url = f"{servers.chroma.url}/newsroom/archive"
    with Index(IndexSettings.build(index=tmp_path / "articles.index", chroma_url=url), create=True) as opened:
        opened.update([source])
        assert opened.examine() == []
    listed = httpx.get(f"{tenants}/newsroom/databases/archive/collections").json()
    assert [collection["dimension"] for collection in listed] == [moving.ToyEmbedder.dimension]


def test_headers_are_sent_with_each_request(servers: Servers) -> None:
    server = Server(servers.chroma.url, "X-Team: news\nAuthorization: Bearer abc")
    server.has("nonesuch")
    sent = server._client._server._session.headers
    assert (sent["X-Team"], sent["Authorization"]) == ("news", "Bearer abc")
    server.close()


def test_lease_of_the_tests_is_shorter_than_that_in_use() -> None:
    assert LEASE < index.postgres.work._LEASE
