"""What a person does on the page, for tests to read as such."""

from playwright.sync_api import Locator, Page, expect

LUKASHENKO = "Who did Lukashenko ask for help?"


def ask(page: Page, question: str) -> Locator:
    """Type a question, press Enter, and wait for the reply."""
    turns = page.locator(".turn")
    before = turns.count()
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")
    expect(turns).to_have_count(before + 1)
    reply = turns.last.locator(".reply")
    expect(reply.locator(".pending")).to_have_count(0)
    return reply


def find_in_list(page: Page, words: str) -> Locator:
    """Search the list; the one card that is left."""
    page.get_by_label("Search the articles").fill(words)
    cards = page.locator("#list .card")
    expect(cards).to_have_count(1)
    return cards


def in_view(mark: Locator) -> bool:
    """Whether an element lies inside the window and inside the part of the panel that is not scrolled away."""
    return bool(
        mark.evaluate(
            """(mark) => {
                const box = mark.getBoundingClientRect(), room = mark.closest(".page").getBoundingClientRect();
                return box.top >= Math.max(0, room.top) && box.bottom <= Math.min(innerHeight, room.bottom);
            }"""
        )
    )
