from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.chunking import chunk_spans
from index.embeddings import Embedder
from index.sentences import sentence_spans
from index.settings import IndexSettings
from index.store import Index
from index.text import clean

SENTENCE = "The harbour council met on Thursday and put off its decision until the spring. "


def chunks(text: str, budget: int, embedder: Embedder) -> list[str]:
    return [text[start:end] for start, end in chunk_spans(text, budget=budget, token_starts=embedder.token_starts)]


def test_short_text_is_one_chunk(embedder: Embedder) -> None:
    assert chunks("The ferry sank.\nNobody was hurt.", 50, embedder) == ["The ferry sank.\nNobody was hurt."]


def test_text_of_nothing_has_no_chunks(embedder: Embedder) -> None:
    assert chunks("", 50, embedder) == []


def test_chunks_begin_and_end_with_sentences(embedder: Embedder) -> None:
    text = clean(SENTENCE * 40)
    starts, ends = zip(*sentence_spans(text), strict=True)
    spans = chunk_spans(text, budget=100, token_starts=embedder.token_starts)
    assert len(spans) > 3
    assert all(start in starts and end in ends for start, end in spans)


def test_chunks_are_about_equally_long(embedder: Embedder) -> None:
    """No crumb is left at the end of an article."""
    sizes = [len(chunk) for chunk in chunks(clean(SENTENCE * 17), 100, embedder)]
    assert min(sizes) > max(sizes) / 2


def test_sentence_longer_than_the_budget_is_cut_between_words(embedder: Embedder) -> None:
    text = " ".join(f"{number} bottles" for number in range(400))
    found = chunks(text, 50, embedder)
    assert len(found) > 10
    assert " ".join(found) == text


def test_word_longer_than_the_budget_is_cut_inside(embedder: Embedder) -> None:
    text = "/".join(f"part{number}" for number in range(200))
    found = chunks(text, 50, embedder)
    assert len(found) > 5
    assert "".join(found) == text


_WORDS = st.sampled_from(
    [
        "ferry",
        "Mr.",
        "supercalifragilistic",
        "1,234.5",
        "www.example.com/abc",
        "über",
        "العربية",
        "한국어",
        "漢字。",
        "ไทย",
    ]
    + ["😀", "𝒳", "ﬁ", "½", "e\u0301", "“", "-", "xqzj", "…"]
)
_TEXTS = st.lists(
    st.one_of(_WORDS, st.sampled_from([" ", ". ", "\n", "! "]), st.text(max_size=5)), min_size=10, max_size=150
).map("".join)


@given(_TEXTS, st.sampled_from([10, 25, 80]))
@example("word " * 300, 10)
@example("漢字" * 100, 10)
@example("😀" * 100, 10)
@example("한국어" * 60, 10)
@example("supercalifragilistic-" * 20, 10)
@example("x" * 5000, 10)
def test_chunks_are_disjoint_cover_everything_and_fit_the_budget(embedder: Embedder, text: str, budget: int) -> None:
    text = clean(text)
    spans = chunk_spans(text, budget=budget, token_starts=embedder.token_starts)
    ends = [0, *(end for _, end in spans)]
    assert all(before <= start < end <= len(text) for before, (start, end) in zip(ends, spans, strict=False))
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
    assert max((len(embedder.token_starts(text[start:end])) for start, end in spans), default=0) <= budget


def texts_embedded(index: Index, article: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Index an article file; the texts that the embedder is given, titles included."""
    given: list[str] = []
    embed = index.embedder.embed

    def note(texts: list[str], **options: Any) -> Any:
        given.extend(texts)
        return embed(texts, **options)

    monkeypatch.setattr(index.embedder, "embed", note)
    assert index.update([article]).added == 1
    return given


@pytest.mark.parametrize(
    "title", ["Council meets", "a very long title " * 40, "長い題" * 60], ids=["short", "long", "cjk"]
)
@pytest.mark.parametrize(
    "text",
    [SENTENCE * 40, "word " * 1500, "漢字" * 500, "supercalifragilistic-" * 200],
    ids=["en", "one", "cjk", "solid"],
)
def test_title_and_chunk_together_fit_the_model(
    index: Index, articles: Path, monkeypatch: pytest.MonkeyPatch, title: str, text: str
) -> None:
    (articles / "a.md").write_text(f"---\ntitle: {title}\n---\n{text}")
    given = texts_embedded(index, articles / "a.md", monkeypatch)
    assert len(given) > 1 and all(text.startswith(title[:10]) for text in given)
    assert max(len(index.embedder.token_starts(text)) for text in given) + 2 <= 256


def test_prompt_of_another_model_title_and_chunk_together_fit_that_model(
    tiny_model: Path, tmp_path: Path, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (articles / "a.txt").write_text("word " * 1500)
    settings = IndexSettings.build(
        index=tmp_path / "articles.index", embedding_model=str(tiny_model), cache=tmp_path / "cache"
    )
    with Index(settings, create=True) as index:
        given = texts_embedded(index, articles / "a.txt", monkeypatch)
        assert max(len(index.embedder.token_starts("passage: " + text)) for text in given) + 2 <= 128
