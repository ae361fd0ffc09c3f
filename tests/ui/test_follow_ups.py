"""A conversation of four turns on the page, each with what was searched for: extracted, and with a language model."""

import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.qa.llm.servers import KEY, Reply, Say, Scripted, prompt_of, sentences
from tests.ui.conftest import OpenPage, Server, StartServer
from tests.ui.steps import LUKASHENKO, ask

# What is asked, what the model makes of it, and what it says then: the last sentence is in no article.
TURNS = {
    LUKASHENKO: (LUKASHENKO, ["Lukashenko turned to Vladimir Putin for help."]),
    "What did he offer?": (
        "What did Putin offer Lukashenko?",
        ["Putin offered assistance.", "He sent tanks."],
    ),
    "How many people were aboard the Lady Isolde?": (
        "How many people were aboard the Lady Isolde?",
        ["There were 96 people aboard the Lady Isolde."],
    ),
    "Where did she run aground?": (
        "Where did the Lady Isolde run aground?",
        ["The Lady Isolde ran aground on Tarnsey."],
    ),
}


def model(request: dict[str, object]) -> Reply:
    """Rewrites the questions above, and answers the rewritten ones in pieces, slowly enough to be seen."""
    prompt = prompt_of(request)
    if last := re.search("<last-question>(.*)</last-question>", prompt):
        return Say([TURNS[last[1]][0]])
    asked = re.findall("<question>(.*)</question>", prompt)[-1]
    said = next(said for query, said in TURNS.values() if query == asked)
    told = sentences(*((sentence, []) for sentence in said))
    half = told.find(said[-1])
    return Say([told[:half], told[half:]], pause=1.0)


@pytest.fixture(scope="module")
def model_server(start_server: StartServer, seed_index: Path, tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """A page whose answers a scripted language model writes."""
    index = tmp_path_factory.mktemp("served") / "articles.index"
    shutil.copytree(seed_index, index)
    with Scripted("openai", model).up() as scripted:
        yield start_server(index, QA_LLM=scripted.llm, QA_LLM_BASE_URL=scripted.url, OPENAI_API_KEY=KEY)


def searched(page: Page) -> list[str]:
    """What the page says was searched for, turn by turn; empty where it is what was asked."""
    turns = page.locator(".turn").all()
    told = [turn.locator(".searched q") for turn in turns]
    return [(query.text_content() or "") if query.count() else "" for query in told]


def test_four_turns_are_answered_by_quotes(open_page: OpenPage, seed_server: Server) -> None:
    page = open_page(seed_server)

    answers = [ask(page, question).locator(".answer").text_content() for question in TURNS]

    for answer, words in zip(answers, ("Putin", "assistance", "96", "Tarnsey"), strict=True):
        assert words in (answer or "")
    first, offered, changed, aground = searched(page)
    assert not first and not changed  # they say enough
    assert "Putin" in offered
    assert "Lady Isolde" in aground and "Putin" not in aground


def test_four_turns_are_answered_by_a_language_model(open_page: OpenPage, model_server: Server) -> None:
    page = open_page(model_server)

    for question, (query, said) in TURNS.items():
        reply = ask(page, question)
        expect(reply.locator(".answer")).to_contain_text(said[-1])
        if query != question:
            expect(reply.locator(".searched q")).to_have_text(query)

    second = page.locator(".turn").nth(1)
    expect(second.locator(".unverified")).to_contain_text("He sent tanks.")
    expect(second.locator(".note").first).to_contain_text("written by openai:scripted, checked against the passages")
    page.locator(".turn").last.locator(".marker").first.click()
    expect(page.locator("mark.quoted")).to_contain_text("Tarnsey")


def test_sentences_of_a_language_model_are_shown_as_they_come(open_page: OpenPage, model_server: Server) -> None:
    page = open_page(model_server)
    ask(page, LUKASHENKO)
    # How long the answer was, each time it changed.
    page.evaluate(
        """() => {
            window.seen = [];
            new MutationObserver(() => {
                const turn = [...document.querySelectorAll(".turn")].at(-1);
                window.seen.push(turn.querySelector(".answer")?.textContent ?? "");
            }).observe(document.querySelector("#conversation"), {childList: true, subtree: true, characterData: true});
        }"""
    )

    ask(page, "What did he offer?")
    expect(page.locator(".turn").last.locator(".unverified")).to_have_count(1)

    seen = [told for told in json.loads(page.evaluate("JSON.stringify(window.seen)")) if told]
    assert any("assistance" in told and "tanks" not in told for told in seen)
    assert "tanks" in seen[-1]
