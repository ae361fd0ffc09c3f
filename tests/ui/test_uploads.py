"""Uploads: they land in one folder under tame names, and go with their article."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import QA
from ui import uploads

STORY = "The lighthouse of Grenna was sold to Ottilie Brandt for 300 crowns on Monday.\n"


@pytest.fixture
def session(tmp_path: Path) -> QA:
    return QA.open(tmp_path / "articles.index", create=True)


def received(folder: Path, name: str, text: str = STORY) -> str:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return str(folder / name)


@given(st.text(st.one_of(st.sampled_from('./\\\x00\n <>:"|?*é😀\u202e~$-'), st.characters()), max_size=300))
@settings(deadline=None)
def test_every_name_becomes_one_that_stays_in_its_folder(name: str) -> None:
    safe = uploads.safe_name(name)

    assert safe and Path(safe).name == safe
    assert not safe.startswith(".") and safe not in ("", ".", "..")
    assert "\\" not in safe and safe.isprintable()
    assert len(safe.encode()) <= 255
    assert uploads.safe_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("2020-08-22 appeal (final).txt", "2020-08-22 appeal (final).txt"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\story.md", "story.md"),
        (".hidden.txt", "hidden.txt"),
        ("<img src=x onerror=alert(1)>.txt", "img src=x onerror=alert(1).txt"),
        ("é" * 200 + ".json", "é" * 72 + ".json"),
        ("...", "article"),
    ],
)
def test_names_keep_what_is_harmless(name: str, safe: str) -> None:
    assert uploads.safe_name(name) == safe


def test_files_of_one_name_that_arrive_at_once_are_both_whole(session: QA, tmp_path: Path) -> None:
    """One of them is kept in the end, none is mixed up, and nobody's upload fails."""
    texts = [f"{number} " * 50_000 for number in range(8)]
    files = [received(tmp_path / f"in{number}", "grenna.txt", text) for number, text in enumerate(texts)]

    with ThreadPoolExecutor(len(files)) as pool:
        kept = [paths for paths, _ in pool.map(lambda file: uploads.keep([file], session), files)]

    assert {path for paths in kept for path in paths} == {uploads.folder_of(session) / "grenna.txt"}
    assert [file.read_text() in texts for file in uploads.folder_of(session).iterdir()] == [True]


def test_a_file_of_the_same_name_is_a_new_version(session: QA, tmp_path: Path) -> None:
    for text in (STORY, STORY.replace("300", "400")):
        paths, _ = uploads.keep([received(tmp_path / "in", "grenna.txt", text)], session)
        report = session.add(paths)

    assert report.changed == 1
    assert ["400 crowns" in article.text for article in session.articles()] == [True]
    assert [path.name for path in uploads.folder_of(session).iterdir()] == ["grenna.txt"]


def test_too_many_files_at_once_are_named(session: QA, tmp_path: Path) -> None:
    files = [received(tmp_path / "in", f"{number}.txt") for number in range(uploads.MAX_FILES + 1)]

    paths, left = uploads.keep(files, session)

    assert len(paths) == uploads.MAX_FILES
    assert [problem.where for problem in left] == [f"{uploads.MAX_FILES}.txt"]


def test_an_uploaded_file_goes_with_its_last_article(session: QA, tmp_path: Path) -> None:
    records = '[{"title": "One", "text": "One was sold."}, {"title": "Two", "text": "Two was bought."}]'
    paths, _ = uploads.keep([received(tmp_path / "in", "both.json", records)], session)
    session.add(paths)
    there = []
    for article in list(session.articles()):
        session.remove([article.id])
        uploads.forget(article, session)
        there.append(paths[0].exists())

    assert there == [True, False]


def test_a_file_from_elsewhere_stays_when_its_article_goes(session: QA, tmp_path: Path) -> None:
    file = Path(received(tmp_path / "mine", "grenna.txt"))
    session.add(file)
    article = next(session.articles())
    session.remove([article.id])
    uploads.forget(article, session)

    assert file.exists()


def test_what_was_received_and_never_indexed_is_swept_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    old, new = (Path(received(tmp_path / "in", name)) for name in ("old.txt", "new.txt"))
    os.utime(old, (0, 0))

    uploads.sweep(older_than=3600)

    assert [old.exists(), new.exists()] == [False, True]


def test_a_pasted_article_is_known_again_by_its_title_and_others_stay(session: QA) -> None:
    for title, text in (("Rye", "Rye is dear."), ("Rye", "Rye is cheap."), ("", "Rye is dear."), ("", "Rye is sold.")):
        session.add([uploads.paste({"title": title, "text": text}, session)])

    assert sorted(article.text for article in session.articles()) == ["Rye is cheap.", "Rye is dear.", "Rye is sold."]


@pytest.mark.parametrize("name", ["story.exe", "story", "README.txt", "notes.tar.gz"])
def test_a_file_that_can_hold_no_article_is_not_kept(session: QA, tmp_path: Path, name: str) -> None:
    paths, left = uploads.keep([received(tmp_path / "in", name)], session)

    assert (paths, [problem.where for problem in left]) == ([], [name])
    assert not list(uploads.folder_of(session).iterdir()) and not list((tmp_path / "in").iterdir())


def test_a_file_of_which_nothing_is_indexed_can_be_discarded_and_no_other(session: QA, tmp_path: Path) -> None:
    paths, _ = uploads.keep([received(tmp_path / "in", name) for name in ("kept.txt", "useless.txt")], session)
    mine = Path(received(tmp_path / "mine", "mine.txt"))
    session.add(paths[:1])
    for path in (*paths, mine):
        uploads.discard(path, session)

    assert [path.exists() for path in (*paths, mine)] == [True, False, True]


def test_only_files_that_were_received_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "received"
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    inside = received(folder, "in.txt")
    secret = received(tmp_path / "private", "secret.txt")
    (folder / "link.txt").symlink_to(secret)

    named = [inside, secret, str(folder / ".." / "private" / "secret.txt"), str(folder / "link.txt"), "in.txt", ""]
    assert uploads.received(named) == [Path(inside)]
