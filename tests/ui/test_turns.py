"""Who waits for whom: few things at once, in turn, so many a minute."""

import threading
import time
from collections.abc import Callable

import pytest

from ui.rates import Rates
from ui.turns import Busy, Stopping, Turns


class Crowd:
    """Threads that each want one turn; `order` is who had one, `refused` who had none."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.order: list[str] = []
        self.refused: list[str] = []
        self.threads: list[threading.Thread] = []

    def come(self, *people: str) -> None:
        for name in people:
            before = self._settled()
            thread = threading.Thread(target=self._want, args=(name,))
            thread.start()
            self.threads.append(thread)
            _until(lambda before=before: self._settled() != before)  # type: ignore[misc]

    def _settled(self) -> tuple[int, int]:
        return self.turns.waiting, len(self.refused) + len(self.order)

    def _want(self, name: str) -> None:
        try:
            with self.turns.turn(name.rstrip("0123456789")):
                self.order.append(name)
        except Busy:
            self.refused.append(name)

    def leave(self) -> None:
        for thread in self.threads:
            thread.join(10)


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.002)
    assert true()


def test_people_take_turns_however_many_each_wants() -> None:
    turns = Turns(1, 10, what="questions")
    crowd = Crowd(turns)

    with turns.turn("zoe"):
        crowd.come("ada1", "ada2", "ada3", "bob1", "cleo1", "bob2")
    crowd.leave()

    assert crowd.order == ["ada1", "bob1", "cleo1", "ada2", "bob2", "ada3"]


def test_where_no_more_can_wait_whoever_wants_most_loses_the_latest() -> None:
    turns = Turns(1, 3, what="questions")
    crowd = Crowd(turns)

    with turns.turn("zoe"):
        crowd.come("ada1", "ada2", "ada3", "ada4", "bob1")
        assert crowd.refused == ["ada4", "ada3"]
    crowd.leave()

    assert crowd.order == ["ada1", "bob1", "ada2"]


def test_being_refused_says_why_and_for_how_long() -> None:
    turns = Turns(1, 0, what="questions")

    with turns.turn("ada"), pytest.raises(Busy, match="Try again in a few seconds"), turns.turn("bob"):
        pass


def test_so_many_go_on_at_once_and_a_failure_gives_its_turn_back() -> None:
    turns = Turns(2, 0, what="questions")

    for _ in range(3):
        with pytest.raises(ZeroDivisionError), turns.turn("ada"), turns.turn("bob"):
            raise ZeroDivisionError


def test_draining_waits_for_what_was_begun_and_begins_nothing_more() -> None:
    turns = Turns(1, 1, what="questions")
    crowd = Crowd(turns)

    with turns.turn("zoe"):
        crowd.come("ada1")
        assert not turns.drain(0)
        with pytest.raises(Stopping), turns.turn("bob"):
            pass
    assert turns.drain(10)

    crowd.leave()
    assert crowd.order == ["ada1"]


def test_a_minutes_worth_can_be_had_at_once_and_more_as_time_goes_by() -> None:
    now = 0.0
    rates = Rates(6, clock=lambda: now)

    assert [rates.take("ada") for _ in range(7)] == [0] * 6 + [10]
    assert rates.take("bob") == 0
    now = 10.0
    assert [rates.take("ada"), rates.take("ada")] == [0, 10]
    rates.give_back("ada")
    assert rates.take("ada") == 0


def test_no_limit_is_no_limit() -> None:
    rates = Rates(0)

    assert not any(rates.take("ada") for _ in range(1000))


def test_people_who_have_all_again_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.rates._KEPT", 3)
    now = 0.0
    rates = Rates(60, clock=lambda: now)

    for now in range(100):
        rates.take(f"address {now}")

    assert len(rates._left) <= 3
