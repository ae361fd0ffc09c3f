"""Whatever happens to the language model, an answer is given, and what is shown as cited is in the articles."""

import pytest

import qa
from tests.bench.faults import FALSE, FAULTS, TRUE, Outcome, ask
from tests.qa.llm.servers import KEY, Protocol

WRITTEN = {
    "none",
    "slow, within the time",
    "429, Retry-After 1 s, then answers",
    "503 once, then answers",
    "has no structured output",
    "cites [70] beside what is right",
    "answers in prose",
}
NEVER_END = ("drips one letter at a time, forever", "hangs")
SILENT = "says that the articles do not say"
CAUSES = {
    "drips one letter at a time, forever": "took longer than 1.5 seconds",
    "hangs": "took longer than 1.5 seconds",
    "is down": "could not be reached",
    "refuses": "refused to answer",
    "401, the key in its message": "refused the key",
    "404": "is not known to its server",
    "429, Retry-After 600 s": "had too many requests",
    "500, again and again": "failed on its server",
    "malformed JSON": "cannot be read",
    "is no chat server": "cannot be read",
    "empty": "empty answer",
    "huge": "wrote far more than an answer",
    "cut in the middle": "broke off in the middle",
    "cut after a good sentence": "broke off in the middle",
    "cut off at its own limit of tokens": "broke off in the middle",
    "cites [70] of 10, and nothing else": "nothing that its passages bear out",
    "says what the articles do not": "nothing that its passages bear out",
}


@pytest.fixture(params=["openai", "ollama"])
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return request.param  # type: ignore[no-any-return]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_ends_in_an_answer_that_stands(
    fault: str, protocol: Protocol, session: qa.QA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    outcome = ask(session, fault, protocol, timeout=1.5 if fault in NEVER_END else 60)
    assert FALSE not in (outcome.text or "")
    assert KEY not in str(outcome)
    if fault in WRITTEN:
        assert (outcome.reader, outcome.note) == (f"{protocol}:scripted", None)
        assert outcome.text == TRUE
    elif fault == SILENT:
        assert (outcome.reader, outcome.text, outcome.note) == (f"{protocol}:scripted", None, None)
    else:
        assert_extracted(outcome)
        assert CAUSES.get(fault, "The language model") in str(outcome.note)


def assert_extracted(outcome: Outcome) -> None:
    assert (outcome.reader, outcome.text) == ("extractive", "Vladimir Putin")
    assert outcome.note is not None and outcome.note.endswith("extracted from the articles without it.")
    assert outcome.requests <= 3
