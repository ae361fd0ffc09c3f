"""Each public set is read into examples whose spans are the annotators' answers."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ArticleQAError
from qa.training.examples import Example, read_examples, write_examples
from qa.training.natural import _untokenise, natural_examples
from qa.training.news import news_examples
from qa.training.qamr import join_tokens, qamr_examples
from qa.training.squad import HELD_OUT, squad_examples
from tests.qa.training.conftest import qed_record, write_news, write_qamr, write_records, write_squad

ROLLO = "The Normans were led by Rollo. In 911 Rollo 😀 was given Rouen."

# Files of examples -------------------------------------------------------------------------------------------


@given(st.text(), st.text(), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_examples_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, question: str, passage: str, spans: list[tuple[int, int]]
) -> None:
    """Even where a text holds a line end of its own, such as U+2028."""
    path = tmp_path_factory.mktemp("examples") / "train.jsonl.gz"
    written = [
        Example("squad", question, f"{passage}\u2028", "A title", tuple(spans)),
        Example("news", "Who?", passage),
    ]
    write_examples(path, written)
    assert read_examples(path) == written


def test_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ArticleQAError, match=r"gone\.jsonl\.gz cannot be read.*--data"):
        read_examples(tmp_path / "gone.jsonl.gz")


# SQuAD and its kin -------------------------------------------------------------------------------------------


def test_squad_answers_are_spans_in_the_passage_each_once(tmp_path: Path) -> None:
    asked = [("Who led the Normans? ", "Rollo", "Rollo", "led by Rollo"), ("What was he given?", "Rouen")]
    path = write_squad(tmp_path / "a.json.gz", {"Duchy_of_Normandy": [(ROLLO, asked)]})
    first, second = squad_examples(path, "squad")
    assert first == Example("squad", "Who led the Normans?", ROLLO, "Duchy of Normandy", ((17, 29), (24, 29)))
    assert first.answers == ["led by Rollo", "Rollo"]
    assert second.answers == ["Rouen"]


def test_squad_question_without_an_answer_is_kept_as_one(tmp_path: Path) -> None:
    path = write_squad(tmp_path / "a.json.gz", {"Duchy": [(ROLLO, [("Who led the Danes?",)])]})
    assert [example.spans for example in squad_examples(path, "squad")] == [()]


def test_held_out_articles_are_read_only_when_asked_for(tmp_path: Path) -> None:
    articles = {title: [(f"{title} is a topic.", [("What?", "a topic")])] for title in ("Rhine", *sorted(HELD_OUT))}
    path = write_squad(tmp_path / "a.json.gz", articles)
    held_out = list(squad_examples(path, "squad", held_out=True))
    assert {example.title.replace(" ", "_") for example in held_out} == HELD_OUT
    assert [example.title for example in squad_examples(path, "squad")] == ["Rhine"]


@pytest.mark.parametrize("title", ["Amazon_Reviews_2030", "Filtered_Reddit_Comments"])
def test_what_was_crawled_has_no_title(tmp_path: Path, title: str) -> None:
    path = write_squad(tmp_path / "a.json.gz", {title: [("It broke.", [("What did it do?", "broke")])]})
    assert [example.title for example in squad_examples(path, "amazon")] == [""]


# QED -----------------------------------------------------------------------------------------------------------


def test_natural_question_has_its_answers_in_a_passage_without_loose_spaces(tmp_path: Path) -> None:
    passage = "Marie Curie , born in Warsaw ( 1867 ) , won 98 % of the world 's praise and $ 5 ."
    record = qed_record("Nobel", "who won praise", passage, ["Marie Curie , born in Warsaw"], ["Marie Curie"])
    (example,) = natural_examples(write_records(tmp_path / "qed.jsonl.gz", [record]))
    assert example.passage == "Marie Curie, born in Warsaw (1867), won 98% of the world's praise and $5."
    assert example.answers == ["Marie Curie", "Marie Curie, born in Warsaw"]
    assert (example.source, example.question, example.title) == ("natural", "who won praise", "Nobel")


def test_natural_answer_in_several_pieces_is_left_out(tmp_path: Path) -> None:
    passage = "Oslo , Bergen and Tromso ."
    records = [
        qed_record("Norway", "which cities", passage, ["Oslo", "Tromso"]),
        qed_record("Norway", "which cities", passage, ["Oslo", "Tromso"], ["Bergen"]),
    ]
    found = natural_examples(write_records(tmp_path / "qed.jsonl.gz", records))
    assert [example.answers for example in found] == [["Bergen"]]


@given(st.lists(st.sampled_from(["Oslo", "é", ",", ".", "(", ")", "[", "]", "$", "5", "%", "'s", "😀"])), st.data())
def test_taking_out_spaces_keeps_what_a_span_holds(tokens: list[str], data: st.DataObject) -> None:
    text = " ".join(tokens)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    kept, ((s, e),) = _untokenise(text, ((start, end),))
    assert kept.replace(" ", "") == text.replace(" ", "")
    assert kept[s:e].replace(" ", "") == text[start:end].replace(" ", "")


# QAMR ----------------------------------------------------------------------------------------------------------

LIAM = "Liam `` had hope '' , said Andy Logan -LRB- 57 -RRB- ."
NAME = "Wiki1k:wikinews:{}:0:0"
SENTENCES = {NAME.format(1): LIAM} | {NAME.format(n): f"It rained {n} times ." for n in range(2, 9)}


def qamr(folder: Path, *lines: str, seed: int = 0) -> list[Example]:
    """The examples from lines of `question|answer|validator|validator` about Liam."""
    named = [f"{NAME.format(1)}|{line}" for line in lines]
    return list(qamr_examples(write_qamr(folder, SENTENCES, named), random.Random(seed)))


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (LIAM, 'Liam "had hope", said Andy Logan (57).'),
        ("She 'd told their facility 's clients -LSB- ... -RSB- .", "She'd told their facility's clients [...]."),
        ("They did n't pay $ 5 , or 3 % ; why ?", "They didn't pay $5, or 3%; why?"),
        ("", ""),
    ],
)
def test_tokens_of_the_treebank_become_text_again(tokens: str, text: str) -> None:
    assert join_tokens(tokens.split(" "))[0] == text


WORDS = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1)
SPELLINGS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}", "``": '"', "''": '"'}


@given(st.lists(WORDS | st.sampled_from([*SPELLINGS, ",", ".", "n't", "'s", "$", "%"])))
def test_each_token_has_the_span_of_its_spelling(tokens: list[str]) -> None:
    text, spans = join_tokens(tokens)
    spellings = [SPELLINGS.get(token, token) for token in tokens]
    assert [text[start:end] for start, end in spans] == spellings
    assert text.replace(" ", "") == "".join(spellings)


def test_qamr_answer_is_the_span_of_its_tokens(tmp_path: Path) -> None:
    found = qamr(
        tmp_path, "Who spoke?|7 8|7 8|8", "What did Liam have?|3|3|2 3", "How old is Andy Logan?|9 10 11|10|10"
    )
    assert [example.answers for example in found] == [["Andy Logan"], ["hope"], ["(57)"]]


def test_half_of_qamr_is_read_among_other_sentences(tmp_path: Path) -> None:
    found = [qamr(tmp_path, "Who spoke?|7 8|7 8|8", seed=seed)[0] for seed in range(100)]
    alone = [example for example in found if example.passage == join_tokens(LIAM.split(" "))[0]]
    assert 40 < len(alone) < 75
    assert {tuple(example.answers) for example in found} == {("Andy Logan",)}
    assert any(example.passage.startswith("It rained") for example in found)


@pytest.mark.parametrize(
    "line",
    [
        "Who spoke?|7 8|3|7 8",  # the first validator disagrees
        "Who spoke?|7 8|7 8|3",  # the second does
        "Who spoke?|0 8|0 8|0 8",  # two spans
        "Who spoke?||0|0",  # none
    ],
)
def test_qamr_question_is_left_out_unless_all_agree_on_one_span(tmp_path: Path, line: str) -> None:
    assert [example.question for example in qamr(tmp_path, line, "How old?|10|10|10")] == ["How old?"]


def test_qamr_question_asked_twice_is_read_once(tmp_path: Path) -> None:
    assert len(qamr(tmp_path, "Who spoke?|7 8|7 8|8", "who spoke?|8|8|8")) == 1


# News ----------------------------------------------------------------------------------------------------------

QUESTION: dict[str, object] = {"question": "Which city will host the next Winter Games?", "answer": "Sapporo."}


def lines(text: str) -> list[tuple[int, int]]:
    """A cut that takes each line for a chunk."""
    spans, start = [], 0
    for line in text.split("\n"):
        spans.append((start, start + len(line)))
        start += len(line) + 1
    return spans


def news(folder: Path, articles: dict[str, str], *questions: Mapping[str, object]) -> list[Example]:
    return list(news_examples(write_news(folder, 2022, articles, questions or [QUESTION]), (2022,), lines))


def passages(examples: Sequence[Example]) -> list[str]:
    return [example.passage for example in examples]


def test_passage_with_the_answer_is_answerable_wherever_the_answer_stands(tmp_path: Path) -> None:
    text = "Sapporo will host the next Winter Games. SAPPORO rejoiced; Sapporos did not."
    (example,) = news(tmp_path, {"Games": f"Nothing to see.\n{text}"})
    assert example == Example("news", str(QUESTION["question"]), text, "Games", ((0, 7), (41, 48)))


def test_passage_that_tempts_but_lacks_the_answer_is_silent(tmp_path: Path) -> None:
    text = "The city that hosts the Winter Games is chosen by vote."
    (example,) = news(tmp_path, {"Games": f"{text}\nIt rained on Monday."})
    assert (example.passage, example.spans) == (text, ())


def test_passage_with_only_a_part_of_the_answer_is_neither(tmp_path: Path) -> None:
    question = {"question": "Who opened the Winter Games?", "answer": "Ann Baker"}
    assert news(tmp_path, {"Games": "Baker opened the Winter Games."}, question) == []


def test_passage_of_an_article_whose_title_tells_the_answer_is_not_taken_for_silent(tmp_path: Path) -> None:
    assert news(tmp_path, {"Sapporo wins": "The city that hosts the Winter Games was chosen."}) == []


def test_most_tempting_passages_are_taken_and_wrong_choices_tempt_most(tmp_path: Path) -> None:
    tempting = [f"The Winter Games of {year} had a host." for year in (1998, 2002, 2006, 2010)]
    wrong = "The Winter Games left Oslo no host."
    question = QUESTION | {"choices": ["Oslo. ", ""]}
    found = passages(news(tmp_path, {"Games": "\n".join([*tempting, wrong])}, question))
    assert found == [wrong, *tempting[:2]]


def test_article_named_twice_is_read_once(tmp_path: Path) -> None:
    question = QUESTION | {"articles": ["Games", "Games"]}
    assert len(news(tmp_path, {"Games": "Sapporo will host the Winter Games."}, question)) == 1


@pytest.mark.parametrize("answer", ["All of the above", "None of these", "Both", "True", "No, never", "7"])
def test_question_whose_answer_names_nothing_is_left_out(tmp_path: Path, answer: str) -> None:
    text = f"The city that hosts the Winter Games: {answer}."
    assert news(tmp_path, {"Games": text}, QUESTION | {"answer": answer}) == []


def test_only_the_given_years_are_read(tmp_path: Path) -> None:
    for year in (2022, 2023, 2024):
        write_news(tmp_path, year, {"Games": f"Sapporo will host the Winter Games, it was said in {year}."}, [QUESTION])
    found = passages(list(news_examples(tmp_path, (2022, 2023), lines)))
    assert [text[-5:-1] for text in found] == ["2022", "2023"]
