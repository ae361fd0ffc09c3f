import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article, Chunk
from index.errors import IndexUnusable
from index.ledger import SCHEMA_VERSION, Ledger
from index.scope import Scope

Entry = tuple[Article, list[tuple[Chunk, np.ndarray]]]
EVERYTHING = Scope()


def entry(id_: str, *texts: str, title: str = "", day: date | None = None, source: str | None = None) -> Entry:
    """An article with a chunk for each text; ids and vectors are made of the texts' lengths."""
    text, chunks = "\n".join(texts), []
    for number, part in enumerate(texts):
        start = text.index(part)
        vector = np.array([len(part), number, 1], dtype=np.float32)
        chunks.append((Chunk(f"{id_}-{len(part)}-{number}", id_, start, start + len(part)), vector))
    return Article(id_, text, title, date=day, source=source, path=f"/{id_}.txt"), chunks


def drain(ledger: Ledger, limit: int = 100) -> tuple[list[str], list[str]]:
    """Do as Chroma does: the ids to add and to delete, until there is no more to do."""
    added, deleted = [], []
    while outgoing := ledger.outgoing(limit):
        added += [chunk_id for chunk_id, _ in outgoing.added]
        deleted += outgoing.deleted
        ledger.followed(outgoing.number)
    return added, deleted


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite3", create=True)
    yield ledger
    ledger.close()


# Articles ------------------------------------------------------------------------------------------------


def test_article_comes_back_as_it_was_put(ledger: Ledger) -> None:
    article = Article("a", "Text 😀.", "Title", date(2020, 8, 23), "Mail", "https://a.example/1", "/a.txt")
    ledger.replace([(article, [])])
    assert ledger.article("a") == article
    assert list(ledger.articles()) == [article]
    assert ledger.hashes() == {"a": (article.content_hash, "/a.txt")}


def test_unknown_article_is_none(ledger: Ledger) -> None:
    assert ledger.article("a") is None


def test_articles_come_latest_first_and_undated_last(ledger: Ledger) -> None:
    days = {"old": date(2019, 1, 1), "none": None, "new": date(2021, 1, 1)}
    ledger.replace([entry(name, "Text.", day=day) for name, day in days.items()])
    assert [article.id for article in ledger.articles()] == ["new", "old", "none"]


def test_sources_are_named_once_and_in_order(ledger: Ledger) -> None:
    sources = {"a": "Post", "b": "Mail", "c": None, "d": "Post"}
    ledger.replace([entry(id_, "Text.", source=source) for id_, source in sources.items()])
    assert ledger.sources() == ["Mail", "Post"]


def test_chunks_and_vectors_come_back_by_id(ledger: Ledger) -> None:
    article, [(chunk, vector)] = entry("a", "The ferry sank.")
    ledger.replace([(article, [(chunk, vector)])])
    found = ledger.chunks([chunk.id, "unknown"])
    assert list(found) == [chunk.id]
    assert found[chunk.id][0] == chunk
    assert found[chunk.id][1].dtype == np.float32 and found[chunk.id][1].tolist() == vector.tolist()


def test_replacing_leaves_nothing_of_the_old_version(ledger: Ledger) -> None:
    ledger.replace([entry("a", "The ferry sank.", "All were saved.", title="Isolde")])
    ledger.replace([entry("a", "The comet shone.", title="Vance")])
    assert ledger.counts() == (1, 1)
    assert ledger.match(["ferry", "saved", "isolde"], 10, EVERYTHING) == {}
    assert list(ledger.match(["comet"], 10, EVERYTHING)) == list(ledger.match(["vance"], 10, EVERYTHING))


def test_removed_article_is_found_no_more(ledger: Ledger) -> None:
    ledger.replace([entry("a", "The ferry sank.", title="Isolde"), entry("b", "The comet shone.")])
    ledger.remove(["a", "unknown"])
    assert ledger.counts() == (1, 1) and ledger.article("a") is None
    assert ledger.match(["ferry", "isolde"], 10, EVERYTHING) == {}
    assert len(ledger.match(["comet"], 10, EVERYTHING)) == 1


def test_words_of_a_removed_article_are_erased_from_the_files(ledger: Ledger, tmp_path: Path) -> None:
    ledger.replace([entry("a", "The zyxomma flew.", title="Quagga"), entry("b", "The comet shone.")])
    ledger.remove(["a"])
    ledger.close()
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir()).lower()
    assert b"comet" in left
    assert b"zyxomma" not in left and b"quagga" not in left


def test_moved_article_has_another_path_and_is_otherwise_the_same(ledger: Ledger) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    drain(ledger)
    ledger.move("a", "/elsewhere.txt")
    article = ledger.article("a")
    assert article is not None and article.path == "/elsewhere.txt"
    assert drain(ledger) == ([], [])


def test_transaction_that_fails_leaves_nothing(ledger: Ledger) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    drain(ledger)

    def batch() -> Iterator[Entry]:
        yield entry("a", "The comet shone.")
        yield entry("b", "The dam broke.")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.replace(batch())
    assert [article.text for article in ledger.articles()] == ["The ferry sank."]
    assert len(ledger.match(["ferry"], 10, EVERYTHING)) == 1
    assert ledger.match(["comet", "dam"], 10, EVERYTHING) == {}
    assert drain(ledger) == ([], [])


