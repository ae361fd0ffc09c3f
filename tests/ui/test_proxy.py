"""Behind a reverse proxy, under a path of its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import OpenPage, Server, StartServer
from tests.ui.http import send
from tests.ui.proxy import reverse_proxy
from tests.ui.steps import LUKASHENKO, ask
from tests.ui.test_login import ADA, add_user, sign_in
from ui.serve import free_port


@pytest.fixture(scope="module", params=[True, False], ids=["path taken off", "path left on"])
def proxied(
    request: pytest.FixtureRequest,
    start_server: StartServer,
    seed_index: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """A server with users behind a proxy; its address is the proxy's."""
    index = tmp_path_factory.mktemp("proxied") / "articles.index"
    shutil.copytree(seed_index, index)
    add_user(index, "ada")
    with reverse_proxy("/news/qa", strip=request.param) as proxy:
        port = free_port("127.0.0.1", 0)
        proxy.upstream = f"http://127.0.0.1:{port}"
        server = start_server(index, "--port", str(port), "--behind", proxy.url, "--auth")
        assert server.url == proxy.url
        yield server


def test_the_page_works_under_a_path(open_page: OpenPage, proxied: Server, tmp_path: Path) -> None:
    page = open_page(proxied, enter=sign_in())

    reply = ask(page, LUKASHENKO)
    reply.locator(".marker").first.click()
    expect(page.locator("mark.quoted")).to_be_in_viewport()
    (tmp_path / "grenna.txt").write_text("The lighthouse of Grenna was sold to Ottilie Brandt for 300 crowns.\n")
    page.locator("#library input[type=file]").set_input_files(tmp_path / "grenna.txt")
    expect(page.locator("#report .note").first).to_contain_text("1 article added")
    (cookie,) = page.context.cookies()
    assert cookie["path"] == "/news/qa"


def test_programs_work_under_a_path(proxied: Server) -> None:
    from gradio_client import Client

    assert send(f"{proxied.url}/api/articles", user=ADA).json["total"] >= 32
    client = Client(f"{proxied.url}/", auth=tuple(ADA.split(":")), verbose=False)
    assert "Putin" in client.predict(LUKASHENKO, api_name="/ask")["answer"]


def test_an_address_without_its_last_slash_leads_to_the_page(proxied: Server) -> None:
    reply = send(proxied.url, headers={"Accept": "text/html"})

    assert reply.status in (303, 307) and reply.headers["Location"].startswith("/news/qa/")


def test_claims_about_where_the_page_is_are_not_believed(seed_server: Server) -> None:
    claims = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Gradio-Server": "http://evil.example",
    }

    assert b"evil.example" not in send(seed_server.url, headers=claims).body
    assert b"evil.example" not in send(f"{seed_server.url}/config", headers=claims).body
