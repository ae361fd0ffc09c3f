"""A conversation to take away: as Markdown, as JSON, and as a page to print, each with its quotes as footnotes.

Questions, answers, quotes, titles and addresses are data in all three: nothing in them becomes markup.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote, urlsplit

from ui.history import Entry, Kept

SILENT = "The articles do not say."

# What can begin or be markup anywhere in a line of CommonMark or of its common extensions: tables, strikethrough,
# footnotes, bare addresses, formulas.
_MARKUP = re.compile(r"[\\`*_{}\[\]()<>#+\-!|~$&:@=^]")
_AT_THE_START = re.compile(r"^(\d+)(\.)")
_BARE_ADDRESS = re.compile(r"\b(www)\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Saved:
    """A file to save: its name, its media type and its text."""

    name: str
    type: str
    text: str


def export(form: str, entry: Entry, answers: Sequence[Kept], since: Sequence[Sequence[str]]) -> Saved | None:
    """The conversation as `md`, `json` or `html`; None for any other form.

    `since` tells for each citation of each answer what became of its article, empty where nothing did.
    """
    if form not in _FORMS:
        return None
    type_, write = _FORMS[form]
    name = re.sub(r"[^a-z0-9]+", "-", entry.title.lower())[:60].strip("-") or "conversation"
    return Saved(f"{name}-{entry.created:%Y-%m-%d}.{form}", type_, write(entry, answers, since))


def web_address(url: str | None) -> str | None:
    """The address if it is one of the web, in ASCII and without spaces; None for any other, such as `javascript:`."""
    try:
        parts = urlsplit(url or "")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
    except ValueError:
        return None
    return quote(url or "", safe="%/:?#[]@!$&'*+,;=~")


# JSON --------------------------------------------------------------------------------------------------------


def as_json(entry: Entry, answers: Sequence[Kept], since: Sequence[Sequence[str]]) -> str:
    """The objects of `qa ask --json`, with when each was asked, its verdict and what became of its articles."""
    told = [
        kept.answer["answer"]
        | {
            "asked": kept.asked.isoformat(),
            "citations": [
                row | {"since": became or None}
                for row, became in zip(kept.answer["answer"]["citations"], changes, strict=True)
            ],
            "verdict": kept.verdict,
            "verdict_note": kept.note or None,
        }
        for kept, changes in zip(answers, since, strict=True)
    ]
    whole = {"title": entry.title, "created": entry.created.isoformat(), "changed": entry.changed.isoformat()}
    return json.dumps(whole | {"answers": told}, ensure_ascii=False, indent=2) + "\n"


# Markdown ----------------------------------------------------------------------------------------------------


def as_markdown(entry: Entry, answers: Sequence[Kept], since: Sequence[Sequence[str]]) -> str:
    """Headings for questions, and a footnote for each citation."""
    parts = [f"# {inert(entry.title)}", _dates(entry)]
    notes: list[str] = []
    for kept, changes in zip(answers, since, strict=True):
        told = kept.answer["answer"]
        marks = [f"[^{kept.number}-{place}]" for place in range(1, len(told["citations"]) + 1)]
        parts += [f"## {kept.number}. {inert(told['question'])}", f"{_answer(told, inert)}{''.join(marks)}"]
        parts += [inert(line) for line in _remarks(told)]
        for mark, row, became in zip(marks, told["citations"], changes, strict=True):
            address = web_address(row["url"])
            link = f", <{address}>" if address else ""
            notes.append(f"{mark}: “{inert(row['sentence'])}” {inert(_facts(row))}{link}. {inert(became)}".rstrip())
    return "\n\n".join([*parts, *notes]) + "\n"


def inert(text: str) -> str:
    """Text in one line that Markdown shows as it is."""
    line = _MARKUP.sub(r"\\\g<0>", " ".join(text.split()))
    return _BARE_ADDRESS.sub(r"\1\\.", _AT_THE_START.sub(r"\1\\\2", line))


# HTML --------------------------------------------------------------------------------------------------------

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 40rem; margin: 2.5rem auto; padding: 0 1.25rem; font: 1.05rem/1.6 Georgia, "Noto Serif", serif; }}
h1 {{ font-size: 1.5rem; line-height: 1.3; }}
h2 {{ font-size: 1.05rem; margin: 2rem 0 0.4rem; break-after: avoid; }}
p {{ margin: 0 0 0.5rem; }}
sup a {{ text-decoration: none; }}
.facts, .notes {{ font-size: 0.88rem; overflow-wrap: anywhere; }}
.notes {{ margin-top: 2.5rem; padding: 1rem 0 0 1.6rem; border-top: 1px solid; }}
.notes li {{ margin-bottom: 0.6rem; break-inside: avoid; }}
@media print {{ body {{ margin: 0; max-width: none; font-size: 11pt; }} }}
</style>
</head>
<body>
<h1 dir="auto">{title}</h1>
<p class="facts">{dates}</p>
{body}
<ol class="notes">
{notes}
</ol>
</body>
</html>
"""