def test_failed_transaction_does_not_stop_the_next(ledger: Ledger) -> None:
    article, chunks = entry("a", "The ferry sank.")
    with pytest.raises((sqlite3.IntegrityError, IndexUnusable)):
        ledger.replace([(article, chunks + chunks)])
    ledger.replace([(article, chunks)])
    assert ledger.counts() == (1, 1)


def test_snapshot_sees_one_state_whatever_is_written_meanwhile(ledger: Ledger, tmp_path: Path) -> None:
    writer = Ledger(tmp_path / "ledger.sqlite3")
    with ledger.snapshot():
        assert ledger.counts() == (0, 0)
        writer.replace([entry("a", "The ferry sank.")])
        assert ledger.counts() == (0, 0)
    assert ledger.counts() == (1, 1)
    writer.close()


# Outbox --------------------------------------------------------------------------------------------------


def test_new_chunks_are_to_be_added_with_their_vectors(ledger: Ledger) -> None:
    article, chunks = entry("a", "The ferry sank.")
    ledger.replace([(article, chunks)])
    outgoing = ledger.outgoing(10)
    assert outgoing is not None and outgoing.deleted == []
    assert [(id_, vector.tolist()) for id_, vector in outgoing.added] == [(chunks[0][0].id, chunks[0][1].tolist())]


def test_what_is_not_followed_stays_to_be_done(ledger: Ledger) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    first, second = ledger.outgoing(10), ledger.outgoing(10)
    assert first is not None and second is not None and first.number == second.number


def test_what_is_followed_is_done(ledger: Ledger) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    drain(ledger)
    assert ledger.outgoing(10) is None


def test_notes_come_in_portions(ledger: Ledger) -> None:
    ledger.replace([entry(str(number), "Text.") for number in range(7)])
    outgoing = ledger.outgoing(3)
    assert outgoing is not None and len(outgoing.added) == 3
    assert len(drain(ledger, limit=3)[0]) == 7


def test_replaced_chunks_are_to_be_deleted(ledger: Ledger) -> None:
    old, new = entry("a", "The ferry sank."), entry("a", "The comet shone.")
    ledger.replace([old])
    drain(ledger)
    ledger.replace([new])
    assert drain(ledger) == ([new[1][0][0].id], [old[1][0][0].id])


def test_chunk_that_came_and_went_is_not_to_be_added(ledger: Ledger) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    ledger.remove(["a"])
    assert drain(ledger)[0] == []


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_chunk_that_went_and_came_back_is_not_to_be_deleted(ledger: Ledger, limit: int) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    drain(ledger)
    ledger.remove(["a"])
    ledger.replace([entry("a", "The ferry sank.")])
    added, deleted = drain(ledger, limit)
    assert added and not deleted


def test_resending_notes_every_chunk_once(ledger: Ledger) -> None:
    ledger.replace([entry("a", "One.", "Two."), entry("b", "Three.")])
    ledger.resend()
    added, deleted = drain(ledger)
    assert len(added) == len(set(added)) == 3 and deleted == []


def test_generation_grows_only_when_chroma_has_followed(ledger: Ledger) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    before = ledger.generation
    drain(ledger)
    assert ledger.generation > before


# Words ---------------------------------------------------------------------------------------------------


def matches(ledger: Ledger, *terms: str, limit: int = 10, scope: Scope = EVERYTHING) -> list[str]:
    """Ids of the articles that are found, best first."""
    return [chunk.article_id for chunk, _ in ledger.chunks(ledger.match(terms, limit, scope)).values()]


def test_chunk_with_more_of_the_words_matches_better(ledger: Ledger) -> None:
    ledger.replace([entry("a", "The ferry sank."), entry("b", "The ferry captain swam."), entry("c", "No comet came.")])
    assert matches(ledger, "ferry", "captain") == ["b", "a"]
    scores = list(ledger.match(["ferry", "captain"], 10, EVERYTHING).values())
    assert scores == sorted(scores, reverse=True) and min(scores) > 0


@pytest.mark.parametrize("term", ["ferries", "FERRY", "Ferry"])
def test_words_match_in_other_forms(ledger: Ledger, term: str) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    assert matches(ledger, term) == ["a"]


def test_words_match_without_their_accents(ledger: Ledger) -> None:
    ledger.replace([entry("a", "El Niño came.")])
    assert matches(ledger, "nino") == matches(ledger, "niño") == ["a"]


def test_words_of_the_title_match(ledger: Ledger) -> None:
    ledger.replace([entry("a", "It sank.", title="Ferry Isolde")])
    assert matches(ledger, "isolde") == ["a"]


def test_only_the_best_are_found(ledger: Ledger) -> None:
    ledger.replace([entry(str(number), "The ferry sank.") for number in range(5)])
    assert len(matches(ledger, "ferry", limit=3)) == 3


