"""What pages ask, as their scripts call it: replies come as far as they are known, each to its own page."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qa import QA
from tests.ui.steps import LUKASHENKO
from ui.archive import Archive
from ui.asking import Asking
from ui.talk import Reply, Talk

ANN = {"reader": "a" * 48}


@pytest.fixture(scope="module")
def session(seed_index: Path) -> Iterator[QA]:
    with QA.open(seed_index) as session:
        yield session


@pytest.fixture
def asking(session: QA) -> Asking:
    return Asking(session, Archive(session), welcome=lambda: "<p>welcome</p>")


async def answered(asking: Asking, question: str, **named: Any) -> dict[str, Any]:
    told = await asking.ask({**ANN, **named, "question": question})
    while not told["done"]:
        told = await asking.look({"key": told["key"], "seen": told["seen"]})
    return told


def test_a_page_asks_on_in_its_conversation(asking: Asking) -> None:
    page = asking.visit(ANN)
    assert page["html"] == "<p>welcome</p>" and page["conversation"] is None

    first = asyncio.run(answered(asking, LUKASHENKO, key=page["key"]))
    then = asyncio.run(answered(asking, "What did he offer?", key=page["key"]))

    assert first["accepted"] and "Putin" in first["html"]
    assert "Searched for" in then["html"]
    assert first["conversation"] == then["conversation"] is not None


def test_a_page_that_is_not_known_any_more_goes_on_in_the_conversation_it_names(session: QA, asking: Asking) -> None:
    first = asyncio.run(answered(asking, LUKASHENKO))
    anew = Asking(session, Archive(session), welcome=str)  # the program was started anew

    then = asyncio.run(answered(anew, "What did he offer?", key=first["key"], conversation=first["conversation"]))

    assert "Searched for" in then["html"]
    assert then["conversation"] == first["conversation"] and then["key"] != first["key"]


def test_nobody_asks_in_a_conversation_of_somebody_else(asking: Asking) -> None:
    first = asyncio.run(answered(asking, LUKASHENKO))

    then = asyncio.run(answered(asking, "What did he offer?", reader="b" * 48, conversation=first["conversation"]))

    assert "Searched for" not in then["html"]
    assert then["conversation"] != first["conversation"]


def test_a_refused_question_says_why(asking: Asking) -> None:
    told = asyncio.run(answered(asking, LUKASHENKO, limits="no limits"))
    assert not told["accepted"] and "cannot be read" in told["html"]


@pytest.mark.parametrize("given", [None, "x", [], {"key": 7}, {"question": {}}, {"seen": "x"}])
def test_whatever_comes_is_answered(asking: Asking, given: Any) -> None:
    async def both() -> tuple[Any, Any]:
        return await asking.ask(given), await asking.look(given)

    assert "welcome" in asking.visit(given)["html"]
    for told in asyncio.run(both()):
        assert told["done"] and not told["accepted"] and "trouble" in told["html"]


class Slow:
    """Stands in for a conversation whose reply comes in two parts, the second when it is let go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = threading.Event()
        self.asked: list[str] = []
        monkeypatch.setattr(Talk, "ask", self.ask)

    def ask(self, question: str, **_: Any) -> Iterator[Reply]:
        self.asked.append(question)
        yield Reply("half", done=False)
        assert self.go_on.wait(10)
        yield Reply("half and half")


def test_a_reply_comes_in_parts_and_another_question_has_to_wait(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(monkeypatch)

    async def both() -> None:
        half = await asking.ask({**ANN, "question": "first"})
        assert (half["html"], half["done"]) == ("half", False)
        refused = await asking.ask({**ANN, "key": half["key"], "question": "second"})
        assert not refused["accepted"] and "still being answered" in refused["html"]
        slow.go_on.set()
        whole = await asking.look({"key": half["key"], "seen": half["seen"]})
        assert (whole["html"], whole["done"]) == ("half and half", True)

    asyncio.run(both())
    assert slow.asked == ["first"]


def test_a_reply_that_cannot_be_made_does_not_keep_its_page_waiting(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Iterator[Reply]:
        raise MemoryError

    page = asking.visit(ANN)
    with monkeypatch.context() as patched:
        patched.setattr(Talk, "ask", fail)
        patched.setattr(threading, "excepthook", lambda _: None)
        told = asyncio.run(answered(asking, LUKASHENKO, key=page["key"]))
    assert not told["accepted"] and "Something went wrong" in told["html"]
    assert asyncio.run(answered(asking, LUKASHENKO, key=page["key"]))["accepted"]


def test_a_page_that_shows_something_else_by_now_waits_for_nothing(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(monkeypatch)

    async def leave() -> None:
        half = await asking.ask({**ANN, "question": "first"})
        looking = asyncio.ensure_future(asking.look({"key": half["key"], "seen": half["seen"]}))
        await asyncio.sleep(0)
        other = asking.visit({**ANN, "key": half["key"]})
        slow.go_on.set()
        assert (await looking)["done"]
        assert not (await asking.look({"key": half["key"]}))["accepted"]
        assert (await answered(asking, "second", key=other["key"]))["done"]

    asyncio.run(leave())
