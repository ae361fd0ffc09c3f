"""Servers that go away, come back, answer slowly or lose what they had: what is stored is stored, once."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("psycopg", reason="pip install 'article-qa[server]'")

import index.chroma_server
import index.postgres.database
import index.postgres.work
import index.remote
import index.store
from index import build
from index.errors import IndexUnusable
from index.report import Progress
from index.search import Passage
from index.settings import IndexSettings
from index.store import Index
from tests.index import moving
from tests.proxy import Proxy
from tests.servers import Servers

ARTICLES = {f"a{number}": 1 for number in range(30)}


@pytest.fixture
def relays(servers: Servers) -> Iterator[tuple[Proxy, Proxy]]:
    """Relays to PostgreSQL and to Chroma."""
    both = Proxy(servers.postgres.port), Proxy(servers.chroma.port)
    yield both
    for relay in both:
        relay.close()


@pytest.fixture
def postgres(relays: tuple[Proxy, Proxy]) -> Proxy:
    return relays[0]


@pytest.fixture
def chroma(relays: tuple[Proxy, Proxy]) -> Proxy:
    return relays[1]


@pytest.fixture
def settings(relays: tuple[Proxy, Proxy], servers: Servers, database_url: str, tmp_path: Path) -> IndexSettings:
    """Settings of an index whose servers are reached by the relays."""
    url = database_url.replace(f":{servers.postgres.port}/", f":{relays[0].port}/")
    chroma = f"http://127.0.0.1:{relays[1].port}"
    return IndexSettings.build(index=tmp_path / "none", wait=5, database_url=url, chroma_url=chroma)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Embedding takes no time, a transaction holds few articles, and patience is short."""
    monkeypatch.setattr(index.store, "load_embedder", lambda _: moving.ToyEmbedder())
    monkeypatch.setattr(build, "_COMMIT_CHUNKS", 20)
    monkeypatch.setattr(index.postgres.database, "_PATIENCE", 2.0)
    monkeypatch.setattr(index.postgres.work, "_TAKEN_AT_ONCE", 2)
    monkeypatch.setattr(index.chroma_server, "_ASK_PATIENCE", 0.3)
    monkeypatch.setattr(index.chroma_server, "_WRITE_PATIENCE", 0.5)
    monkeypatch.setattr(index.remote, "_ASIDE_SECONDS", 0.2)
    monkeypatch.setattr(index.remote, "_REST_SECONDS", 0.2)


@pytest.fixture
def source(articles: Path) -> Path:
    """A folder of thirty articles."""
    moving.write(articles, ARTICLES)
    return articles


@pytest.fixture
def filled(settings: IndexSettings, source: Path) -> Iterator[Index]:
    """An index of thirty articles."""
    with Index(settings, create=True) as opened:
        opened.update([source])
        yield opened


def versions(opened: Index) -> dict[str, int | None]:
    """What an index holds."""
    found = {Path(article.path or "").stem: article.text for article in opened.articles()}
    return {name: moving.version_of(name, text) for name, text in found.items()}


def found(passages: list[Passage]) -> set[str]:
    return {Path(passage.article.path or "").stem for passage in passages}


def at_half(act: Callable[[], object]) -> Callable[[Progress], None]:
    """Acts once, in the midst of embedding."""
    once = [act]

    def on_progress(progress: Progress) -> None:
        if progress.stage == "embedding" and progress.done > progress.total / 2 and once:
            once.pop()()

    return on_progress


