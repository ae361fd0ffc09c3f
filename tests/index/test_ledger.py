import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import lookup
from index.article import Article, Chunk
from index.errors import IndexUnusable
from index.ledger import Ledger
from index.postgres import lookup as postgres_lookup
from index.protocols import AnyLedger
from index.schema import SCHEMA_VERSION
from index.scope import Scope

BOTH_SETUPS = True

Entry = tuple[Article, list[tuple[Chunk, np.ndarray]]]
EVERYTHING = Scope()


def entry(id_: str, *texts: str, title: str = "", day: date | None = None, source: str | None = None) -> Entry:
    """An article with a chunk for each text; the vectors are made of the texts' lengths."""
    text, chunks = "\n".join(texts), []
    for number, part in enumerate(texts):
        start = text.index(part)
        vector = np.array([len(part), number, 1], dtype=np.float32)
        chunks.append((Chunk(id_, start, start + len(part)), vector / np.linalg.norm(vector)))
    return Article(id_, text, title, date=day, source=source, path=f"/{id_}.txt"), chunks


def numbers(ledger: AnyLedger, article_id: str) -> list[int]:
    """The numbers of an article's chunks."""
    return ledger.chunk_numbers(Scope(articles=(article_id,)))


def damage_text(ledger: AnyLedger, article_id: str) -> None:
    """Put what is no text in the place of an article's."""
    if isinstance(ledger, Ledger):
        with ledger.database.write() as db:
            db.execute("UPDATE articles SET text = x'00' WHERE id = ?", (article_id,))
    else:
        statement = r"UPDATE articles SET text = '\x00' WHERE id = %s"
        ledger.database.write(lambda db: db.execute(statement, (article_id,)))


# Articles ------------------------------------------------------------------------------------------------


def test_article_comes_back_as_it_was_put(ledger: AnyLedger) -> None:
    article = Article("a", "Text 😀.", "Title", date(2020, 8, 23), "Mail", "https://a.example/1", "/a.txt")
    ledger.replace([(article, [])])
    assert ledger.article("a") == article
    assert list(ledger.articles()) == [article]
    assert ledger.hashes() == {"a": (article.content_hash, "/a.txt")}


def test_unknown_article_is_none(ledger: AnyLedger) -> None:
    assert ledger.article("a") is None


def test_articles_come_latest_first_and_undated_last(ledger: AnyLedger) -> None:
    days = {"old": date(2019, 1, 1), "none": None, "new": date(2021, 1, 1)}
    ledger.replace([entry(name, "Text.", day=day) for name, day in days.items()])
    assert [article.id for article in ledger.articles()] == ["new", "old", "none"]


def test_sources_are_named_once_and_in_order(ledger: AnyLedger) -> None:
    sources = {"a": "Post", "b": "Mail", "c": None, "d": "Post"}
    ledger.replace([entry(id_, "Text.", source=source) for id_, source in sources.items()])
    assert ledger.sources() == ["Mail", "Post"]


def test_chunks_and_vectors_come_back_by_number(ledger: AnyLedger) -> None:
    article, [(chunk, vector)] = entry("a", "The ferry sank.")
    ledger.replace([(article, [(chunk, vector)])])
    (number,) = numbers(ledger, "a")
    found = ledger.chunks([number, 99])
    assert list(found) == [number]
    assert found[number][0] == chunk
    assert found[number][1].dtype == np.float32 and found[number][1] == pytest.approx(vector, abs=0.01)


def test_chunks_come_in_the_order_they_were_put(ledger: AnyLedger) -> None:
    ledger.replace([entry("b", "One.", "Two."), entry("a", "Three.")])
    assert [numbers(ledger, "b"), numbers(ledger, "a")] == [[1, 2], [3]]
    assert [chunk.start for chunk, _ in ledger.chunks([1, 2]).values()] == [0, 5]


def test_number_of_a_chunk_is_never_given_to_another(ledger: AnyLedger) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    ledger.remove(["a"])
    ledger.replace([entry("b", "The comet shone.")])
    ledger.replace([entry("b", "The comet shone.")])
    assert numbers(ledger, "b") == [3]


