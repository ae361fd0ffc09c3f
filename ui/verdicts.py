"""Thumbs: what readers thought of answers, as they give it on the page and as questions for `qa eval`."""

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from qa import QA, ArticleQAError
from ui.history import MAX_NOTE_CHARS, History

_LABELS = {"up": "A good answer", "down": "Not a good answer"}
_THUMB = (
    '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M5 9v8M5 9H2.5v8H5m0-8 4-6.5c1.4 0 2.2 1 2 2.3L10.5 8h5'
    'a1.7 1.7 0 0 1 1.7 2l-1.1 5.5a1.9 1.9 0 0 1-1.9 1.5H5"/></svg>'
)


def thumbs(number: int, verdict: str | None = None, note: str = "", *, said: str = "") -> str:
    """The buttons under answer `number` of a conversation, and room for a note once one is pressed."""
    buttons = "".join(
        f'<button type="button" class="thumb {kind}" data-verdict="{kind}" aria-label="{label}" title="{label}"'
        f' aria-pressed="{"true" if kind == verdict else "false"}">{_THUMB}</button>'
        for kind, label in _LABELS.items()
    )
    remark = ""
    if verdict:
        remark = (
            f'<form class="remark"><input name="note" value="{escape(note)}" maxlength="{MAX_NOTE_CHARS}"'
            ' aria-label="Note on this answer" placeholder="What was good or wrong? (optional)" autocomplete="off">'
            f'<button class="quiet">Keep the note</button><span role="status">{escape(said)}</span></form>'
        )
    return (
        f'<div class="verdict" data-turn="{number}" role="group" aria-label="Your verdict on this answer">'
        f"{buttons}{remark}</div>"
    )


def export(history: History, session: QA, path: Path) -> int:
    """Write all judged answers in the form that `qa eval` reads, one a line; how many there are is returned."""
    lines = [json.dumps(question, ensure_ascii=False) + "\n" for question in questions(history, session)]
    try:
        path.write_text("".join(lines), "utf-8")
    except OSError as error:
        raise ArticleQAError(f"{path} cannot be written: {error.strerror}. Name another file") from error
    return len(lines)


def questions(history: History, session: QA) -> Iterator[dict[str, Any]]:
    """The judged answers. What was found good is gold; of what was not, the right answer is for somebody to fill in."""
    for conversation, kept in history.judged():
        told = kept.answer["answer"]
        good = kept.verdict == "up"
        yield {
            "id": f"{conversation}-{kept.number}",
            "question": told["query"],
            "answers": [told["answer"]] if good and told["answer"] else [],
            "articles": _articles(told, session),
            "answer_in_articles": told["answer"] is not None if good else None,
            "verdict": kept.verdict,
            "given": told["answer"],
            "note": kept.note,
        }


def _articles(told: dict[str, Any], session: QA) -> list[str]:
    """The addresses of the cited articles; where one has none, its file's, by which `qa eval` knows it as well."""
    addresses = []
    for row in told["citations"]:
        article = session.index.article(row["article_id"])
        addresses.append(row["url"] or (f"file:{article.path}" if article and article.path else ""))
    return list(dict.fromkeys(filter(None, addresses)))
