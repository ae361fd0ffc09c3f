import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from index import dense
from index.ledger import Ledger
from index.scope import Scope
from index.search import Passage
from index.settings import IndexSettings
from index.store import Index
from index.vectors import write_edition
from index.words import content_words

BOTH_SETUPS = True

QUERIES = [
    "Who asked Putin for help?",
    "ferry",
    "Biegun Vilnius",
    "How many people died?",
    "???",
    "",
    "xqzj",
    "w " * 2000,
]


@pytest.fixture(scope="module")
def seeded(seed_index: Path) -> Iterator[Index]:
    with Index(IndexSettings.build(index=seed_index)) as index:
        yield index


def add(index: Index, folder: Path, *records: dict[str, str]) -> None:
    (folder / "records.jsonl").write_text("\n".join(json.dumps(record) for record in records))
    assert not index.update([folder]).failed


def titles(passages: list[Passage]) -> list[str]:
    return [passage.article.title for passage in passages]


def test_passage_that_answers_comes_first(seeded: Index) -> None:
    best = seeded.search("Who did Lukashenko ask for help?")[0]
    assert "Putin" in best.text


def test_empty_index_finds_nothing(index: Index) -> None:
    assert index.search("ferry") == []
    assert index.search("ferry", scope=Scope(since=date(2020, 1, 1))) == []


@pytest.mark.parametrize("query", QUERIES)
def test_scores_are_sorted_and_between_nought_and_one(seeded: Index, query: str) -> None:
    passages = seeded.search(query)
    scores = [passage.score for passage in passages]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert all(0 <= passage.lexical <= 1 and -1.01 <= passage.dense <= 1.01 for passage in passages)


@pytest.mark.parametrize("query", QUERIES)
def test_passages_are_verbatim_ranked_and_different(seeded: Index, query: str) -> None:
    passages = seeded.search(query, limit=20)
    assert [passage.rank for passage in passages] == list(range(1, len(passages) + 1))
    assert len({passage.chunk_id for passage in passages}) == len(passages)
    for passage in passages:
        article = seeded.article(passage.article.id)
        assert article == passage.article
        assert article is not None and passage.text == article.text[passage.start : passage.end] != ""


@pytest.mark.parametrize("limit", [0, 1, 7])
def test_no_more_come_than_asked_for(seeded: Index, limit: int) -> None:
    assert len(seeded.search("Belarus", limit=limit)) == limit


def test_same_query_finds_the_same(seeded: Index) -> None:
    assert seeded.search("ferry inquiry") == seeded.search("ferry inquiry")


def test_at_most_three_passages_come_of_one_article(index: Index, articles: Path) -> None:
    long = " ".join(f"The ferry Lady Isolde left the port of Tarnsey on day {number}." for number in range(120))
    add(index, articles, {"title": "Long", "text": long}, {"title": "Short", "text": "The comet shone."})
    found = Counter(titles(index.search("Lady Isolde ferry", limit=50)))
    assert found == {"Long": 3, "Short": 1}


def test_story_that_shares_no_word_with_the_query_is_found_by_its_sense(index: Index, articles: Path) -> None:
    add(
        index,
        articles,
        {"title": "A", "text": "A vessel went down in a storm and its passengers drowned."},
        {"title": "B", "text": "The bank raised interest rates by half a point."},
    )
    best, other = index.search("shipwreck")
    assert best.article.title == "A" and best.dense > other.dense
    assert best.lexical == other.lexical == 0


def test_story_far_from_the_sense_of_the_query_is_found_by_its_word(index: Index, articles: Path) -> None:
    """More stories are nearer in sense than Chroma is asked for."""
    ferries = [{"title": f"{number}", "text": f"Ferry {number} sank in a storm."} for number in range(80)]
    add(index, articles, *ferries, {"title": "Biscuits", "text": "The price of a Qwortle went up by a penny."})
    passages = index.search("boats lost at sea Qwortle", limit=5)
    assert titles(passages)[0] == "Biscuits"
    assert (passages[0].lexical, passages[1].lexical) == (1, 0)
    assert passages[0].dense < passages[1].dense


# Scope ---------------------------------------------------------------------------------------------------