def test_replacing_leaves_nothing_of_the_old_version(ledger: AnyLedger) -> None:
    ledger.replace([entry("a", "The ferry sank.", "All were saved.", title="Isolde")])
    ledger.replace([entry("a", "The comet shone.", title="Vance")])
    assert ledger.counts() == (1, 1)
    assert ledger.match(["ferry", "saved", "isolde"], 10, EVERYTHING) == {}
    assert list(ledger.match(["comet"], 10, EVERYTHING)) == list(ledger.match(["vance"], 10, EVERYTHING))


def test_removed_article_is_found_no_more(ledger: AnyLedger) -> None:
    ledger.replace([entry("a", "The ferry sank.", title="Isolde"), entry("b", "The comet shone.")])
    ledger.remove(["a", "unknown"])
    assert ledger.counts() == (1, 1) and ledger.article("a") is None
    assert ledger.match(["ferry", "isolde"], 10, EVERYTHING) == {}
    assert len(ledger.match(["comet"], 10, EVERYTHING)) == 1


@pytest.mark.folder_only
def test_words_of_a_removed_article_are_erased_from_the_files(ledger: AnyLedger, tmp_path: Path) -> None:
    ledger.replace([entry("a", "The zyxomma flew.", title="Quagga"), entry("b", "The comet shone.")])
    ledger.remove(["a"])
    ledger.close()
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir()).lower()
    assert b"comet" in left
    assert b"zyxomma" not in left and b"quagga" not in left


def test_moved_article_has_another_path_and_is_otherwise_the_same(ledger: AnyLedger) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    before = ledger.generation
    ledger.move("a", "/elsewhere.txt")
    article = ledger.article("a")
    assert article is not None and article.path == "/elsewhere.txt"
    assert (numbers(ledger, "a"), ledger.versions("a"), ledger.generation) == ([1], [], before)


def test_transaction_that_fails_leaves_nothing(ledger: AnyLedger) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    before = ledger.generation

    def batch() -> Iterator[Entry]:
        yield entry("a", "The comet shone.")
        yield entry("b", "The dam broke.")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.replace(batch())
    assert [article.text for article in ledger.articles()] == ["The ferry sank."]
    assert len(ledger.match(["ferry"], 10, EVERYTHING)) == 1
    assert ledger.match(["comet", "dam"], 10, EVERYTHING) == {}
    assert (numbers(ledger, "a"), ledger.versions("a"), ledger.gone(99)) == ([1], [], [])
    assert ledger.generation == before


def test_failed_transaction_does_not_stop_the_next(ledger: AnyLedger) -> None:
    article, chunks = entry("a", "The ferry sank.")
    with pytest.raises(IndexUnusable, match="could not be written.*is kept"):
        ledger.replace([(article, [(Chunk("nobody", 0, 3), chunks[0][1])])])
    ledger.replace([(article, chunks)])
    assert ledger.counts() == (1, 1)


def test_generation_grows_with_each_change_of_the_articles(ledger: AnyLedger) -> None:
    generations = [ledger.generation]
    for change in (lambda: ledger.replace([entry("a", "The ferry sank.")]), lambda: ledger.remove(["a"])):
        change()
        generations.append(ledger.generation)
    assert generations[0] < generations[1] < generations[2]


def test_article_whose_text_is_damaged_is_passed_over_with_a_warning(
    ledger: AnyLedger, caplog: pytest.LogCaptureFixture
) -> None:
    ledger.replace([entry("a", "The ferry sank."), entry("b", "The comet shone.")])
    damage_text(ledger, "a")
    assert ledger.article("a") is None
    assert [article.id for article in ledger.articles()] == ["b"]
    assert "text of article a is damaged" in caplog.text and "qa doctor --repair" in caplog.text


def test_article_whose_text_is_damaged_can_be_replaced(ledger: AnyLedger) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    damage_text(ledger, "a")
    ledger.replace([entry("a", "The comet shone.")])
    assert ledger.counts() == (1, 1) and len(ledger.match(["comet"], 10, EVERYTHING)) == 1


def test_snapshot_sees_one_state_whatever_is_written_meanwhile(
    ledger: AnyLedger, open_ledger: Callable[[], AnyLedger]
) -> None:
    writer = open_ledger()
    with ledger.snapshot():
        assert ledger.counts() == (0, 0)
        writer.replace([entry("a", "The ferry sank.")])
        assert ledger.counts() == (0, 0)
        assert (ledger.meta("generation"), ledger.now("generation")) == ("0", "1")
    assert ledger.counts() == (1, 1)
    writer.close()


