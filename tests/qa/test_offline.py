"""Nothing leaves the machine: with every socket but loopback denied, nothing even tries."""

import os
import subprocess
import sys
from pathlib import Path

GUARD = """
import socket, sys
def deny(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.bind"):
        host = arguments[1][0] if isinstance(arguments[1], tuple) else "localhost"
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if str(host or "localhost") not in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "b'localhost'"):
        print("REACHED OUT", event, arguments, file=sys.stderr)
        raise OSError("denied")
sys.addaudithook(deny)
"""


def test_indexing_and_asking_reach_for_nothing_on_the_network(tmp_path: Path, seeds: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(GUARD)
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "QA_CACHE": str(tmp_path / "cache")}
    environment.pop("HF_HUB_OFFLINE", None)  # nobody has to set it

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "qa", *arguments, "--index", str(tmp_path / "articles.index")]
        return subprocess.run(command, capture_output=True, text=True, env=environment)

    check = subprocess.run(
        [sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 9), 1)"],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert "REACHED OUT" in check.stderr, "the guard does not guard"
    indexed = run("index", str(seeds))
    asked = run("ask", "Who did Lukashenko ask for help?")
    assert indexed.returncode == asked.returncode == 0, indexed.stderr + asked.stderr
    assert "Putin" in asked.stdout
    assert "REACHED OUT" not in indexed.stderr + asked.stderr
