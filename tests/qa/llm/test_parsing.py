"""Sentences are read from whatever a model writes, and as early as they are complete."""

import json

import pytest

from qa.llm.parsing import Draft, Scribe, is_silence

ONE, TWO = Draft("He resigned.", (1,)), Draft("She won 3.5 percent.", (2, 3))
OBJECTS = [{"text": one.text, "passages": list(one.numbers)} for one in (ONE, TWO)]


def read(text: str, *, size: int = 1) -> list[Draft]:
    scribe = Scribe()
    found = [draft for i in range(0, len(text), size) for draft in scribe.feed(text[i : i + size])]
    return [*found, *scribe.finish()]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"sentences": OBJECTS}),
        json.dumps(OBJECTS),
        "```json\n" + json.dumps({"sentences": OBJECTS}, indent=2) + "\n```",
        '{"sentences": [' + ",\n".join(json.dumps(one) for one in OBJECTS),  # cut off behind the second
        json.dumps(
            {"answer": {"claims": [{"statement": one["text"], "citations": one["passages"]} for one in OBJECTS]}}
        ),
        json.dumps(
            {"sentences": [{"text": "He resigned. [1]", "passages": []}, {"text": TWO.text, "passages": "[2, 3]"}]}
        ),
        "<think>The {user} wants [7].</think>" + json.dumps({"sentences": OBJECTS}),
        "He resigned [1]. She won 3.5 percent [2][3].",
        "He resigned. [1] She won 3.5 percent. [2, 3]",
        "- He resigned. [1]\n- **She won 3.5 percent** [passages 2 and 3].",
        "1. He resigned 【1】.\n2. She won 3.5 percent [2-3].",
        "<think>[9] Hm.</think>\nHe resigned [1]. She won 3.5 percent [2; 3].",
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_any_form_gives_the_same_sentences(text: str, size: int) -> None:
    assert read(text, size=size) == [ONE, TWO]


def test_a_text_of_two_sentences_is_two_with_the_same_numbers() -> None:
    assert read('{"text": "He resigned. She won.", "passages": [4]}') == [
        Draft("He resigned.", (4,)),
        Draft("She won.", (4,)),
    ]


def test_thoughts_count_for_nothing() -> None:
    scribe = Scribe()
    list(scribe.feed("<think>" + "on and on " * 5000))
    assert (scribe.length, scribe.is_whole) == (0, False)
    assert list(scribe.feed("</think>He resigned [1]. ")) + list(scribe.finish()) == [ONE]


def test_a_sentence_is_given_as_soon_as_it_is_complete() -> None:
    scribe = Scribe()
    whole = json.dumps({"sentences": OBJECTS})
    end = whole.index("}") + 1
    assert list(scribe.feed(whole[: end - 1])) == []
    assert list(scribe.feed(whole[end - 1 : end])) == [ONE]


def test_an_object_that_does_not_parse_is_passed_over() -> None:
    broken = '{"sentences": [{"text": "He resigned.", "passages": 1]}, ' + json.dumps(OBJECTS[1]) + "]}"
    assert read(broken) == [TWO]


@pytest.mark.parametrize(
    "text",
    [
        "The articles do not say.",
        "The passages do not mention who won the cup.",
        "the provided articles do not contain this",
        "I don't know.",
    ],
)
def test_silence_is_told_from_an_answer(text: str) -> None:
    assert is_silence(text)
    assert not is_silence(f"He resigned, and {text}")


@pytest.mark.parametrize(
    ("text", "silent"),
    [('{"sentences": []}', True), ("", False), ("{}", False), ('{"sentences": [', False), ("He resigned [1].", False)],
)
def test_json_without_sentences_is_silence(text: str, silent: bool) -> None:
    scribe = Scribe()
    list(scribe.feed(text))
    assert scribe.is_silent == silent


def test_what_json_opened_has_to_be_closed() -> None:
    whole = json.dumps({"sentences": OBJECTS})
    for text, is_whole in ((whole, True), (whole[:-1], False), (whole[:30], False), ("<think>on and on", False)):
        scribe = Scribe()
        list(scribe.feed(text))
        assert scribe.is_whole == is_whole
