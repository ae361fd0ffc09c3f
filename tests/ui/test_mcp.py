"""Assistants ask and search through the Model Context Protocol."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.ui.conftest import ROOT, Server, StartServer
from tests.ui.steps import LUKASHENKO


@pytest.fixture(scope="module")
def tools(start_server: StartServer, seed_server: Server) -> Server:
    return start_server(seed_server.index, "--port", "0", "--mcp")


def talk(server: Server, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """What the client of the protocol's own package gets: first the tools, then what each call gave."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def run() -> list[Any]:
        async with (
            streamable_http_client(f"{server.url}/gradio_api/mcp/") as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            return [await session.list_tools(), *[await session.call_tool(name, given) for name, given in calls]]

    return asyncio.run(run())


def test_an_assistant_finds_two_tools_and_what_they_take(tools: Server) -> None:
    (listed,) = talk(tools)

    assert [tool.name for tool in listed.tools] == ["ask", "search"]
    ask = listed.tools[0]
    assert ask.description.startswith("Answer a question from the articles, with verbatim citations")
    assert sorted(ask.inputSchema["properties"]) == ["articles", "k", "question", "since", "source", "until"]


def test_tools_answer_in_json(tools: Server) -> None:
    _, answered, found = talk(tools, ("ask", {"question": LUKASHENKO}), ("search", {"query": "Putin", "k": 2}))

    assert "Putin" in json.loads(answered.content[0].text)["answer"]
    assert len(json.loads(found.content[0].text)["passages"]) == 2


def test_errors_are_told_in_words_and_nothing_else_can_be_called(tools: Server) -> None:
    _, empty, other = talk(tools, ("ask", {"question": " "}), ("remove_article", {"article_id": "x"}))

    assert empty.isError and empty.content[0].text.startswith("the question is empty")
    assert other.isError and "Unknown tool" in other.content[0].text


def test_without_the_package_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ImportError")
    command = [sys.executable, "-c", "import ui.__main__ as page, sys; sys.exit(page.main())", "--mcp"]
    index = ["--index", str(tmp_path / "articles.index")]
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    done = subprocess.run([*command, *index], cwd=tmp_path, env=env, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.startswith("error: --mcp needs the package mcp") and "article-qa[mcp]" in done.stderr