@pytest.fixture
def dated(index: Index, articles: Path) -> Index:
    add(
        index,
        articles,
        {"title": "1", "text": "The ferry sank.", "date": "2020-08-01", "source": "Mail"},
        {"title": "2", "text": "A ferry sank.", "date": "2020-08-02", "source": "Post"},
        {"title": "3", "text": "One ferry sank.", "date": "2020-08-03", "source": "Mail"},
        {"title": "undated", "text": "No ferry sank."},
    )
    return index


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(), {"1", "2", "3", "undated"}),
        (Scope(since=date(2020, 8, 2)), {"2", "3"}),
        (Scope(until=date(2020, 8, 2)), {"1", "2"}),
        (Scope(since=date(2020, 8, 3), until=date(2020, 8, 3)), {"3"}),
        (Scope(since=date(2021, 1, 1)), set()),
        (Scope(sources=("Mail",)), {"1", "3"}),
        (Scope(sources=("Post", "Mail")), {"1", "2", "3"}),
        (Scope(until=date(2020, 8, 1), sources=("Post",)), set()),
    ],
    ids=["all", "since", "until", "one day", "no day", "source", "sources", "neither"],
)
@pytest.mark.parametrize("query", ["ferry", "shipwreck"])
def test_only_articles_in_the_scope_are_found(dated: Index, query: str, scope: Scope, expected: set[str]) -> None:
    assert set(titles(dated.search(query, scope=scope))) == expected


@pytest.mark.parametrize("query", ["ferry", "shipwreck"])
def test_scope_of_chosen_articles_finds_only_them(dated: Index, query: str) -> None:
    chosen = [article for article in dated.articles() if article.title in ("2", "undated")]
    scope = Scope(articles=tuple(article.id for article in chosen))
    assert set(titles(dated.search(query, scope=scope))) == {"2", "undated"}
    assert dated.search(query, scope=Scope(articles=("nonesuch",))) == []
    both = Scope(articles=scope.articles, sources=("Mail",))
    assert dated.search(query, scope=both) == []


def test_thousands_of_articles_can_be_chosen(dated: Index) -> None:
    """More than SQLite takes values in one statement."""
    (one,) = (article.id for article in dated.articles() if article.title == "1")
    scope = Scope(articles=(*(f"article-{number}" for number in range(40_000)), one))
    assert titles(dated.search("ferry", scope=scope)) == ["1"]


def test_scope_leaves_the_best_outside_and_finds_the_rest(seeded: Index) -> None:
    anywhere = seeded.search("Brannoch Dam")
    scope = Scope(sources=tuple({*seeded.sources()} - {anywhere[0].article.source or ""}))
    elsewhere = seeded.search("Brannoch Dam", scope=scope)
    assert elsewhere and anywhere[0].article.source not in {passage.article.source for passage in elsewhere}


# Reprints ------------------------------------------------------------------------------------------------

_AGENCY = (
    "The ferry Lady Isolde sank off Tarnsey in the night of Sunday, and all of its forty passengers were saved by"
    " fishermen who had seen the lights go out, the coast guard said, while the captain blamed a crack in the hull."
)
_DAYS = {"Mail": "2020-08-03", "Post": None, "Agency": "2020-08-01", "Echo": "2020-08-04", "Star": "2020-08-02"}


@pytest.fixture
def reprinted(index: Index, articles: Path) -> Index:
    """A story that five papers print with small edits, and another."""
    records = [
        {"title": source, "source": source, "text": f"{_AGENCY} {source} has more."} | ({"date": day} if day else {})
        for source, day in _DAYS.items()
    ]
    add(index, articles, *records, {"title": "Other", "text": "A comet was seen by two fishermen."})
    return index


@pytest.mark.parametrize("query", ["ferry Lady Isolde", "shipwreck"])
def test_copies_of_a_story_come_as_the_earliest_which_names_the_others(reprinted: Index, query: str) -> None:
    passages = reprinted.search(query)
    assert titles(passages) == ["Agency", "Other"]
    assert [reprint.source for reprint in passages[0].reprints] == ["Star", "Mail", "Echo", "Post"]


def test_copies_take_no_places_from_other_stories(reprinted: Index) -> None:
    passages = reprinted.search("ferry Lady Isolde", limit=2)
    assert titles(passages) == ["Agency", "Other"] and [passage.rank for passage in passages] == [1, 2]


def test_story_that_nobody_reprints_names_none(reprinted: Index) -> None:
    assert reprinted.search("comet")[0].article.title == "Other"
    assert reprinted.search("comet")[0].reprints == ()


