"""The README tells the truth."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from index.loaders import loaders
from qa.settings import Settings
from tests.qa.llm.servers import Say, Scripted

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_every_file_it_names_exists() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", README) if "://" not in link]
    missing = [link for link in links if not (ROOT / link).exists()]
    assert len(links) > 30
    assert not missing


def test_every_module_is_on_the_code_map() -> None:
    modules = [path for package in ("index", "qa", "ui") for path in (ROOT / package).glob("[a-z]*.py")]
    small_change = {"errors.py", "telemetry.py", "settings.py", "theme.py", "options.py"}
    unmapped = [path.name for path in modules if path.name not in README and path.name not in small_change]
    assert not unmapped


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_its_line(name: str) -> None:
    (line,) = re.findall(rf"^\| .*`--{name.replace('_', '-')}` \| `QA_{name.upper()}` \|.*$", README, re.MULTILINE)
    field = Settings.model_fields[name]
    assert field.description in line
    if field.default_factory is None:
        assert f"| {field.default} |" in line.replace("`", "")


def test_every_format_is_named() -> None:
    assert {suffix for suffix in loaders() if f"`{suffix}`" not in README} <= {".markdown", ".htm", ".ndjson"}


def test_its_python_runs(tmp_path: Path, seed_index: Path, seeds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(seed_index, tmp_path / "articles.index")
    (tmp_path / "more").mkdir()
    shutil.copy(next(seeds.glob("*.txt")), tmp_path / "more")
    monkeypatch.chdir(tmp_path)
    first, *others = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    indented = "".join(f"    {line}\n" for block in others for line in block.splitlines())
    indented += "    said = chain.invoke('Who wrote Hamlet?')\n"
    names: dict[str, object] = {}
    with Scripted("ollama", _search_and_tell).up() as server:
        monkeypatch.setenv("OLLAMA_HOST", server.url)
        exec(first + indented, names)  # the other blocks use the session of the first
    assert "Putin" in str(names["answer"])
    assert names["said"] == "no idea"
    assert names["told"] == "It was Vladimir Putin."


def _search_and_tell(request: dict[str, Any]) -> Say:
    """What an agent's model does: it calls the tool, and tells what that found."""
    found = [message for message in request["messages"] if message["role"] == "tool"]
    if not found:
        assert request["tools"][0]["function"]["name"] == "search_articles"
        return Say(['{"query": "Lukashenko asked for help"}'], tool="search_articles")
    return Say(["It was Vladimir Putin." if "Vladimir Putin for help" in found[0]["content"] else "I cannot tell."])
