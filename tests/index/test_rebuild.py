import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index import build
from index.embeddings import Embedder
from index.errors import ModelError
from index.ledger import Ledger
from index.report import Progress
from index.settings import DEFAULT_MODEL, IndexSettings
from index.store import Index
from index.vectors import Edition

_NEWS = {
    "ferry": "The ferry Lady Isolde sank off Tarnsey.",
    "comet": "A comet was discovered by two amateurs.",
    "dam": "A crack was found in the Brannoch Dam.",
}
TEXTS = {name: " ".join([f"{news} It was said on the radio."] * 30) for name, news in _NEWS.items()}


@pytest.fixture
def three(articles: Path) -> Path:
    """A folder with three articles, each of more than one chunk."""
    for name, text in TEXTS.items():
        (articles / f"{name}.txt").write_text(text)
    return articles


@pytest.fixture
def old(settings: IndexSettings, three: Path) -> IndexSettings:
    """Settings of an index of three articles, made with all-MiniLM-L6-v2."""
    with Index(settings, create=True) as index:
        index.update([three])
    return settings


@pytest.fixture
def new(old: IndexSettings, tiny_model: Path) -> IndexSettings:
    """Settings of the same index with the tiny model, which reads less at once."""
    return IndexSettings.build(index=old.index, embedding_model=str(tiny_model), wait=5)


