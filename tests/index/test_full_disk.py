"""A disk that is full loses nothing: what is there can be read, and what is new comes in when there is room."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.article import Article
from index.errors import IndexUnusable
from index.spool import Spool
from tests.index.filling import AFTER, BEFORE

ROOT = Path(__file__).parent.parent.parent
FILLING = [sys.executable, "-W", "ignore", "-m", "tests.index.filling"]

Outcomes = dict[int, dict[str, Any]]
"""What came of each amount of room."""


def tried(command: list[str]) -> Outcomes:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {outcome["room"]: outcome for outcome in map(json.loads, done.stdout.splitlines())}


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> Outcomes:
    """Files may have so many bytes."""
    rooms = ["0", "4000", "40000", "150000", "9000000"]
    return tried([*FILLING, str(tmp_path_factory.mktemp("limited")), "limit", *rooms])


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> Outcomes:
    """A disk of its own has so many bytes left. It goes with the process that uses it."""
    disk = tmp_path_factory.mktemp("disk")
    within = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    mount = f"mount -t tmpfs -o size=12m tmpfs '{disk}'"
    try:
        subprocess.run([*within, mount], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no disk can be mounted here, not even in a namespace")
    rooms = ["0", "4096", "40000", "400000", "9000000"]
    outcomes = tried([*within, f'{mount} && exec "$@"', "sh", *FILLING, str(disk), "disk", *rooms])
    assert list(disk.iterdir()) == []
    return outcomes


@pytest.fixture(params=["limited", "full"])
def outcomes(request: pytest.FixtureRequest) -> Outcomes:
    found: Outcomes = request.getfixturevalue(request.param)
    return found


def test_update_without_room_says_so_and_keeps_what_was_there(outcomes: Outcomes) -> None:
    for room in (0, 4000, 4096, 40000):
        if outcome := outcomes.get(room):
            assert outcome["then"]["versions"] == BEFORE
            assert (
                "could not be written" in outcome["error"]
                and "What was reported as indexed before is kept" in outcome["error"]
            )
            assert any(cause in outcome["error"] for cause in ("disk I/O error", "disk is full"))


def test_index_answers_without_room(outcomes: Outcomes) -> None:
    assert all(outcome["then"]["found"] for outcome in outcomes.values())


def test_index_can_be_opened_without_room(outcomes: Outcomes) -> None:
    """Though SQLite has none for the file by which those who share an index know of each other."""
    assert all(outcome["again"] == outcome["then"] for outcome in outcomes.values())


def test_index_cannot_be_made_without_room_which_is_said(outcomes: Outcomes) -> None:
    assert "could not be written" in outcomes[0]["new"]


def test_update_for_which_the_ledger_has_room_but_chroma_has_none_succeeds(outcomes: Outcomes) -> None:
    """Questions about what is new are answered, too."""
    outcome = outcomes[150000] if 150000 in outcomes else outcomes[400000]
    assert (outcome["error"], outcome["chroma"]) == ("", False)
    assert outcome["then"] == {"versions": AFTER, "found": True}


def test_half_of_what_there_was_no_room_for_is_not_left_to_take_it(outcomes: Outcomes) -> None:
    assert all(outcome["left"] == 0 for outcome in outcomes.values())


def test_all_is_made_up_for_when_there_is_room_again(outcomes: Outcomes) -> None:
    for outcome in outcomes.values():
        assert outcome["at last"] == {"versions": AFTER, "found": True} and outcome["chroma at last"]


def test_graph_that_the_disk_took_only_a_part_of_is_no_edition(tmp_path: Path) -> None:
    """Chroma does not notice it: it reports nothing, and finds less."""
    whole = 10 * 1676
    outcomes = tried([*FILLING, str(tmp_path), "graph", "0", "1676", str(whole // 2), str(whole - 1), str(whole)])
    for room, outcome in outcomes.items():
        if room < whole:
            assert "the disk took" in outcome["error"] and outcome["left"] == []
        else:
            assert (outcome["error"], outcome["left"]) == ("", ["vectors-000002"])


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("long", [1, 1_000_000], ids=["a short article", "a long article"])
def test_full_folder_for_temporary_files_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch, long: int) -> None:
    open_full: Callable[..., Any] = lambda *_, **__: open("/dev/full", "w+", encoding="utf-8")  # noqa: E731, SIM115
    monkeypatch.setattr(tempfile, "TemporaryFile", open_full)
    with (
        pytest.raises(IndexUnusable, match="temporary files: No space left on device. Make room.*TMPDIR"),
        Spool(list) as spool,
    ):
        spool.put(Article("a", "Text. " * long, "Title"), None)
        list(spool)