def as_html(entry: Entry, answers: Sequence[Kept], since: Sequence[Sequence[str]]) -> str:
    """A page by itself, which loads nothing, for reading and printing."""
    parts: list[str] = []
    notes: list[str] = []
    for kept, changes in zip(answers, since, strict=True):
        told = kept.answer["answer"]
        marks = ""
        for row, became in zip(told["citations"], changes, strict=True):
            number = len(notes) + 1
            marks += f'<sup><a id="r{number}" href="#n{number}">[{number}]</a></sup>'
            notes.append(_note(number, row, became))
        parts.append(f'<h2 dir="auto">{kept.number}. {escape(told["question"])}</h2>')
        parts.append(f'<p dir="auto">{_answer(told, escape)}{marks}</p>')
        parts += [f'<p class="facts" dir="auto">{escape(line)}</p>' for line in _remarks(told)]
    return _PAGE.format(
        title=escape(entry.title), dates=escape(_dates(entry)), body="\n".join(parts), notes="\n".join(notes)
    )


def _note(number: int, row: dict[str, Any], became: str) -> str:
    address = web_address(row["url"])
    link = f', <a href="{escape(address)}" rel="noopener noreferrer">{escape(address)}</a>' if address else ""
    return (
        f'<li id="n{number}"><span dir="auto">“{escape(row["sentence"])}”</span> {escape(_facts(row))}{link}.'
        f' {escape(became)} <a href="#r{number}" aria-label="Back to the answer">↩</a></li>'
    )


# What all say ------------------------------------------------------------------------------------------------


def _dates(entry: Entry) -> str:
    return f"Asked of article-qa from {_moment(entry.created)} to {_moment(entry.changed)}."


def _moment(when: datetime) -> str:
    when = when.astimezone(UTC)
    return f"{when.day} {when:%B %Y, %H:%M} UTC"


def _answer(told: dict[str, Any], clean: Callable[[str], str]) -> str:
    return clean(SILENT if told["answer"] is None else told["answer"])


def _remarks(told: dict[str, Any]) -> list[str]:
    """What is to be known besides the answer: how sure it is, what was searched for, who answered in whose place."""
    sure = [] if told["answer"] is None else [f"Confidence {told['confidence']:.0%}."]
    searched = [f"Searched for: {told['query']}"] if told["query"] != told["question"] else []
    return [*sure, *searched, *filter(None, [told["note"]])]


def _facts(row: dict[str, Any]) -> str:
    """The cited article, the quote in it and its place."""
    article = ", ".join(filter(None, (row["title"], row["source"], row["date"] or "no date")))
    return f"{article}; “{row['quote']}”, characters {row['start']:,}–{row['end']:,}"


_FORMS = {
    "md": ("text/markdown", as_markdown),
    "json": ("application/json", as_json),
    "html": ("text/html", as_html),
}
