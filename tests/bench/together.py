"""One process changes an index while three ask it: `python -m tests.bench.together --seconds 120`.

The one adds, changes and removes articles, and embeds all of them again now and then; before and after each change it
notes what the articles are. From these notes the others know what they may be told: a citation is wrong when it is
not, to the letter, in a version of its article that there was while the question was asked, and an article is missed
when the first question after it was reported as indexed does not find it.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import qa
from index.article import Article
from index.settings import IndexSettings
from index.store import Index
from qa.settings import Settings
from tests.index import moving

ROOT = Path(__file__).parent.parent.parent
_ASKERS = 3
_PAUSE = 0.3


@dataclass(slots=True)
class Figures:
    """What became of the questions. `waits` are seconds from the report of an article to the end of the question that
    found it, the question's own time included.
    """

    asked: int = 0
    answered: int = 0
    while_rebuilt: int = 0
    failures: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the notes: what the articles are from now on (`done`), or may be."""

    at: float
    done: bool
    what: str
    versions: dict[str, int]


class Notes:
    """The notes of the one who changes the index, read by the others."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "notes.jsonl"

    def add(self, what: str, versions: moving.Versions, *, done: bool) -> None:
        """Note that a change begins or is done."""
        line = json.dumps(asdict(Note(time.monotonic(), done, what, dict(versions))))
        with self._path.open("a") as file:
            file.write(line + "\n")

    def read(self) -> list[Note]:
        """All there are so far. The last line may be in the midst of being written."""
        if not self._path.exists():
            return []
        return [
            Note(**json.loads(line)) for line in self._path.read_text().splitlines(keepends=True) if line[-1:] == "\n"
        ]


def measure(folder: Path, *, seconds: float, articles: int, answers: bool) -> tuple[Figures, int]:
    """Let them work on an index in `folder` for so long; all figures together, and how many changes there were."""
    (folder / "articles").mkdir()
    own = [sys.executable, "-W", "ignore", "-m", "tests.bench.together", "--folder", str(folder)]
    roles = [["--change", str(articles)], *([["--ask", "answers" if answers else "passages"]] * _ASKERS)]
    processes: list[subprocess.Popen[str]] = []
    try:
        for role in roles:
            process = subprocess.Popen([*own, *role], cwd=ROOT, stdout=subprocess.PIPE, text=True)
            processes.append(process)
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise RuntimeError(f"a process did not start: {role}")
        time.sleep(seconds)
        (folder / "stop").touch()
        told = [json.loads(process.communicate()[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    changes, *figures = told
    return _together([Figures(**one) for one in figures]), changes


def _together(figures: Sequence[Figures]) -> Figures:
    total = Figures()
    for one in figures:
        for name in asdict(total):
            setattr(total, name, getattr(total, name) + getattr(one, name))
    return total


def change(folder: Path, articles: int) -> int:
    """Change the articles and the index until it is time to stop; how often is returned."""
    notes, chance = Notes(folder), random.Random(0)
    source = folder / "articles"
    versions = {f"first{number}": 1 for number in range(articles)}
    changes = 0
    with Index(IndexSettings.build(index=folder / "articles.index", threads=1), create=True) as index:
        moving.write(source, versions)
        index.update([source])
        notes.add("update", versions, done=True)
        _ready()
        while not (folder / "stop").exists():
            what = chance.choices(["update", "remove", "rebuild"], [8, 1, 1])[0]
            after = moving.moved(versions, chance, most=2 * articles)
            if what == "remove":
                after = {name: version for name, version in versions.items() if name in after}
            versions = versions if what == "rebuild" else after
            notes.add(what, versions, done=False)
            moving.write(source, versions)
            if what == "update":
                index.update([source])
            elif what == "remove":
                index.remove([article.id for article in index.articles() if _name(article) not in versions])
            else:
                index.rebuild()
            notes.add(what, versions, done=True)
            changes += 1
            time.sleep(_PAUSE)
    return changes


def ask(folder: Path, *, answers: bool) -> Figures:
    """Ask until it is time to stop, first of all for what was reported last."""
    notes, chance, figures = Notes(folder), random.Random(time.monotonic_ns()), Figures()
    seen = len(notes.read())
    with qa.QA(Settings.build(index=folder / "articles.index", threads=1)) as session:
        session.ask("Is this a warm-up?") if answers else session.index.search("warm-up")
        _ready()
        while not (folder / "stop").exists():
            before = notes.read()
            begun = time.monotonic()
            news = list(_news(before, seen))
            seen = len(before)
            last = max(note for note in range(len(before)) if before[note].done)
            name = chance.choice(news or sorted(before[last].versions))
            try:
                told = list(_passages(session, name, figures, answers=answers))
            except Exception as error:
                figures.failures.append(repr(error))
                continue
            figures.asked += 1
            figures.seconds.append(time.monotonic() - begun)
            possible = notes.read()[last:]
            figures.while_rebuilt += any(note.what == "rebuild" and not note.done for note in possible)
            for article, quote in told:
                known = {note.versions.get(_name(article)) for note in possible}
                version = moving.version_of(_name(article), article.text)
                if version is None or version not in known or quote not in moving.text_of(_name(article), version):
                    figures.wrong.append(f"{_name(article)} {version} of {known}: {quote}")
            if {note.versions.get(name) for note in possible} == {before[last].versions[name]}:
                if name not in [_name(article) for article, _ in told]:
                    figures.missed.append(name)
                elif news:
                    figures.waits.append(time.monotonic() - before[last].at)
    return figures


def _news(notes: Sequence[Note], seen: int) -> Iterator[str]:
    """The articles that came or changed with the last change that was done, if that is not among those seen before."""
    done = [number for number, note in enumerate(notes) if note.done]
    if len(done) > 1 and done[-1] >= seen:
        before, after = notes[done[-2]].versions, notes[done[-1]].versions
        yield from (name for name, version in after.items() if before.get(name) != version)


def _passages(session: qa.QA, name: str, figures: Figures, *, answers: bool) -> Iterator[tuple[Article, str]]:
    """What a question is told: articles, and the words that are said to stand in them."""
    question = moving.question(name)
    if not answers:
        yield from ((passage.article, passage.text) for passage in session.index.search(question))
        return
    answer = session.ask(question)
    figures.answered += answer.text is not None
    yield from ((passage.article, passage.text) for passage in answer.passages)
    yield from ((citation.article, citation.quote) for citation in answer.citations)


def _name(article: Article) -> str:
    return Path(article.path or "").stem


def _ready() -> None:
    print("ready", flush=True)


def main() -> None:
    """Measure and print, or be one of those that are measured."""
    parser = argparse.ArgumentParser(description="Change an index while others ask it.")
    parser.add_argument("--seconds", type=float, default=120, help="for how long (default: %(default)s)")
    parser.add_argument("--articles", type=int, default=200, help="in the beginning (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--change", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--ask", choices=["answers", "passages"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.change:
        print(json.dumps(change(options.folder, options.change)))
    elif options.ask:
        print(json.dumps(asdict(ask(options.folder, answers=options.ask == "answers"))))
    else:
        with tempfile.TemporaryDirectory() as folder:
            report(
                *measure(Path(folder), seconds=options.seconds, articles=options.articles, answers=True),
                options.seconds,
            )


def report(figures: Figures, changes: int, seconds: float) -> None:
    """Print a table."""
    print(f"| {_ASKERS} processes ask for {seconds:.0f} s while one changes the index {changes} times | |\n|---|---|")
    print(f"| questions asked | {figures.asked} |")
    print(f"| answered | {figures.answered} |")
    print(f"| asked while all was embedded again | {figures.while_rebuilt} |")
    print(f"| failed | {len(figures.failures)} |")
    print(f"| wrong citations and passages | {len(figures.wrong)} |")
    print(f"| new articles missed by the first question after their report | {len(figures.missed)} |")
    print(f"| a question, p50 / max | {statistics.median(figures.seconds):.2f} / {max(figures.seconds):.2f} s |")
    print(f"| from report to answer, p50 / max | {statistics.median(figures.waits):.2f} / {max(figures.waits):.2f} s |")
    for problem in [*figures.failures, *figures.wrong, *figures.missed][:20]:
        print(problem, file=sys.stderr)


if __name__ == "__main__":
    main()
