"""What a page must be for everybody who reads it, however they do: checked by axe-core."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_axe = Axe()


def barriers(page: Page) -> list[str]:
    """What axe-core finds against the page as it is now, a line each: the rule, how much it matters, and where."""
    page.evaluate("Promise.all(document.getAnimations().map((animation) => animation.finished))")
    violations = _axe.run(page).response["violations"]
    return [f"{v['id']} ({v['impact']}): {node['html']}" for v in violations for node in v["nodes"]]
