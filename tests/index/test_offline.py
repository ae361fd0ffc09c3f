import ast
from collections.abc import Callable
from pathlib import Path

import pytest

GUARD = """
import os, socket
os.environ.pop("HF_HUB_OFFLINE", None)  # as it is with users
attempts = []

def check(host):
    if not str(host or "localhost").startswith(("127.", "::1", "localhost")):
        attempts.append(host)
        raise OSError(f"no network: {host}")

def guarded(method):
    def call(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            check(address[0])
        return method(self, address)
    return call

look_up = socket.getaddrinfo
socket.socket.connect = guarded(socket.socket.connect)
socket.socket.connect_ex = guarded(socket.socket.connect_ex)
socket.getaddrinfo = lambda host, *args, **options: check(host) or look_up(host, *args, **options)
"""


def test_nothing_is_asked_of_the_network_from_compiling_the_model_to_searching(
    python: Callable[[str], str], seeds: Path, tmp_path: Path
) -> None:
    printed = python(
        GUARD
        + f"""
from pathlib import Path
from index.settings import IndexSettings
from index.store import Index
folder = Path({str(tmp_path)!r})
with Index(IndexSettings.build(index=folder / "articles.index", cache=folder / "cache"), create=True) as index:
    report = index.update([Path({str(seeds)!r})])
    found = index.search("Who did Lukashenko ask for help?")
print((report.added > 25, len(report.failed), "Putin" in found[0].text, attempts))
"""
    )
    assert ast.literal_eval(printed) == (True, 0, True, [])


TELEMETRY = {
    "ANONYMIZED_TELEMETRY": "False",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "DO_NOT_TRACK": "1",
}


def variables(python: Callable[[str], str]) -> dict[str, str | None]:
    """The telemetry variables in a process that has imported `index` and nothing else."""
    return dict(
        ast.literal_eval(python(f"import os, index; print([(n, os.environ.get(n)) for n in {list(TELEMETRY)}])"))
    )


def test_telemetry_is_off_once_index_is_imported(python: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TELEMETRY:
        monkeypatch.delenv(name, raising=False)
    assert variables(python) == TELEMETRY


def test_telemetry_that_the_user_switched_on_stays_on(
    python: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    assert variables(python)["LANGSMITH_TRACING"] == "true"


def test_importing_index_imports_nothing_heavy(python: Callable[[str], str]) -> None:
    heavy = "{'torch', 'transformers', 'sentence_transformers', 'onnxruntime', 'chromadb', 'numpy', 'trafilatura'}"
    assert python(f"import sys, index.store; print({heavy} & set(sys.modules))").strip() == "set()"


def test_searching_needs_no_sentence_transformers_once_the_model_is_compiled(
    python: Callable[[str], str], seed_index: Path
) -> None:
    printed = python(
        "import sys; from pathlib import Path\n"
        "from index.settings import IndexSettings; from index.store import Index\n"
        f"with Index(IndexSettings.build(index=Path({str(seed_index)!r}))) as index: index.search('ferry')\n"
        "print({'torch', 'transformers', 'sentence_transformers', 'onnx'} & set(sys.modules))"
    )
    assert printed.strip() == "set()"


def test_no_test_before_this_one_reached_for_the_network(loopback_only: list[object]) -> None:
    assert loopback_only == []