# What Chroma follows -------------------------------------------------------------------------------------


def test_vectors_behind_a_number_come_in_order(ledger: AnyLedger) -> None:
    ledger.replace([entry("b", "One.", "Two."), entry("a", "Three.", "Four.")])
    assert ledger.vectors_after(1)[0] == [2, 3, 4] and ledger.count_after(1) == 3
    assert ledger.vectors_after(1, limit=2)[0] == [2, 3]
    assert ledger.vectors_after(4)[0] == [] and ledger.count_after(4) == 0


def test_chunks_that_went_are_noted(ledger: AnyLedger) -> None:
    ledger.replace([entry("a", "One.", "Two."), entry("b", "Three.")])
    ledger.remove(["a"])
    ledger.replace([entry("b", "Four.")])
    assert ledger.gone(99) == [1, 2, 3]
    assert ledger.gone(1) == [1]


def test_what_went_is_forgotten_when_an_edition_without_it_is_in_use(ledger: AnyLedger) -> None:
    ledger.replace([entry("a", "One.")])
    ledger.remove(["a"])
    ledger.published("the note")
    assert ledger.gone(99) == [] and ledger.meta("edition") == "the note"


# Words ---------------------------------------------------------------------------------------------------


def matches(ledger: AnyLedger, *terms: str, limit: int = 10, scope: Scope = EVERYTHING) -> list[str]:
    """Ids of the articles that are found, best first."""
    found = ledger.match(terms, limit, scope)
    chunks = ledger.chunks(found)
    return [chunks[number][0].article_id for number in found]


def test_chunk_with_more_of_the_words_matches_better(ledger: AnyLedger) -> None:
    ledger.replace([entry("a", "The ferry sank."), entry("b", "The ferry captain swam."), entry("c", "No comet came.")])
    assert matches(ledger, "ferry", "captain") == ["b", "a"]
    scores = list(ledger.match(["ferry", "captain"], 10, EVERYTHING).values())
    assert scores == sorted(scores, reverse=True) and min(scores) > 0


