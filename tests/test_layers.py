"""Imports point one way: ui -> qa -> index."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_NOT_IMPORT = {"index": {"qa", "ui"}, "qa": {"ui"}, "ui": set[str]()}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("package", MAY_NOT_IMPORT)
def test_no_package_imports_one_above_it(package: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in (ROOT / package).rglob("*.py")
        if (found := imported(path) & MAY_NOT_IMPORT[package])
    }
    assert not wrong


def test_langchain_stays_out_of_the_index_and_the_page() -> None:
    for package in ("index", "ui"):
        for path in (ROOT / package).rglob("*.py"):
            assert not {name for name in imported(path) if name.startswith("langchain")}, path
