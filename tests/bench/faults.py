"""What a person sees, and after how long, when the language model behind `--llm` fails in one way or another.

    python -m tests.bench.faults [--json] [--timeout SECONDS]

The real provider classes ask scripted servers on loopback; the articles are the seeds.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import qa
from tests.qa.llm.servers import (
    KEY,
    Hang,
    Protocol,
    Raw,
    Say,
    Script,
    Scripted,
    Status,
    closed_port,
    in_turn,
    says,
    sentences,
)

QUESTION = "Who did Lukashenko ask for help?"
TRUE = "Lukashenko turned to Vladimir Putin for help."
FALSE = "Lukashenko turned to Emmanuel Macron for help."
GOOD = sentences((TRUE, [1]))

# Each makes a script of its own: some remember what they have said.
FAULTS: dict[str, Callable[[], Script] | None] = {
    "none": lambda: says(GOOD),
    "slow, within the time": lambda: says(*GOOD[:20], GOOD[20:], pause=0.05),
    "drips one letter at a time, forever": lambda: says(*("{" + " " * 2000), pause=0.05),
    "hangs": lambda: lambda request: Hang(),
    "is down": None,
    "refuses": lambda: says("I'm sorry, but I can't help with that."),
    "refuses, in the protocol's own way": lambda: says(refusal="I can't help with that."),
    "401, the key in its message": lambda: lambda request: Status(401, f"Incorrect API key provided: {KEY}"),
    "404": lambda: lambda request: Status(404, "the model 'scripted' does not exist"),
    "429, Retry-After 1 s, then answers": lambda: in_turn(Status(429, "slow down", {"Retry-After": "1"}), Say([GOOD])),
    "429, Retry-After 600 s": lambda: lambda request: Status(429, "slow down", {"Retry-After": "600"}),
    "500, again and again": lambda: lambda request: Status(500, "oops"),
    "503 once, then answers": lambda: in_turn(Status(503, "loading"), Say([GOOD])),
    "has no structured output": lambda: (
        lambda request: (
            Status(400, "response_format is not supported")
            if "response_format" in request or "format" in request
            else Say([f"{TRUE} [1]"])
        )
    ),
    "malformed JSON": lambda: says('{"sentences": [{"text": "Lukashenko turned to", passages: 1]'),
    "is no chat server": lambda: lambda request: Raw(b"<html>It works!</html>", "text/html"),
    "empty": lambda: says(""),
    "nothing at all": lambda: says(finish=None),
    "huge": lambda: says(*(["Lukashenko turned to Vladimir Putin for help [1]. "] * 5000)),
    "cut in the middle": lambda: says(GOOD[:40], cut=True),
    "cut after a good sentence": lambda: says(sentences((TRUE, [1]), (FALSE, [1]))[:95], cut=True),
    "cut off at its own limit of tokens": lambda: says(GOOD[:40], finish="length"),
    "cites [70] of 10, and nothing else": lambda: says(sentences((TRUE, [70]))),
    "cites [70] beside what is right": lambda: says(
        sentences((TRUE, [1]), ("Putin offered assistance to Lukashenko.", [70]))
    ),
    "says what the articles do not": lambda: says(sentences((FALSE, [1]))),
    "answers in prose": lambda: says(f"{TRUE} [1] ", f"{FALSE} [1]"),
    "says that the articles do not say": lambda: says(sentences()),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a fault."""

    fault: str
    protocol: str
    seconds: float
    requests: int
    reader: str
    text: str | None
    unverified: int
    note: str | None


def measure(
    lender: qa.QA, *, timeout: float, protocols: tuple[Protocol, ...] = ("openai", "ollama")
) -> Iterator[Outcome]:
    """Ask the same question under each fault, over each protocol."""
    os.environ["OPENAI_API_KEY"] = KEY
    for protocol in protocols:
        for fault in FAULTS:
            yield ask(lender, fault, protocol, timeout=timeout)


def ask(lender: qa.QA, fault: str, protocol: Protocol, *, timeout: float) -> Outcome:
    """Ask under one fault, with the index and the models of another session: they are loaded before the clock runs."""
    make = FAULTS[fault]
    script = make() if make else None
    server = Scripted(protocol, script or says())
    up: Callable[[], AbstractContextManager[object]] = server.up if script else nullcontext
    url = server.url if script else f"http://127.0.0.1:{closed_port()}"
    session = borrowing(lender, llm=server.llm, llm_base_url=url, llm_timeout=timeout)
    with up():
        session._reader.read("Who?", [])  # opens the model, asks nothing
        started = time.perf_counter()
        answer = session.ask(QUESTION)
        seconds = time.perf_counter() - started
    unverified = sum(not statement.verified for statement in answer.statements)
    return Outcome(fault, protocol, seconds, len(server.requests), answer.reader, answer.text, unverified, answer.note)


def borrowing(lender: qa.QA, **settings: object) -> qa.QA:
    """A session with settings of its own, and the index and the extractive reader of another; not to be closed."""
    session = qa.QA(lender.settings.model_copy(update=settings))
    session.close()
    session.index = lender.index
    session._extractive = lambda: lender._reader  # type: ignore[method-assign]
    return session


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--timeout", type=float, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, qa.QA.open(Path(folder, "seeds.index"), create=True) as lender:
        lender.add("seeds")
        lender.ask(QUESTION)
        ask(lender, "none", "openai", timeout=60)  # imports what is imported once
        ask(lender, "none", "ollama", timeout=60)
        if not options.json:
            print(f"| fault | protocol | s | requests | what is shown (time limit {options.timeout:g} s) |")
            print("|---|---|---|---|---|")
        for outcome in measure(lender, timeout=options.timeout):
            print(json.dumps(asdict(outcome)) if options.json else _row(outcome), flush=True)


def _row(outcome: Outcome) -> str:
    shown = outcome.text or "The articles do not say."
    if outcome.unverified:
        shown += f" (and {outcome.unverified} marked as unverified)"
    if outcome.note:
        shown = f"{shown} (extracted) · {outcome.note.partition('. This answer')[0].partition('scripted ')[2]}"
    return f"| {outcome.fault} | {outcome.protocol} | {outcome.seconds:.1f} | {outcome.requests} | {shown} |"


if __name__ == "__main__":
    main()
