"""The command line. Answers go to standard output, everything else to standard error."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index.article import Article, Version
from index.errors import ArticleQAError
from index.report import Report
from index.store import Index
from index.watch import watch
from qa.session import QA
from qa.settings import Settings
from qa.terminal import asking, progress_bar, show_answer, show_article, show_findings, show_report, show_row

logger = logging.getLogger("qa")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 when done, 1 after an error; wrong usage exits with 2."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is _index:
        _check_index(parser, options)
    logging.basicConfig(level=logging.DEBUG if options.verbose else logging.WARNING, format="%(message)s")
    for package in ("index", "qa"):  # what takes long says so
        logging.getLogger(package).setLevel(logging.DEBUG if options.verbose else logging.INFO)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except ArticleQAError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("interrupted; what was reported as indexed is kept")
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        logger.debug("", exc_info=True)
        return _fail(f"unexpected {type(error).__name__}: {error}. Run with --verbose for the details")


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 1


# Commands ------------------------------------------------------------------------------------------------


def _index(options: argparse.Namespace) -> int:
    with progress_bar() as on_progress:
        if options.rebuild:
            with Index(_settings(options), another_model=True) as index:
                return _reported(index.rebuild(on_progress=on_progress), options)
        with _session(options, create=not options.export) as session:
            if options.export:
                count = session.index.export(options.export)
                if options.json:
                    print(json.dumps({"exported": count}))
                else:
                    print(f"{count} articles written to {options.export}", file=sys.stderr)
                return 0
            if options.restore:
                return _reported(session.index.restore(options.restore, on_progress=on_progress), options)
            status = 0
            if options.paths:
                status = _reported(session.add(options.paths, on_progress=on_progress), options)
            if options.watch:
                print(f"watching {', '.join(map(str, options.watch))}; end with Ctrl-C", file=sys.stderr)
                for report in watch(session.index, options.watch, on_progress=on_progress):
                    _reported(report, options)
            return status


def _check_index(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    alone = options.rebuild or options.export or options.restore
    if options.paths and alone:
        parser.error("--rebuild, --export and --import take no PATH")
    if not (options.paths or options.watch or alone):
        parser.error("name a PATH to index, or one of --watch, --rebuild, --export, --import")


def _reported(report: Report, options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps(asdict(report), ensure_ascii=False), flush=True)
    else:
        print(show_report(report), file=sys.stderr)
    return 1 if report.failed else 0


def _doctor(options: argparse.Namespace) -> int:
    """Examine the index; its findings are no error once they are mended."""
    lost: list[str] = []
    with Index(_settings(options)) as index, progress_bar() as on_progress:
        findings = index.examine()
        if findings and options.repair:
            lost = index.repair(on_progress=on_progress)
    if options.json:
        shown = {"findings": [asdict(finding) for finding in findings], "repaired": options.repair, "lost": lost}
        print(json.dumps(shown, ensure_ascii=False))
    else:
        print(show_findings(findings, repaired=options.repair, lost=lost))
    return 1 if lost or (findings and not options.repair) else 0


def _ask(options: argparse.Namespace) -> int:
    with _session(options) as session:
        answer = session.ask(options.question, **_scope(options))
    print(json.dumps(answer.to_dict(), ensure_ascii=False) if options.json else show_answer(answer))
    return 0


def _chat(options: argparse.Namespace) -> int:
    with _session(options) as session:
        conversation = session.conversation()
        print("Ask about the articles; an empty line ends the conversation.", file=sys.stderr)
        while question := _prompt():
            try:
                answer = conversation.ask(question, **_scope(options))
            except ArticleQAError as error:
                _fail(str(error))
                continue
            print(json.dumps(answer.to_dict(), ensure_ascii=False) if options.json else show_answer(answer), flush=True)
    return 0


def _prompt() -> str:
    print("\n> ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _ui(options: argparse.Namespace) -> int:
    """Become the page's program. It builds on this package, so that this package cannot import it."""
    for name in Settings.model_fields:
        if (value := getattr(options, name)) is not None:
            os.environ[f"QA_{name.upper()}"] = str(value)
    arguments = ["--host", options.host, "--port", str(options.port)]
    if options.sample:
        arguments += ["--sample", options.sample]
    if options.feedback:
        arguments += ["--feedback", options.feedback]
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", "ui", *arguments])


