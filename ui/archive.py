"""The kept conversations as the page sees them: listed and searched, renamed, deleted, saved, judged."""

from collections.abc import Callable
from dataclasses import asdict
from html import escape
from typing import Any

from qa import QA, ArticleQAError
from ui import render
from ui.entries import row
from ui.export import export
from ui.functions import server_functions
from ui.history import History
from ui.owner import owner_of
from ui.recheck import Recheck
from ui.record import Record
from ui.verdicts import thumbs

_SHOWN = 200
_NOT_YOURS = (
    "This conversation is not among yours. It may have been deleted, or it is kept for somebody else or in another"
    " browser."
)
_NOBODY = "Conversations are not kept here: the browser gives no room to remember whose they are."


class Archive:
    """What the page can do with kept conversations. Whose they are is told by the request and the browser's secret."""

    def __init__(self, session: QA) -> None:
        self._session = session
        self._history = History(session.settings.index.expanduser().absolute())

    def record(self, named: object) -> tuple[Record | None, str]:
        """The record of the `conversation` named, or of a new one where there is no such; and HTML that says so.

        The record is None where nothing can be kept.
        """
        asked = _Asked(named)
        owner, conversation = asked.owner, asked.text("conversation")
        if owner is None:
            return None, _missing(conversation, _note(_NOBODY)) if conversation else ""
        anew = Record(self._session, self._history, owner)
        if not conversation:
            return anew, ""
        try:
            entry = self._history.entry(owner, conversation)
        except ArticleQAError as error:
            return anew, _missing(conversation, render.trouble(str(error)))
        if entry is None:
            return anew, _missing(conversation, _note(_NOT_YOURS))
        return Record(self._session, self._history, owner, entry.id), ""

    def functions(self) -> list[Callable[..., Any]]:
        """What the page's script may call. Each takes one object, with the browser's secret as `reader`."""
        return server_functions(
            list_conversations=lambda asked: self._list(_Asked(asked)),
            rename_conversation=lambda asked: self._rename(_Asked(asked)),
            delete_conversation=lambda asked: self._delete(_Asked(asked)),
            save_conversation=lambda asked: self._save(_Asked(asked)),
            judge_answer=lambda asked: self._judge(_Asked(asked)),
        )

    def _list(self, asked: "_Asked") -> str:
        """The owner's conversations with these words, or in words why there is none."""
        if asked.owner is None:
            return _note(_NOBODY)
        try:
            found = self._history.entries(asked.owner, asked.text("wanted"), limit=_SHOWN + 1)
        except ArticleQAError as error:
            return render.trouble(str(error))
        if not found:
            return _note(
                "No conversation has these words in its questions and answers."
                if asked.text("wanted").strip()
                else "Nothing is kept yet. What you ask will be listed here."
            )
        rows = "".join(row(entry, current=entry.id == asked.text("current")) for entry in found[:_SHOWN])
        more = _note(f"The latest {_SHOWN} are shown; the search finds the others.") if len(found) > _SHOWN else ""
        return f'<ol class="cards">{rows}</ol>{more}'

    def _rename(self, asked: "_Asked") -> str:
        """Nothing, or HTML on what went wrong."""
        if not asked.text("title").strip():
            return ""
        return self._try(lambda owner, id_: self._history.rename(owner, id_, asked.text("title")), asked)

    def _delete(self, asked: "_Asked") -> str:
        return self._try(self._history.delete, asked)

    def _try(self, change: Callable[[str, str], bool], asked: "_Asked") -> str:
        try:
            done = asked.owner is not None and change(asked.owner, asked.text("conversation"))
        except ArticleQAError as error:
            return render.trouble(str(error))
        return "" if done else _note(_NOT_YOURS)

    def _save(self, asked: "_Asked") -> dict[str, str]:
        """A file's `name`, `type` and `text`; or `trouble` as HTML."""
        owner, id_ = asked.owner, asked.text("conversation")
        try:
            entry = self._history.entry(owner, id_) if owner else None
            if owner is None or entry is None:
                return {"trouble": _note(_NOT_YOURS)}
            answers, recheck = self._history.answers(owner, id_), Recheck(self._session)
        except ArticleQAError as error:
            return {"trouble": render.trouble(str(error))}
        saved = export(asked.text("form"), entry, answers, [recheck(kept.answer).since for kept in answers])
        return asdict(saved) if saved else {"trouble": render.trouble("there is no such form of a conversation")}

    def _judge(self, asked: "_Asked") -> str:
        """The thumbs under an answer, with its new verdict."""
        number, verdict, note = asked.number("turn"), asked.text("verdict") or None, asked.text("note")
        wrong = self._try(lambda owner, id_: self._history.judge(owner, id_, number, verdict, note), asked)
        return wrong or thumbs(number, verdict, note, said="Kept." if note else "")


class _Asked:
    """What a call from the browser says. It can be anything, so that only text and numbers are taken from it."""

    def __init__(self, asked: object) -> None:
        self._given: dict[Any, Any] = asked if isinstance(asked, dict) else {}
        self.owner = owner_of(self._given.get("reader"))

    def text(self, name: str) -> str:
        value = self._given.get(name)
        return value.encode(errors="ignore").decode() if isinstance(value, str) else ""  # half a character is none

    def number(self, name: str) -> int:
        value = self.text(name)
        return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 0


def _missing(conversation: str, told: str) -> str:
    """What stands in the place of a conversation that was asked for; the page's script knows it by the id."""
    return f'<div data-missing="{escape(conversation)}">{told}</div>'


def _note(words: str) -> str:
    return f'<p class="note">{escape(words)}</p>'
