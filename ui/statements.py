"""What a language model wrote, sentence by sentence: what is cited, and what no passage was found to say."""

from collections.abc import Sequence
from html import escape

from qa import Answer, Citation, Statement
from ui.markers import marker, with_tail
from ui.place import Place

_UNVERIFIED = "No passage was found that says this."


def statements(answer: Answer, places: Sequence[Place]) -> str:
    """The statements as one text. `places` are those of the answer's citations, whose numbers the markers carry."""
    numbers = {_key(citation): number for number, citation in enumerate(answer.citations, start=1)}
    told = " ".join(_statement(statement, answer, places, numbers) for statement in answer.statements)
    return f'<p class="answer" dir="auto">{told}</p>'


def _statement(
    statement: Statement, answer: Answer, places: Sequence[Place], numbers: dict[tuple[str, int, int], int]
) -> str:
    if not statement.verified:
        flag = f'<span class="flag" title="{_UNVERIFIED}">not verified</span>'
        return f'<span class="unverified">{escape(statement.text)} {flag}</span>'
    cited = sorted({numbers[key] for citation in statement.citations if (key := _key(citation)) in numbers})
    markers = "".join(marker(number, places[number - 1], answer.citations[number - 1].article) for number in cited)
    return f"<span>{with_tail(statement.text, markers)}</span>"


def _key(citation: Citation) -> tuple[str, int, int]:
    return citation.article.id, citation.start, citation.end
