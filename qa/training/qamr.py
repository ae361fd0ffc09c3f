"""Examples from QAMR (Michael et al., 2018): questions and answers over single sentences, half of them Wikinews."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from qa.training.examples import Example, read_text

Span = tuple[int, int]

_SPELLING = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}", "``": '"', "''": '"'}
_NO_SPACE_BEFORE = {",", ".", ";", ":", "?", "!", ")", "]", "%", "n't"}
_SPLITS = ("dev", "test")


def qamr_examples(folder: Path, rng: random.Random) -> Iterator[Example]:
    """The examples that both validators agree with, half of them among other sentences."""
    lines = (line.split("\t") for line in read_text(folder / "qamr-sentences.tsv.gz").splitlines())
    sentences = {name: join_tokens(tokens.split(" ")) for name, tokens in lines}
    texts = [text for text, _ in sentences.values()]
    seen = set()
    for split in _SPLITS:
        for line in read_text(folder / f"qamr-{split}.tsv.gz").splitlines():
            name, _, _, _, _, question, answer, *validators = line.split("\t")
            tokens = [int(number) for number in answer.split()]
            if not _is_agreed(tokens, validators) or (name, question.lower()) in seen:
                continue
            seen.add((name, question.lower()))
            text, places = sentences[name]
            span = (places[tokens[0]][0], places[tokens[-1]][1])
            yield _among_others(Example("qamr", question, text, spans=(span,)), texts, rng)


def _is_agreed(tokens: Sequence[int], validators: Sequence[str]) -> bool:
    """Whether the answer is one span, and both validators' answers overlap with it."""
    if not tokens or list(tokens) != list(range(tokens[0], tokens[-1] + 1)):
        return False
    return all(set(tokens) & set(map(int, given.split(":")[1].split())) for given in validators if ":" in given)


def _among_others(example: Example, texts: Sequence[str], rng: random.Random) -> Example:
    if rng.random() < 0.5:
        return example
    before, after = (rng.sample(texts, rng.randint(0, 2)) for _ in range(2))
    head = "".join(text + " " for text in before)
    (start, end), passage = example.spans[0], " ".join([*before, example.passage, *after])
    return Example("qamr", example.question, passage, spans=((len(head) + start, len(head) + end),))


def join_tokens(tokens: Sequence[str]) -> tuple[str, list[Span]]:
    """Write the Penn Treebank's tokens as text again; where each of them stands in it comes along."""
    text, spans = "", []
    for number, token in enumerate(tokens):
        word = _SPELLING.get(token, token)
        sticks = (
            not text
            or word in _NO_SPACE_BEFORE
            or word.startswith("'")
            or token == "''"
            or text.endswith(("(", "[", "$"))
            or tokens[number - 1] == "``"
        )
        text += "" if sticks else " "
        spans.append((len(text), len(text) + len(word)))
        text += word
    return text, spans
