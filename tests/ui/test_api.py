"""The HTTP API: what the README tells to type into a shell works, and errors are told in words."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.ui.conftest import ROOT, Server, StartServer
from tests.ui.http import form, send
from tests.ui.steps import LUKASHENKO

GRENNA = "The lighthouse of Grenna was sold to Ottilie Brandt for 300 crowns on Monday.\n"


@pytest.fixture(scope="module")
def server(start_server: StartServer, seed_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server whose index tests may change."""
    index = tmp_path_factory.mktemp("api") / "articles.index"
    shutil.copytree(seed_index, index)
    return start_server(index)


def test_a_question_is_answered_as_on_the_command_line(server: Server) -> None:
    answer = send(f"{server.url}/api/ask", data={"question": LUKASHENKO, "k": 3, "until": "2020-08-22"}).json

    assert "Putin" in answer["answer"] and len(answer["passages"]) == 3
    article = send(f"{server.url}/api/articles/{answer['citations'][0]['article_id']}").json
    first = answer["citations"][0]
    assert article["text"][first["start"] : first["end"]] == first["quote"]
    assert article["date"] <= "2020-08-22"


def test_questions_and_searches_keep_to_sources_and_articles(server: Server) -> None:
    found = send(f"{server.url}/api/search", data={"query": "Putin", "source": ["Meridian Ledger"], "k": 5}).json
    ids = {passage["article_id"] for passage in found["passages"]}
    assert {passage["source"] for passage in found["passages"]} == {"Meridian Ledger"}

    answer = send(f"{server.url}/api/ask", data={"question": LUKASHENKO, "articles": sorted(ids)}).json
    assert {passage["article_id"] for passage in answer["passages"]} <= ids


def test_articles_are_added_listed_read_and_removed(server: Server) -> None:
    told = send(f"{server.url}/api/index", **form(files=("grenna.txt", GRENNA.encode()))).json
    assert (told["added"], told["failed"]) == (1, [])
    pasted = {"text": "Ottilie Brandt sold the lighthouse again.", "title": "Sold again", "date": "2021-03-05"}
    assert send(f"{server.url}/api/index", data={"articles": [pasted]}).json["added"] == 1

    listed = send(f"{server.url}/api/articles?text=sold+again").json
    assert (listed["total"], listed["articles"][0]["date"]) == (1, "2021-03-05")
    answer = send(f"{server.url}/api/ask", data={"question": "Who bought the lighthouse of Grenna?"}).json
    assert "Ottilie Brandt" in answer["answer"]

    ids = [listed["articles"][0]["id"], answer["citations"][0]["article_id"]]
    for article_id in ids:
        assert send(f"{server.url}/api/articles/{article_id}", "DELETE").json == {"removed": 1}
    assert send(f"{server.url}/api/articles").json["total"] == 32
    assert list((server.index / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("path", "data", "status", "detail"),
    [
        ("ask", {"question": " "}, 400, "the question is empty"),
        ("ask", {"question": "x" * 2001}, 400, "2,000 are allowed"),
        ("ask", {"question": "Who?", "k": 0}, 400, "k goes from 1 to 100; it is 0"),
        ("ask", {"question": "Who?", "since": "Friday"}, 400, "since 'Friday' is not a date"),
        ("ask", {"question": 7}, 422, "question: input should be a valid string"),
        ("ask", {"question": "Who?", "colour": "red"}, 422, "colour: extra inputs are not permitted"),
        ("ask", b"{", 422, "json"),
        ("search", {"query": ""}, 400, "a query has from 1 to 2,000 characters"),
        ("index", {}, 400, "give from 1 to 50 urls, articles or files"),
        ("index", {"urls": ["file:///etc/passwd"]}, 400, "is no address of a web page"),
        ("index", {"urls": ["/etc/passwd"]}, 400, "is no address of a web page"),
        ("index", {"articles": [{"title": "no text"}]}, 400, "an article needs a text"),
        ("index", {"articles": [{"text": "x", "path": "/etc/passwd"}]}, 400, "no field 'path'"),
    ],
)
def test_errors_name_the_cause(server: Server, path: str, data: Any, status: int, detail: str) -> None:
    headers = {"Content-Type": "application/json"}
    reply = send(f"{server.url}/api/{path}", data=data, headers=headers)

    assert (reply.status, detail in reply.json["detail"]) == (status, True), reply.body


def test_pages_that_cannot_be_fetched_are_reported_by_address(server: Server) -> None:
    told = send(f"{server.url}/api/index", data={"urls": [f"{server.url}/"]}).json

    assert told["failed"][0]["where"] == f"{server.url}/" and "private" in told["failed"][0]["cause"]


def test_what_is_not_there_is_not_found(server: Server) -> None:
    for method, path in (("GET", "articles/x"), ("DELETE", "articles/x"), ("GET", "nothing")):
        assert send(f"{server.url}/api/{path}", method).status == 404


def test_who_asks_too_often_is_told_when_to_come_back(start_server: StartServer, seed_server: Server) -> None:
    server = start_server(seed_server.index, "--port", "0", "--rate", "2")

    told = [send(f"{server.url}/api/ask", data={"question": "Who?"}) for _ in range(3)]

    assert [reply.status for reply in told] == [200, 200, 429]
    assert (
        told[2].json["detail"].startswith("2 questions and uploads a minute are the most. The next question can come")
    )
    assert 0 < int(told[2].headers["Retry-After"]) <= 30
    upload = send(f"{server.url}/gradio_api/upload", **form(files=("a.txt", b"x")))
    assert upload.status == 429


def test_its_curl_lines_work(server: Server, tmp_path: Path) -> None:
    section = re.search(r"^## Serving it to others\n(.*?)^## ", (ROOT / "README.md").read_text(), re.S | re.M)
    assert section
    lines = [line for line in section[1].splitlines() if line.startswith("curl ")]
    assert len(lines) >= 6
    (tmp_path / "story.txt").write_text(GRENNA)
    listed = send(f"{server.url}/api/articles?limit=1").json["articles"][0]["id"]

    for line in lines:
        line = line.partition("   #")[0].replace("http://127.0.0.1:7860", server.url).replace("ID", listed)
        done = subprocess.run(
            ["bash", "-c", f"{line} -sS --fail-with-body"], cwd=tmp_path, capture_output=True, text=True
        )
        if "https://" in line:  # tests reach no network, and the answer says so
            assert json.loads(done.stdout)["failed"], line
        else:
            assert done.returncode == 0 and json.loads(done.stdout), f"{line}: {done.stdout} {done.stderr}"