def _articles_list(options: argparse.Namespace) -> int:
    with _session(options) as session:
        for article in session.articles():
            print(json.dumps(_facts(article), ensure_ascii=False) if options.json else show_row(article))
    return 0


def _articles_show(options: argparse.Namespace) -> int:
    with _session(options) as session:
        article = _known(session, options.id)
        versions = session.index.versions(options.id)
    shown = _facts(article) | {"text": article.text, "versions": [_version(version) for version in versions]}
    print(json.dumps(shown, ensure_ascii=False) if options.json else show_article(article, versions))
    return 0


def _version(version: Version) -> dict[str, Any]:
    facts = _facts(version.article) | {"text": version.article.text}
    return facts | {"indexed": version.indexed.isoformat(), "replaced": version.replaced.isoformat()}


def _articles_remove(options: argparse.Namespace) -> int:
    with _session(options) as session:
        articles = [_known(session, article_id) for article_id in options.ids]
        removed = session.remove(article.id for article in articles)
    if options.json:
        print(json.dumps({"removed": removed}))
    else:
        print(f"{removed} removed", file=sys.stderr)
    return 0


def _known(session: QA, article_id: str) -> Article:
    article = session.index.article(article_id)
    if article is None:
        raise ArticleQAError(f"no article {article_id} in the index. The ids are listed by: qa articles list")
    return article


def _eval(options: argparse.Namespace) -> int:
    from qa.evaluation.corpus import corpus
    from qa.evaluation.curves import draw_curves, require_matplotlib
    from qa.evaluation.figures import figures_of, judged
    from qa.evaluation.questions import read_questions, sample
    from qa.evaluation.run import ask_all
    from qa.evaluation.table import show_figures

    settings = _settings(options)
    if options.plot:
        require_matplotlib()  # now, not after an hour of asking
    for path in filter(None, (options.plot, options.details)):
        _check_folder_of(path)
    questions, only = read_questions(options.questions, max_chars=settings.max_question_chars), None
    if options.limit:
        questions = sample(questions, options.limit, seed=options.seed)
        only = {article for question in questions for article in question.article_ids} if options.own else None
    keep = options.index is not None
    with (
        progress_bar() as on_progress,
        corpus(settings, articles=options.articles, only=only, keep=keep, on_progress=on_progress) as session,
    ):
        asked = ask_all(session, asking(questions), own=options.own, min_confidence=settings.min_confidence)
        outcomes = list(asked)
    figures = figures_of(outcomes, min_confidence=settings.min_confidence)
    print(json.dumps(figures.to_dict()) if options.json else show_figures(figures))
    if options.details:
        lines = (json.dumps(outcome.to_dict(), ensure_ascii=False) + "\n" for outcome in outcomes)
        options.details.write_text("".join(lines), encoding="utf-8")
    if options.plot:
        options.plot.write_bytes(draw_curves(figures, judged(outcomes)))
    return 0


def _check_folder_of(path: Path) -> None:
    if not path.absolute().parent.is_dir():
        raise ArticleQAError(f"{path} cannot be written: there is no folder {path.parent}. Make it first")


def _facts(article: Article) -> dict[str, Any]:
    facts = asdict(article) | {"date": article.date.isoformat() if article.date else None}
    del facts["text"]
    return facts


def _session(options: argparse.Namespace, *, create: bool = False) -> QA:
    return QA(_settings(options), create=create)


def _settings(options: argparse.Namespace) -> Settings:
    return Settings.build(**{name: getattr(options, name) for name in Settings.model_fields})


def _scope(options: argparse.Namespace) -> dict[str, Any]:
    return {"since": options.since, "until": options.until, "source": options.source}


