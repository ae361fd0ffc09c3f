"""`python -m ui` serves the page. `qa ui` becomes this program."""

import argparse
import asyncio
import getpass
import logging
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from functools import partial

from qa import QA, ArticleQAError
from qa.page_options import add_page_options
from ui import uploads
from ui.address import PublicURL, check_reach
from ui.users import NAME, Users, UsersError

logger = logging.getLogger("ui")

_FINISH_SECONDS = 30
_SWEEP_SECONDS = 3600.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted, or do what is asked instead. Returns 0, or 1 after an error."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    for package in ("index", "qa"):  # what takes long says so
        logging.getLogger(package).setLevel(logging.INFO)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopped politely, it leaves nothing behind
    try:
        if options.add_user or options.remove_user:
            _change_users(options)
            return 0
        if options.feedback:
            _export_feedback(options)
            return 0
        with tempfile.TemporaryDirectory(prefix="article-qa-") as received:
            os.environ["GRADIO_TEMP_DIR"] = received  # files on their way; read when gradio is imported
            _serve(options)
    except ArticleQAError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _export_feedback(options: argparse.Namespace) -> None:
    from ui.history import History
    from ui.verdicts import export

    with QA.open(options.index) as session:
        many = export(History(session.settings.index.expanduser().absolute()), session, options.feedback)
    print(f"{many} judged answers are in {options.feedback}", file=sys.stderr)


def _serve(options: argparse.Namespace) -> None:
    behind = PublicURL.parse(options.behind) if options.behind else None
    check_reach(options.host, behind, auth=options.auth, public=options.public)
    session = QA.open(options.index, create=True)
    users = _users(options, session) if options.auth else None
    if users and not users.names():
        raise UsersError(f"there are no users in {users.path} yet. Add one: qa ui --add-user NAME")

    from ui.app import Page
    from ui.connection import serve
    from ui.serve import Serving, application, free_port
    from ui.served import ServedQA

    port = free_port(options.host, options.port)
    if options.port not in (0, port):
        print(f"port {options.port} is taken; serving on {port}", file=sys.stderr, flush=True)
    served, stopping = ServedQA(session, per_minute=options.rate), asyncio.Event()
    serving = Serving(options.host, port, behind=behind, users=users, mcp=options.mcp)
    page = Page(served, sample=options.sample, signed_in=users is not None)
    app = application(page.build(), served, serving, stopping)

    def ready() -> None:
        for task in (partial(_warm_up, session), _sweep):
            threading.Thread(target=task, daemon=True).start()
        shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)
        own = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
        if behind:
            print(f"listening on {own} for the proxy", file=sys.stderr, flush=True)
        print(f"Ready: {behind.url if behind else own}", flush=True)

    serve(
        app,
        host=options.host,
        port=port,
        proxied=behind is not None,
        ready=ready,
        finish=lambda: served.finish(_FINISH_SECONDS),
        stopping=stopping,
    )


def _warm_up(session: QA) -> None:
    """Load the models before the first person asks; a language model is not asked for nothing."""
    question = "Is everything there?"
    try:
        if session.settings.llm:
            session.index.search(question)
        else:
            session.ask(question)
    except ArticleQAError as error:
        logger.warning("%s", error)


def _sweep() -> None:
    """Delete what was uploaded and never indexed, as long as the program runs."""
    while True:
        time.sleep(_SWEEP_SECONDS / 4)
        uploads.sweep(older_than=_SWEEP_SECONDS)


# Users -------------------------------------------------------------------------------------------------------


def _change_users(options: argparse.Namespace) -> None:
    with QA.open(options.index, create=True) as session:  # an index that is not there yet has no folder for them
        users = _users(options, session)
    if options.remove_user:
        users.remove(options.remove_user)
        print(f"{options.remove_user} is removed from {users.path}", file=sys.stderr)
        return
    users.put(options.add_user, _password(options.add_user))
    print(f"{options.add_user} can sign in now, where the page is served with --auth", file=sys.stderr)


def _users(options: argparse.Namespace, session: QA) -> Users:
    return Users(options.users or session.settings.index.expanduser().absolute() / NAME)


def _password(name: str) -> str:
    """The password, asked for twice; or one line of standard input, where that is no terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass(f"Password for {name}: ")
    if getpass.getpass("Once more: ") != password:
        raise UsersError("the two passwords differ. Nothing was changed; try again")
    return password


# Arguments ---------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ui", description="The web page of article-qa.")
    parser.add_argument("--index", metavar="DIR", help="the index folder (default: QA_INDEX or articles.index)")
    add_page_options(parser)
    return parser


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is put away. Python's own ending could hang on a model that is just being loaded in the background.
    os._exit(status)
