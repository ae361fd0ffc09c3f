"""The README tells the truth."""

import re
import shutil
from pathlib import Path

import pytest

from index.loaders import loaders
from qa.settings import Settings

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
    first, second = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    indented = "".join(f"    {line}\n" for line in second.splitlines())
    indented += "    said = chain.invoke('Who wrote Hamlet?')\n"
    names: dict[str, object] = {}
    exec(first + indented, names)  # the second block uses the session of the first
    assert "Putin" in str(names["answer"])
    assert names["said"] == "no idea"