@pytest.fixture
def rebuild(new: IndexSettings) -> Callable[..., build.Report]:
    """Rebuilds the index with the tiny model."""

    def run(on_progress: Callable[[Progress], None] = lambda _: None) -> build.Report:
        with Index(new, another_model=True) as index:
            return index.rebuild(on_progress=on_progress)

    return run


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each article is a transaction of its own."""
    monkeypatch.setattr(build, "_COMMIT_CHUNKS", 1)


@pytest.fixture
def interrupted(old: IndexSettings, rebuild: Callable[..., build.Report], one_by_one: None) -> int:
    """A rebuild is interrupted after two articles; how many chunks it had put aside by then."""
    aside: list[int] = []

    def interrupt(_: Progress) -> None:
        ledger = Ledger(old.index / "ledger.sqlite3")
        ((articles, chunks),) = ledger.database.rows("SELECT count(DISTINCT article_id), count(*) FROM rebuilt")
        ledger.close()
        if articles == 2:
            aside.append(chunks)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(interrupt)
    return aside[0]


def facts(settings: IndexSettings) -> tuple[str, list[int]]:
    """The model of the index and the numbers of its chunks."""
    ledger = Ledger(settings.index / "ledger.sqlite3")
    try:
        return ledger.meta("fingerprint") or "", ledger.all_numbers()
    finally:
        ledger.close()


# What comes of it ----------------------------------------------------------------------------------------


def test_rebuilt_index_is_of_the_other_model_only(
    old: IndexSettings, new: IndexSettings, rebuild: Callable[..., build.Report]
) -> None:
    rebuild()
    with Index(new) as index:
        assert {passage.article.text for passage in index.search("ferry", limit=99)} == {
            *map(str.strip, TEXTS.values())
        }
        assert index.embedder.dimension == 32
    with pytest.raises(ModelError):
        Index(old.model_copy(update={"embedding_model": "all-MiniLM-L6-v2"}))


def test_rebuilt_chunks_are_those_the_other_model_can_read(
    old: IndexSettings, new: IndexSettings, rebuild: Callable[..., build.Report]
) -> None:
    with Index(old) as index:
        articles, chunks = index.counts()
    report = rebuild()
    with Index(new) as index:
        assert index.counts()[0] == articles
        assert report.chunks_embedded == index.counts()[1] > chunks
        for passage in index.search("radio", limit=99):
            assert len(index.embedder.token_starts(passage.text)) <= index.embedder.room


def test_rebuilding_makes_no_version(new: IndexSettings, rebuild: Callable[..., build.Report]) -> None:
    assert rebuild().changed == 3
    with Index(new) as index:
        assert [index.versions(article.id) for article in index.articles()] == [[], [], []]


def test_words_are_found_in_the_rebuilt_chunks(new: IndexSettings, rebuild: Callable[..., build.Report]) -> None:
    rebuild()
    with Index(new) as index:
        best = index.search("Brannoch")[0]
        assert "Brannoch" in best.text and best.lexical == 1


def test_chroma_holds_the_rebuilt_vectors_alone(new: IndexSettings, rebuild: Callable[..., build.Report]) -> None:
    rebuild()
    ledger = Ledger(new.index / "ledger.sqlite3")
    edition = Edition.read(ledger.meta("edition"))
    assert edition is not None and (edition.count, edition.deleted) == (ledger.counts()[1], 0)
    assert [path.name for path in new.index.glob("vectors-*")] == [edition.name]
    ledger.close()


def test_index_can_be_updated_with_its_new_model(
    new: IndexSettings, rebuild: Callable[..., build.Report], three: Path
) -> None:
    rebuild()
    (three / "vote.txt").write_text("The vote is over.")
    with Index(new) as index:
        report = index.update([three])
        assert (report.added, report.unchanged) == (1, 3)


def test_empty_index_can_be_rebuilt(settings: IndexSettings) -> None:
    with Index(settings, create=True) as index:
        assert index.rebuild().chunks_embedded == 0
        assert index.search("ferry") == []


def test_rebuilding_with_the_same_model_embeds_everything_anew(old: IndexSettings) -> None:
    before = facts(old)
    with Index(old) as index:
        assert index.rebuild().changed == 3
        assert index.search("shipwreck")[0].article.text == TEXTS["ferry"]
    after = facts(old)
    assert after[0] == before[0] and len(after[1]) == len(before[1]) and not {*after[1]} & {*before[1]}


def test_article_whose_text_is_damaged_does_not_stop_it(
    old: IndexSettings, new: IndexSettings, rebuild: Callable[..., build.Report]
) -> None:
    ledger = Ledger(old.index / "ledger.sqlite3")
    with ledger.database.write() as db:
        db.execute("UPDATE articles SET text = x'00' WHERE path LIKE '%ferry.txt'")
    ledger.close()
    assert rebuild().changed == 2
    with Index(new) as index:
        assert {passage.article.text for passage in index.search("radio", limit=99)} == {TEXTS["comet"], TEXTS["dam"]}


# Until then ----------------------------------------------------------------------------------------------


def test_questions_are_answered_from_the_old_until_all_is_there(
    old: IndexSettings, rebuild: Callable[..., build.Report], one_by_one: None
) -> None:
    with Index(old) as reader, ThreadPoolExecutor(1) as thread:
        before = reader.search("shipwreck")
        answers: list[object] = []
        rebuild(lambda _: answers.append(thread.submit(reader.search, "shipwreck").result(timeout=60)))
        assert len(answers) >= 3 and all(answer == before for answer in answers)


def test_interrupted_rebuild_leaves_the_old_in_use(old: IndexSettings, interrupted: int) -> None:
    with Index(old) as index:
        assert index.search("shipwreck")[0].article.text == TEXTS["ferry"]
        assert index.embedder.dimension == 384


def test_rebuild_that_fails_at_the_end_leaves_the_old_in_use(
    old: IndexSettings, rebuild: Callable[..., build.Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = facts(old)
    insert, calls = Ledger._insert_chunks, itertools.count()

    def fail(*arguments: object) -> None:
        if next(calls) == 2:
            raise KeyboardInterrupt
        insert(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Ledger, "_insert_chunks", staticmethod(fail))
        rebuild()
    assert facts(old) == before
    with Index(old) as index:
        assert index.search("Isolde")[0].lexical == 1


# Going on ------------------------------------------------------------------------------------------------


def test_interrupted_rebuild_goes_on_without_embedding_again_what_was_put_aside(
    new: IndexSettings, interrupted: int, rebuild: Callable[..., build.Report]
) -> None:
    report = rebuild()
    assert report.changed == 1
    with Index(new) as index:
        assert interrupted + report.chunks_embedded == index.counts()[1]
        assert len({passage.article.id for passage in index.search("radio", limit=99)}) == 3


def test_what_changed_meanwhile_is_embedded_when_it_goes_on(
    old: IndexSettings, new: IndexSettings, three: Path, interrupted: int, rebuild: Callable[..., build.Report]
) -> None:
    (three / "vote.txt").write_text("The vote is over.")
    (three / "dam.txt").unlink()
    for name in ("ferry", "comet"):
        (three / f"{name}.txt").write_text(f"The {name} is no more.")
    with Index(old) as index:
        index.update([three])
    assert rebuild().changed == 3
    with Index(new) as index:
        assert index.counts() == (3, 3)
        texts = {passage.text for passage in index.search("news")}
        assert texts == {"The vote is over.", "The ferry is no more.", "The comet is no more."}


def test_rebuild_for_yet_another_model_begins_anew(old: IndexSettings, interrupted: int) -> None:
    with Index(old) as index:
        report = index.rebuild()
        assert report.changed == 3 and report.chunks_embedded == index.counts()[1]


# Others who have the index open --------------------------------------------------------------------------


@pytest.fixture
def rebuild_by_another(new: IndexSettings, python: Callable[[str], str]) -> Iterator[Callable[[], str]]:
    """Lets another process rebuild the index with the tiny model."""
    yield lambda: python(
        "from pathlib import Path; from index.settings import IndexSettings; from index.store import Index\n"
        f"settings = IndexSettings.build(index=Path({str(new.index)!r}), embedding_model={new.embedding_model!r})\n"
        "with Index(settings, another_model=True) as index: index.rebuild()"
    )


@pytest.fixture
def insisting(old: IndexSettings) -> IndexSettings:
    """Settings that name the old model."""
    return IndexSettings.build(index=old.index, embedding_model=DEFAULT_MODEL)


def test_reader_and_writer_that_named_no_model_go_on_with_the_new_one(
    old: IndexSettings, three: Path, rebuild_by_another: Callable[[], str]
) -> None:
    with Index(old) as reader:
        assert reader.search("ferry")
        rebuild_by_another()
        assert reader.search("ferry")
        assert reader.embedder.dimension == 32
        (three / "vote.txt").write_text("The vote is over.")
        assert reader.update([three]).added == 1


def test_reader_that_named_the_old_model_is_told_so_with_the_remedy(
    insisting: IndexSettings, rebuild_by_another: Callable[[], str]
) -> None:
    with Index(insisting) as reader:
        reader.search("ferry")
        rebuild_by_another()
        with pytest.raises(ModelError, match=r"(?s)was built with .*but the model at hand is all-MiniLM-L6-v2"):
            reader.search("ferry")


def test_writer_that_named_the_old_model_is_told_so_and_writes_nothing(
    old: IndexSettings, insisting: IndexSettings, three: Path, rebuild_by_another: Callable[[], str]
) -> None:
    with Index(insisting) as writer:
        writer.search("ferry")
        rebuild_by_another()
        before = facts(old)
        (three / "vote.txt").write_text("The vote is over.")
        with pytest.raises(ModelError):
            writer.update([three])
    assert facts(old) == before


def test_index_that_is_rebuilt_here_is_searched_with_its_new_model(new: IndexSettings, embedder: Embedder) -> None:
    with Index(new, another_model=True) as index:
        with pytest.raises(ModelError):
            index.search("ferry")
        index.rebuild()
        assert index.search("ferry")[0].lexical == 1