@pytest.mark.parametrize(
    "terms", [[], [""], ["_"], ['"'], ['" OR "'], ["ferry*"], ["title : x"], ["NEAR"], ["x"] * 3000]
)
def test_no_term_is_taken_for_syntax(ledger: Ledger, terms: Sequence[str]) -> None:
    ledger.replace([entry("a", "The comet shone.")])
    assert ledger.match(terms, 10, EVERYTHING) == {}


# Scope ---------------------------------------------------------------------------------------------------


@pytest.fixture
def dated(ledger: Ledger) -> Ledger:
    """Four articles on ferries: three days, two sources, one without either."""
    ledger.replace(
        [
            entry("first", "A ferry.", day=date(2020, 8, 1), source="Mail"),
            entry("second", "A ferry.", day=date(2020, 8, 2), source="Post"),
            entry("third", "A ferry.", day=date(2020, 8, 3), source="Mail"),
            entry("undated", "A ferry."),
        ]
    )
    return ledger


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(), {"first", "second", "third", "undated"}),
        (Scope(since=date(2020, 8, 2)), {"second", "third"}),
        (Scope(until=date(2020, 8, 2)), {"first", "second"}),
        (Scope(since=date(2020, 8, 2), until=date(2020, 8, 2)), {"second"}),
        (Scope(since=date(2020, 8, 3), until=date(2020, 8, 1)), set()),
        (Scope(sources=("Mail",)), {"first", "third"}),
        (Scope(sources=("Mail", "Post")), {"first", "second", "third"}),
        (Scope(sources=("mail' OR 1=1 --",)), set()),
        (Scope(since=date(2020, 8, 2), sources=("Mail",)), {"third"}),
    ],
    ids=["all", "since", "until", "one day", "backwards", "source", "sources", "unknown source", "both"],
)
def test_scope_limits_words_and_chunks_alike(dated: Ledger, scope: Scope, expected: set[str]) -> None:
    assert set(matches(dated, "ferry", scope=scope)) == expected
    assert {chunk.article_id for chunk, _ in dated.chunks(dated.chunk_ids(scope)).values()} == expected


# The file ------------------------------------------------------------------------------------------------


def test_ledger_is_the_same_when_opened_again(ledger: Ledger, tmp_path: Path) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    ledger.set_fingerprint("model@1")
    ledger.close()
    again = Ledger(tmp_path / "ledger.sqlite3")
    assert again.counts() == (1, 1) and again.meta("fingerprint") == "model@1"
    assert matches(again, "ferry") == ["a"] and again.outgoing(10) is not None
    again.close()


@pytest.mark.parametrize("content", [b"", b"not a database at all, only some text" * 100])
def test_file_that_is_no_ledger_is_refused_with_the_remedy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ledger.sqlite3").write_bytes(content)
    with pytest.raises(IndexUnusable, match=r"not an index or is damaged.*index again"):
        Ledger(tmp_path / "ledger.sqlite3")


def test_ledger_of_a_newer_version_is_refused_with_the_remedy(ledger: Ledger, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ledger.sqlite3") as db:
        db.execute("UPDATE meta SET value = ? WHERE name = 'schema_version'", (str(SCHEMA_VERSION + 1),))
    db.close()
    with pytest.raises(IndexUnusable, match=r"another version.*Update article-qa"):
        Ledger(tmp_path / "ledger.sqlite3")


# The word index forgets what it is told to --------------------------------------------------------------------

_VOCABULARY = ["ferry", "ferries", "comet", "dam", "Niño", "sank"]
_TEXT = st.lists(st.sampled_from(_VOCABULARY), min_size=1, max_size=5).map(" ".join)
_STEP = st.tuples(st.sampled_from("abc"), st.none() | st.tuples(_TEXT, st.lists(_TEXT, max_size=3)))


@settings(max_examples=25)
@given(steps=st.lists(_STEP, max_size=12))
def test_ledger_after_many_changes_is_like_one_that_never_had_them(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, tuple[str, list[str]] | None]]
) -> None:
    folder = tmp_path_factory.mktemp("ledgers")
    changed, fresh = (Ledger(folder / name, create=True) for name in ("changed", "fresh"))
    final: dict[str, Entry] = {}
    followed: set[str] = set()
    for id_, content in steps:
        final.pop(id_, None)
        if content is None:
            changed.remove([id_])
        else:
            final[id_] = entry(id_, *(f"{number} {text}" for number, text in enumerate(content[1])), title=content[0])
            changed.replace([final[id_]])
    for outgoing in iter(lambda: changed.outgoing(2), None):
        followed = (followed | {id_ for id_, _ in outgoing.added}) - set(outgoing.deleted)
        changed.followed(outgoing.number)
    fresh.replace(final.values())
    assert followed == set(changed.chunk_ids(EVERYTHING)) == set(fresh.chunk_ids(EVERYTHING))
    for word in _VOCABULARY:
        assert changed.match([word], 99, EVERYTHING) == pytest.approx(fresh.match([word], 99, EVERYTHING))
    changed.close()
    fresh.close()
    with sqlite3.connect(folder / "changed") as db:
        db.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    db.close()
