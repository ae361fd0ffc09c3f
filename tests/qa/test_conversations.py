"""Twenty conversations about the seeds, as people lead them: what each question must be taken to mean.

A turn may say what its query has and lacks, whether it is the question as it stands (`same`), the answer (null: the
articles do not say), what is cited, and what one of the first three passages holds. A `miss` is a turn that goes wrong
and why; the test tells when it no longer does.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import qa

CONVERSATIONS = [
    json.loads(line)
    for line in (Path(__file__).parent / "conversations.jsonl").read_text(encoding="utf-8").splitlines()
]
Turn = dict[str, Any]


def _cases() -> list[Any]:
    return [
        pytest.param(
            number,
            at,
            turn,
            id=f"{conversation['name']}: {turn['question']}",
            marks=[pytest.mark.xfail(strict=True, reason=turn["miss"])] if "miss" in turn else [],
        )
        for number, conversation in enumerate(CONVERSATIONS)
        for at, turn in enumerate(conversation["turns"])
    ]


@cache
def _answers(session: qa.QA, number: int) -> list[qa.Answer]:
    chat = session.conversation()
    return [chat.ask(turn["question"]) for turn in CONVERSATIONS[number]["turns"]]


def test_there_are_twenty() -> None:
    assert len(CONVERSATIONS) == 20


@pytest.mark.parametrize(("number", "at", "turn"), _cases())
def test_is_understood(session: qa.QA, number: int, at: int, turn: Turn) -> None:
    answer = _answers(session, number)[at]
    query = answer.query.lower()
    assert [word for word in turn.get("has", ()) if word.lower() not in query] == []
    assert [word for word in turn.get("lacks", ()) if word.lower() in query] == []
    if turn.get("same"):
        assert answer.query == turn["question"]
    if "answer" in turn:
        wanted = turn["answer"]
        if wanted is None:
            assert answer.text is None
        else:
            assert any(one in (answer.text or "") for one in ([wanted] if isinstance(wanted, str) else wanted))
    if "cites" in turn:
        assert turn["cites"] in " ".join(citation.sentence for citation in answer.citations)
    if "finds" in turn:
        assert any(turn["finds"] in passage.text for passage in answer.passages[:3])