def test_in_a_large_index_those_with_the_rarest_words_are_scored_by_all_words(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.replace([entry(f"common-{number}", f"A ship left port {number}.") for number in range(10)])
    ledger.replace([entry(f"other-{number}", f"A train left town {number}.") for number in range(30)])
    ledger.replace([entry("rare", "The comet came."), entry("both", "The comet came as the ship left port.")])
    exact = ledger.match(["comet", "ship", "port"], 2, EVERYTHING)
    for one in (lookup, postgres_lookup):
        monkeypatch.setattr(one, "_MOST_SCORED", 5)
    assert matches(ledger, "comet", "ship", "port") == ["both", "rare"]
    assert ledger.match(["comet", "ship", "port"], 2, EVERYTHING) == exact


def test_in_a_large_index_common_words_are_found_when_there_are_no_rarer_ones(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.replace([entry(f"common-{number}", f"A ship left port {number}.") for number in range(30)])
    for one in (lookup, postgres_lookup):
        monkeypatch.setattr(one, "_MOST_SCORED", 5)
    assert len(matches(ledger, "ship", "port")) == 10
    in_one = Scope(articles=("common-7",))
    assert matches(ledger, "ship", "port", scope=in_one) == ["common-7"]


@pytest.mark.parametrize("term", ["ferries", "FERRY", "Ferry"])
def test_words_match_in_other_forms(ledger: AnyLedger, term: str) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    assert matches(ledger, term) == ["a"]


def test_words_match_without_their_accents(ledger: AnyLedger) -> None:
    ledger.replace([entry("a", "El Niño came.")])
    assert matches(ledger, "nino") == matches(ledger, "niño") == ["a"]


def test_words_of_the_title_match(ledger: AnyLedger) -> None:
    ledger.replace([entry("a", "It sank.", title="Ferry Isolde")])
    assert matches(ledger, "isolde") == ["a"]


def test_only_the_best_are_found(ledger: AnyLedger) -> None:
    ledger.replace([entry(str(number), "The ferry sank.") for number in range(5)])
    assert len(matches(ledger, "ferry", limit=3)) == 3


@pytest.mark.parametrize(
    "terms", [[], [""], ["_"], ['"'], ['" OR "'], ["ferry*"], ["title : x"], ["NEAR"], ["x"] * 3000]
)
def test_no_term_is_taken_for_syntax(ledger: AnyLedger, terms: Sequence[str]) -> None:
    ledger.replace([entry("a", "The comet shone.")])
    assert ledger.match(terms, 10, EVERYTHING) == {}


# Scope ---------------------------------------------------------------------------------------------------


@pytest.fixture
def dated(ledger: AnyLedger) -> Ledger:
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
def test_scope_limits_words_and_chunks_alike(dated: AnyLedger, scope: Scope, expected: set[str]) -> None:
    assert set(matches(dated, "ferry", scope=scope)) == expected
    assert {chunk.article_id for chunk, _ in dated.chunks(dated.chunk_numbers(scope)).values()} == expected
    assert {chunk.article_id for chunk, _ in dated.chunks(dated.vectors(scope)[0]).values()} == expected


# The file ------------------------------------------------------------------------------------------------


def test_ledger_is_the_same_when_opened_again(ledger: AnyLedger, open_ledger: Callable[[], AnyLedger]) -> None:
    ledger.replace([entry("a", "The ferry sank.")])
    ledger.note(fingerprint="model@1")
    ledger.close()
    again = open_ledger()
    assert again.counts() == (1, 1) and again.meta("fingerprint") == "model@1"
    assert matches(again, "ferry") == ["a"] and again.vectors_after(0)[0] == [1]
    again.close()


@pytest.mark.parametrize("content", [b"", b"not a database at all, only some text" * 100])
def test_file_that_is_no_ledger_is_refused_with_the_remedy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ledger.sqlite3").write_bytes(content)
    with pytest.raises(IndexUnusable, match=r"not an index or is damaged.*index again"):
        Ledger(tmp_path / "ledger.sqlite3")


@pytest.mark.folder_only
def test_ledger_of_a_newer_version_is_refused_with_the_remedy(ledger: AnyLedger, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ledger.sqlite3") as db:
        db.execute("UPDATE meta SET value = ? WHERE name = 'schema_version'", (str(SCHEMA_VERSION + 1),))
    db.close()
    with pytest.raises(IndexUnusable, match=r"another version.*Update article-qa"):
        Ledger(tmp_path / "ledger.sqlite3")


# After many changes --------------------------------------------------------------------------------------

_VOCABULARY = ["ferry", "ferries", "comet", "dam", "Niño", "sank"]
_TEXT = st.lists(st.sampled_from(_VOCABULARY), min_size=1, max_size=5).map(" ".join)
_STEP = st.tuples(st.sampled_from("abc"), st.none() | st.tuples(_TEXT, st.lists(_TEXT, max_size=3)))


def content_of(ledger: AnyLedger) -> list[tuple[Chunk, list[float]]]:
    """All chunks and their vectors."""
    found = ledger.chunks(ledger.all_numbers()).values()
    return sorted(((chunk, vector.tolist()) for chunk, vector in found), key=repr)


@settings(max_examples=25)
@given(steps=st.lists(_STEP, max_size=12))
def test_ledger_after_many_changes_is_like_one_that_never_had_them(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, tuple[str, list[str]] | None]]
) -> None:
    folder = tmp_path_factory.mktemp("ledgers")
    changed, fresh = (Ledger(folder / name, create=True) for name in ("changed", "fresh"))
    final: dict[str, Entry] = {}
    known: set[int] = set()
    gone: set[int] = set()
    for id_, content in steps:
        final.pop(id_, None)
        if content is None:
            changed.remove([id_])
        else:
            final[id_] = entry(id_, *(f"{number} {text}" for number, text in enumerate(content[1])), title=content[0])
            changed.replace([final[id_]])
        gone |= known - set(changed.all_numbers())
        known |= set(changed.all_numbers())
    fresh.replace(final.values())
    assert set(changed.gone(999)) == gone
    assert content_of(changed) == content_of(fresh)
    for word in _VOCABULARY:
        expected = sorted(fresh.match([word], 99, EVERYTHING).values())
        assert sorted(changed.match([word], 99, EVERYTHING).values()) == pytest.approx(expected)
    changed.close()
    fresh.close()
    with sqlite3.connect(folder / "changed") as db:
        db.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    db.close()
