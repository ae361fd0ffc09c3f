"""`python -m ui` serves the page. `qa ui` becomes this program."""

import argparse
import logging
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from qa import QA, ArticleQAError

logger = logging.getLogger("ui")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted, or write what readers thought of answers. Returns 0, or 1 after an error."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    for package in ("index", "qa"):  # what takes long says so
        logging.getLogger(package).setLevel(logging.INFO)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopped politely, it leaves nothing behind
    try:
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
    session = QA.open(options.index, create=True)

    from ui.app import Page
    from ui.serve import free_port, launch

    port = free_port(options.host, options.port)
    if options.port not in (0, port):
        print(f"port {options.port} is taken; serving on {port}", file=sys.stderr, flush=True)
    launch(Page(session, sample=options.sample).build(), session, host=options.host, port=port)
    threading.Thread(target=_warm_up, args=(session,), daemon=True).start()
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)
    print(f"Ready: http://{f'[{shown}]' if ':' in shown else shown}:{port}", flush=True)
    threading.Event().wait()


def _warm_up(session: QA) -> None:
    """Load the models before the first person asks."""
    try:
        session.ask("Is everything there?")
    except ArticleQAError as error:
        logger.warning("%s", error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ui", description="The web page of article-qa.")
    parser.add_argument("--index", metavar="DIR", help="the index folder (default: QA_INDEX or articles.index)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=7860, help="the port, or the next free one (default: %(default)s)"
    )
    parser.add_argument("--sample", type=Path, metavar="DIR", help="articles that an empty page offers to index")
    parser.add_argument("--feedback", type=Path, metavar="FILE", help="write judged answers for qa eval, and end")
    return parser


def _port(text: str) -> int:
    if not 0 <= (port := int(text)) <= 65_535:
        raise argparse.ArgumentTypeError(f"ports go from 0 to 65535; this is {text}")
    return port


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is put away. Python's own ending could hang on a model that is just being loaded in the background.
    os._exit(status)
