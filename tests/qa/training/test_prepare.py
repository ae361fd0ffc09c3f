"""The public sets together become examples: the same for the same seed, and none of what is measured on."""

import random
from pathlib import Path

import pytest

from index.sentences import sentence_spans
from qa.training import prepare as module
from qa.training.examples import Example, read_examples
from qa.training.prepare import prepare
from qa.training.squad import HELD_OUT
from tests.qa.training.conftest import Paragraphs, qed_record, write_news, write_qamr, write_records, write_squad

CITIES = ("Oslo", "Bergen", "Turku", "Malmo", "Aarhus", "Tampere")
SECRET = "The keep of Warsaw was built by Konrad."


def paragraphs(what: str) -> Paragraphs:
    """A paragraph on each city, with two questions, one of them unanswerable."""
    return [
        (
            f"The {what} of {city} opened in {1990 + number}. Its keeper was Ann Lund. Many people came to see it.",
            [(f"When did the {what} of {city} open?", str(1990 + number)), (f"Who burned the {what} of {city}?",)],
        )
        for number, city in enumerate(CITIES)
    ]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all the files that there are, each tiny."""
    folder = tmp_path_factory.mktemp("data")
    reading = folder / "reading"
    secret = [(SECRET, [("Who built the keep?", "Konrad"), ("Who burned it?",)])]
    held_out: dict[str, Paragraphs] = {title: secret for title in sorted(HELD_OUT)}
    write_squad(reading / "squad2-dev-half.json.gz", held_out | {"Bridges": paragraphs("bridge")})
    write_squad(reading / "squad2-train-part.json.gz", {"Mills": paragraphs("mill")})
    # A held-out passage under another title is held out, too.
    write_squad(reading / "xquad-en.json.gz", held_out | {"Castles": secret, "Towers": paragraphs("tower")})
    write_squad(reading / "squadshifts-wiki.json.gz", {"Fairs": paragraphs("fair")})
    write_squad(reading / "squadshifts-reddit.json.gz", {"Filtered_Reddit_Comments": paragraphs("pub")})
    write_squad(reading / "squadshifts-amazon.json.gz", {"Amazon_Reviews_1": paragraphs("lamp")})
    natural = qed_record("Parks", "when did the park open", "The park , in Oslo , opened in 1901 .", ["1901"])
    write_records(reading / "qed-dev.jsonl.gz", [natural])
    sentences = {f"Wiki1k:{number}": f"{city} won in {number} ." for number, city in enumerate(CITIES)}
    write_qamr(reading, sentences, ["Wiki1k:0|Who won in 0?|0|0|0"], ["Wiki1k:1|Who won in 1?|0|0|0"])
    for year in (2022, 2023, 2024):
        asked = {"question": f"Which city hosted the fair of {year}?", "answer": "Tampere"}
        articles = {"Fair": f"Tampere hosted the fair of {year}.", "Rain": f"No city hosted the fair of {year + 1}."}
        write_news(folder / "realtimeqa", year, articles, [asked])
    return folder


@pytest.fixture(scope="module")
def train(data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    out = tmp_path_factory.mktemp("out")
    prepare(data, out)
    return read_examples(out / "train.jsonl.gz")


def test_same_seed_gives_the_same_examples_and_another_gives_others(
    data: Path, train: list[Example], tmp_path: Path
) -> None:
    for seed in (0, 1):
        prepare(data, tmp_path / str(seed), seed=seed)
    assert read_examples(tmp_path / "0" / "train.jsonl.gz") == train
    assert read_examples(tmp_path / "1" / "train.jsonl.gz") != train


def test_held_out_articles_are_written_apart_and_not_trained_on(
    data: Path, train: list[Example], tmp_path: Path
) -> None:
    prepare(data, tmp_path)
    held_out = read_examples(tmp_path / "held-out.jsonl.gz")
    assert {example.title.replace(" ", "_") for example in held_out} == HELD_OUT
    assert {example.passage for example in held_out} == {SECRET}
    assert not any("Konrad" in example.passage or "Konrad" in example.question for example in train)
    assert not {example.title for example in held_out} & {example.title for example in train}


def test_news_of_the_year_that_is_measured_on_is_not_trained_on(train: list[Example]) -> None:
    assert {example.question[-5:-1] for example in train if example.source == "news"} == {"2022", "2023"}


def test_every_set_is_there_with_what_was_made_of_it(data: Path, train: list[Example], tmp_path: Path) -> None:
    counts = prepare(data, tmp_path)
    assert counts.total() == len(train)
    assert {name for name in counts if name.endswith("says")} == {
        f"{source} says" for source in ("squad", "wiki", "reddit", "amazon", "natural", "qamr", "news")
    }
    assert counts["squad-not silent"] > 0 and counts["squad-else silent"] > 0
    assert counts["squad says"] == 2 * 3 * len(CITIES)  # three files, twice over


def test_answers_are_still_the_annotators_when_all_is_done(train: list[Example]) -> None:
    expected = {"Tampere", "Oslo", "Bergen", "1901", *(str(1990 + number) for number in range(len(CITIES)))}
    assert {answer for example in train for answer in example.answers} == expected


def test_passage_from_elsewhere_is_of_the_same_article_and_lacks_the_answer(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ELSEWHERE", 1)
    monkeypatch.setattr(module, "_UNTITLED", 0)
    prepare(data, tmp_path)
    train = read_examples(tmp_path / "train.jsonl.gz")
    elsewhere = [example for example in train if example.source == "squad-else"]
    assert len(elsewhere) > 20
    answers = {example.question: example.answers for example in train if example.spans}
    titles = {example.passage: example.title for example in train if example.source == "squad"}
    for example in elsewhere:
        assert titles[example.passage] == example.title
        assert not any(answer in example.passage for answer in answers[example.question])


@pytest.mark.parametrize("source", ["reddit", "amazon"])
def test_what_is_least_like_news_is_read_in_whole_sentences_around_the_answer(source: str) -> None:
    sentences = [f"Sentence {number} is here to be read by everybody." for number in range(60)]
    passage = " ".join(sentences)
    start = passage.index("30 is")
    example = Example(source, "Which?", passage, spans=((start, start + 2),))
    starts, ends = zip(*sentence_spans(passage), strict=True)
    places = set()
    for seed in range(20):
        short = module._shortened(example, random.Random(seed))
        at = passage.index(short.passage)
        assert at in starts and at + len(short.passage) in ends
        assert short.answers == ["30"] and 300 < len(short.passage) < 600
        places.add(at)
    assert len(places) > 3
    assert module._shortened(Example("squad", "Which?", passage), random.Random(0)).passage == passage


def test_a_part_of_the_examples_goes_without_its_title(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(data, tmp_path)
    some = [example.title for example in read_examples(tmp_path / "train.jsonl.gz") if example.source == "squad"]
    assert 0.1 < sum(not title for title in some) / len(some) < 0.4
    monkeypatch.setattr(module, "_UNTITLED", 1)
    prepare(data, tmp_path)
    assert not any(example.title for example in read_examples(tmp_path / "train.jsonl.gz"))