@pytest.mark.parametrize(
    ("scope", "first", "others"),
    [
        (Scope(since=date(2020, 8, 2)), "Star", ["Mail", "Echo"]),
        (Scope(until=date(2020, 8, 2)), "Agency", ["Star"]),
        (Scope(sources=("Echo", "Post")), "Echo", ["Post"]),
        (Scope(sources=("Post",)), "Post", []),
    ],
    ids=["since", "until", "sources", "one source"],
)
def test_in_a_scope_the_earliest_inside_comes_and_names_those_inside(
    reprinted: Index, scope: Scope, first: str, others: list[str]
) -> None:
    passage = reprinted.search("ferry Lady Isolde", scope=scope)[0]
    assert passage.article.title == first
    assert [reprint.source for reprint in passage.reprints] == others


@pytest.mark.parametrize(
    ("change", "titled"),
    [
        (("forty", "41"), ["First", "Later"]),
        (("had seen", "saw"), ["First"]),
    ],
    ids=["another number", "another word"],
)
def test_copy_that_corrects_a_number_is_kept_beside_the_first(
    index: Index, articles: Path, change: tuple[str, str], titled: list[str]
) -> None:
    later = {"title": "Later", "date": "2020-08-02", "text": _AGENCY.replace(*change)}
    add(index, articles, {"title": "First", "date": "2020-08-01", "text": _AGENCY}, later)
    assert sorted(titles(index.search("ferry Lady Isolde"))) == titled


def test_when_the_earliest_is_removed_the_next_takes_its_place(reprinted: Index) -> None:
    earliest = reprinted.search("Lady Isolde")[0]
    reprinted.remove([earliest.article.id])
    passage = reprinted.search("Lady Isolde")[0]
    assert passage.article.title == "Star"
    assert [reprint.source for reprint in passage.reprints] == ["Mail", "Echo", "Post"]


# Ledger and Chroma out of step -----------------------------------------------------------------------------


@pytest.mark.folder_only
def test_vectors_that_the_ledger_does_not_know_are_passed_over(index: Index, articles: Path) -> None:
    """A hundred of them, all nearer than those it knows."""
    add(index, articles, {"title": "A", "text": "The ferry sank."}, {"title": "B", "text": "The comet shone."})
    folder = articles.parent / "articles.index"
    ledger = Ledger(folder / "ledger.sqlite3")
    numbers, vectors = ledger.vectors_after(0)
    query = index.embedder.embed_query("ferry")
    near = query + np.random.default_rng(0).normal(scale=0.01, size=(100, 384)).astype(np.float32)
    rows = [*zip(numbers, vectors, strict=True), *enumerate(near, start=100)]

    def pages(after: int, limit: int) -> tuple[list[int], np.ndarray]:
        page = [row for row in rows if row[0] > after][:limit]
        return [number for number, _ in page], np.array([vector for _, vector in page])

    ledger.published(write_edition(folder, 2, pages, total=len(rows)).note())
    ledger.close()
    assert titles(index.search("ferry")) == ["A", "B"]


@pytest.mark.folder_only
@pytest.mark.parametrize("scope", [Scope(), Scope(since=date(2020, 1, 1))], ids=["all", "scoped"])
def test_what_chroma_does_not_hold_yet_is_found_by_its_sense_all_the_same(
    index: Index, articles: Path, monkeypatch: pytest.MonkeyPatch, scope: Scope
) -> None:
    add(index, articles, {"title": "A", "text": "The bank raised its rates.", "date": "2020-08-01"})
    monkeypatch.setattr(dense, "publish", lambda *_, **__: None)
    (articles / "more.md").write_text("---\ntitle: B\ndate: 2020-08-02\n---\nA vessel went down in a storm.")
    index.update([articles])
    assert titles(index.search("shipwreck", scope=scope)) == ["B", "A"]


# Words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Who did Lukashenko ask for help?", ["lukashenko", "ask", "help"]),
        ("Ferry, ferry and FERRY", ["ferry"]),
        ("Who is it?", ["who", "is", "it"]),
        ("El Niño 2020", ["el", "niño", "2020"]),
        ("?!", []),
    ],
)
def test_words_that_carry_meaning(text: str, words: list[str]) -> None:
    assert content_words(text) == words
