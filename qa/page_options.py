"""The options of `qa ui`. The command line hands them on to the page's own program."""

import argparse
from pathlib import Path


def add_page_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the web page to a parser."""
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=7860, help="the port, or the next free one (default: %(default)s)"
    )
    parser.add_argument("--sample", type=Path, metavar="DIR", help="articles that an empty page offers to index")
    parser.add_argument("--auth", action="store_true", help="let only users in, with their passwords")
    parser.add_argument(
        "--users", type=Path, metavar="FILE", help="the users (default: users.json in the index folder)"
    )
    parser.add_argument("--public", action="store_true", help="let other machines in without a password")
    parser.add_argument("--behind", metavar="URL", help="where a proxy serves the page, as https://news.example/qa")
    parser.add_argument(
        "--rate",
        type=_rate,
        metavar="N",
        default=120,
        help="questions and uploads a minute for each person; 0 is no limit (default: %(default)s)",
    )
    parser.add_argument("--mcp", action="store_true", help="offer the tools ask and search to assistants (MCP)")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--add-user", metavar="NAME", help="add a user, or change a password; asks for it, and ends")
    instead.add_argument("--remove-user", metavar="NAME", help="take a user's access away, and end")
    instead.add_argument("--feedback", type=Path, metavar="FILE", help="write judged answers for qa eval, and end")


def page_arguments(options: argparse.Namespace) -> list[str]:
    """The options as arguments again."""
    arguments: list[str] = []
    for name in ("host", "port", "sample", "users", "behind", "rate", "add_user", "remove_user", "feedback"):
        if (value := getattr(options, name)) is not None:
            arguments.append(f"--{name.replace('_', '-')}={value}")  # a value may begin with a dash
    return arguments + [f"--{name}" for name in ("auth", "public", "mcp") if getattr(options, name)]


def _port(text: str) -> int:
    if not text.isdecimal() or not int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"ports go from 0 to 65535; this is {text}")
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1
    if not 0 <= rate < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of times a minute")
    return rate