# Arguments -----------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qa", description="Question answering over articles, with citations.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    index = _command(commands, "index", _index, "add or update articles (a folder's vanished files are removed)")
    index.add_argument("paths", nargs="*", metavar="PATH", help="a file, folder or https:// address")
    instead = index.add_mutually_exclusive_group()
    instead.add_argument(
        "--watch",
        metavar="DIR",
        type=Path,
        action="append",
        default=[],
        help="keep a folder indexed as files come and go",
    )
    instead.add_argument("--rebuild", action="store_true", help="embed all articles again, with --embedding-model")
    instead.add_argument(
        "--export", metavar="FILE", type=Path, help="write a backup of all articles (.jsonl, .jsonl.gz)"
    )
    instead.add_argument("--import", metavar="FILE", type=Path, dest="restore", help="add the articles of a backup")

    ask = _command(commands, "ask", _ask, "answer once")
    ask.add_argument("question", metavar="QUESTION")
    _add_scope(ask)

    _add_scope(_command(commands, "chat", _chat, "a conversation in the terminal"))

    ui = _command(commands, "ui", _ui, "the web page")
    ui.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    ui.add_argument("--port", type=int, default=7860, help="the port, or the next free one (default: %(default)s)")
    ui.add_argument("--sample", metavar="DIR", help="articles that an empty page offers to index")
    ui.add_argument("--feedback", metavar="FILE", help="write judged answers for qa eval, and end")

    articles = commands.add_parser("articles", help="list, show or remove articles").add_subparsers(
        required=True, metavar="list|show|remove"
    )
    _command(articles, "list", _articles_list, "all articles, the latest first")
    _command(articles, "show", _articles_show, "one article in full").add_argument("id", metavar="ID")
    remove = _command(articles, "remove", _articles_remove, "erase articles, their text and their vectors")
    remove.add_argument("ids", nargs="+", metavar="ID")

    doctor = _command(commands, "doctor", _doctor, "check the index, and repair it with --repair")
    doctor.add_argument("--repair", action="store_true", help="mend what is found, from the ledger and the files")

    _add_eval(commands)
    return parser


def _add_eval(commands: Any) -> None:
    command = _command(commands, "eval", _eval, "measure answers on questions whose answers are known")
    command.add_argument("questions", metavar="QUESTIONS", type=Path, help="questions and answers, .jsonl or .jsonl.gz")
    command.add_argument(
        "--articles",
        metavar="FILE",
        type=Path,
        help="articles, .jsonl or .jsonl.gz, to ask: added to --index if given, else to a temporary index",
    )
    command.add_argument("--own", action="store_true", help="let each question see only the articles it lists")
    command.add_argument("--limit", metavar="N", type=_count, help="ask only N of the questions, drawn at random")
    command.add_argument("--seed", metavar="N", type=int, default=0, help="draw others (default: %(default)s)")
    command.add_argument("--details", metavar="FILE", type=Path, help="write what came of each question, as JSONL")
    command.add_argument("--plot", metavar="PNG", type=Path, help="draw calibration and risk (needs matplotlib)")


def _count(given: str) -> int:
    if not given.isdecimal() or not int(given):
        raise argparse.ArgumentTypeError(f"{given!r} is not a number from 1 on")
    return int(given)


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], what: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=what, description=what)
    command.set_defaults(command=run)
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--verbose", action="store_true", help="tell what is being done")
    for setting, field in Settings.model_fields.items():
        flags = ["-k", "--passages"] if setting == "passages" else [f"--{setting.replace('_', '-')}"]
        command.add_argument(*flags, dest=setting, metavar=setting.upper(), help=field.description)
    return command


def _add_scope(command: argparse.ArgumentParser) -> None:
    command.add_argument("--since", metavar="DATE", help="only articles of this day (YYYY-MM-DD) or later")
    command.add_argument("--until", metavar="DATE", help="only articles of this day (YYYY-MM-DD) or earlier")
    command.add_argument(
        "--source", metavar="S", action="append", help="only articles of this source (may be repeated)"
    )