def during(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Act in the midst of the next question, once it has begun to read the ledger."""
    search, once = index.store.search, [act]

    def meanwhile(*args: object, **options: object) -> list[Passage]:
        if once:
            options["ledger"].counts()  # type: ignore[attr-defined]
            once.pop()()
        return search(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(index.store, "search", meanwhile)


# PostgreSQL ----------------------------------------------------------------------------------------------


def test_connection_that_was_cut_between_questions_is_made_again(filled: Index, postgres: Proxy) -> None:
    assert "a7" in found(filled.search(moving.question("a7")))
    postgres.cut()
    assert "a7" in found(filled.search(moving.question("a7")))
    assert versions(filled) == ARTICLES


def test_question_in_whose_midst_the_connection_is_cut_is_answered(
    filled: Index, postgres: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    during(monkeypatch, postgres.cut)
    assert "a7" in found(filled.search(moving.question("a7")))


def test_question_in_whose_midst_postgresql_is_restarted_is_answered(
    filled: Index, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restart() -> None:
        servers.postgres.stop("immediate")
        servers.postgres.start()

    during(monkeypatch, restart)
    assert "a7" in found(filled.search(moving.question("a7")))


def test_question_while_postgresql_is_away_is_refused_with_cause_and_remedy(filled: Index, postgres: Proxy) -> None:
    postgres.refuse()
    with pytest.raises(IndexUnusable, match=r"(?s)PostgreSQL at 127\.0\.0\.1.*--database-url.*nothing stored is lost"):
        filled.search("harbour")
    postgres.refuse(until_told=False)
    assert "a7" in found(filled.search(moving.question("a7")))


def test_update_in_whose_midst_the_connection_is_cut_stores_all_once(
    settings: IndexSettings, source: Path, postgres: Proxy
) -> None:
    with Index(settings, create=True) as opened:
        report = opened.update([source], on_progress=at_half(postgres.cut))
        assert (report.added, report.failed) == (30, [])
        assert versions(opened) == ARTICLES and opened.examine() == []
        assert [opened.versions(article.id) for article in opened.articles()] == [[]] * 30


def test_update_in_whose_midst_postgresql_is_restarted_stores_all_once(
    settings: IndexSettings, source: Path, servers: Servers
) -> None:
    def restart() -> None:
        servers.postgres.stop("immediate")
        servers.postgres.start()

    with Index(settings, create=True) as opened:
        assert opened.update([source], on_progress=at_half(restart)).added == 30
        assert versions(opened) == ARTICLES and opened.examine() == []


def test_update_that_postgresql_leaves_for_good_keeps_what_was_stored_and_is_completed_by_the_next(
    settings: IndexSettings, source: Path, postgres: Proxy
) -> None:
    with Index(settings, create=True) as opened:
        with pytest.raises(IndexUnusable, match=r"PostgreSQL at .*(kept|lost)"):
            opened.update([source], on_progress=at_half(postgres.refuse))
        postgres.refuse(until_told=False)
        kept = versions(opened)
        assert 0 < len(kept) < 30 and kept.items() <= ARTICLES.items()
        report = opened.update([source])
        assert report.added == 30 - len(kept)
        assert versions(opened) == ARTICLES and opened.examine() == []


def test_answers_that_never_come_end_the_question_with_the_cause(
    filled: Index, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.postgres.database, "_READ_SECONDS", 0.2)
    monkeypatch.setattr(filled._ledger, "match", lambda *_: filled._ledger.database.rows("SELECT pg_sleep(5)"))
    with pytest.raises(IndexUnusable, match=r"did not answer as it should: .*statement timeout.*try again"):
        filled.search("harbour")


def test_password_is_shown_by_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.postgres.database, "_PATIENCE", 0.0)
    for url in ("postgresql://me:secret@127.0.0.1:1/news", "postgresql://me:secret@127.0.0.1:port/news", "secret"):
        settings = IndexSettings.build(index=tmp_path, database_url=url, chroma_url="http://127.0.0.1:1")
        assert "secret" not in repr(settings)
        with pytest.raises(Exception, match="database") as caught:
            Index(settings)
        assert "secret" not in str(caught.value)


# Chroma --------------------------------------------------------------------------------------------------


def test_question_while_chroma_is_away_is_answered_from_the_ledger(
    filled: Index, chroma: Proxy, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filled._ledger, "match", lambda *_: {})
    before = filled.search(moving.question("a7"))
    chroma.refuse()
    assert filled.search(moving.question("a7")) == before != []
    assert "Chroma server at" in caplog.text and "--chroma-url" in caplog.text


def test_large_index_is_asked_by_its_words_while_chroma_is_away(
    filled: Index, chroma: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.remote, "_FEW", 10)
    chroma.refuse()
    assert "a7" in found(filled.search(moving.mark("a7", 1)))


def test_chroma_is_asked_again_when_it_is_back(filled: Index, chroma: Proxy, caplog: pytest.LogCaptureFixture) -> None:
    chroma.refuse()
    filled.search("harbour")
    chroma.refuse(until_told=False)
    time.sleep(0.25)
    caplog.clear()
    asked = chroma.accepted
    assert filled.search("harbour")
    assert chroma.accepted > asked and caplog.text == ""


def test_chroma_that_answers_slowly_holds_up_a_question_for_so_long_only(
    filled: Index, chroma: Proxy, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(index.chroma_server, "_SECONDS", 0.2)
    filled._vectors.close()  # its connections have the time they were opened with
    chroma.delay = 60
    started = time.monotonic()
    assert "a7" in found(filled.search(moving.question("a7")))
    assert time.monotonic() - started < 30
    assert "timed out" in caplog.text


def test_update_while_chroma_is_away_is_stored_and_found_and_followed_later(
    filled: Index, source: Path, chroma: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    after = {name: 2 for name in ARTICLES} | {"new": 1}
    moving.write(source, after)
    report = filled.update([source], on_progress=at_half(chroma.refuse))
    assert (report.added, report.changed) == (1, 30)
    assert "Chroma could not follow the ledger" in caplog.text
    assert "new" in found(filled.search(moving.question("new")))
    chroma.refuse(until_told=False)
    filled.update([source])
    assert versions(filled) == after and filled.examine() == []


def test_connection_to_chroma_that_is_cut_in_mid_update_is_made_again(
    settings: IndexSettings, source: Path, chroma: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    with Index(settings, create=True) as opened:
        opened.update([source], on_progress=at_half(chroma.cut))
        assert opened.examine() == []
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_collection_that_the_server_lost_is_written_anew_by_the_next_update(filled: Index, source: Path) -> None:
    name = index.remote.Followed.read(filled._ledger.meta("edition")).name  # type: ignore[union-attr]
    filled._vectors._server.delete(name)
    assert [finding.kind for finding in filled.examine()] == ["edition"]
    assert "a7" in found(filled.search(moving.question("a7")))
    filled.update([source])
    assert filled.examine() == []


def test_address_where_nobody_ever_was_is_named(filled: Index, tmp_path: Path, settings: IndexSettings) -> None:
    nobody = settings.model_copy(update={"chroma_url": "http://127.0.0.1:1"})
    with Index(nobody) as opened, pytest.raises(IndexUnusable, match=r"127\.0\.0\.1:1 cannot be used.*--chroma-url"):
        opened.examine()


@pytest.fixture(autouse=True)
def no_writer_is_left(servers: Servers) -> Iterator[None]:
    """A server that a test stopped runs again for the next."""
    yield
    with suppress(AssertionError):
        servers.postgres.start()
