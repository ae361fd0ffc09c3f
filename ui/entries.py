"""Kept conversations as HTML: rows of their list."""

from html import escape

from ui.history import MAX_TITLE_CHARS, Entry


def row(entry: Entry, *, current: bool) -> str:
    """A conversation in the list: a button that opens it, and what else can be done with it."""
    title, when = escape(entry.title), entry.changed
    here = ' aria-current="true"' if current else ""
    many = f"{entry.answers} question" + ("" if entry.answers == 1 else "s")
    saves = "".join(
        f'<button type="button" class="quiet" data-do="save" data-form="{form}">{words}</button>'
        for form, words in (("md", "Markdown"), ("html", "Page to print"), ("json", "JSON"))
    )
    return (
        f'<li class="talk" data-id="{escape(entry.id)}">'
        f'<button type="button" class="card" data-do="open"{here}><span class="title" dir="auto">{title}</span>'
        f'<span class="facts">{many} · <time datetime="{when.isoformat()}">{when.day} {when:%B %Y, %H:%M} UTC</time>'
        f'</span></button><details class="more"><summary class="quiet" aria-label="More about {title}" title="More">'
        f'<span aria-hidden="true">⋯</span></summary><div class="choices">'
        '<button type="button" class="quiet" data-do="rename">Rename</button>'
        '<span class="saves" role="group" aria-label="Save a copy"><span aria-hidden="true">Save as</span>'
        f"{saves}</span>"
        '<button type="button" class="quiet" data-do="doubt">Delete …</button></div></details>'
        f'<form class="naming" hidden><input name="title" value="{title}" maxlength="{MAX_TITLE_CHARS}" required'
        ' aria-label="Title" autocomplete="off" dir="auto"><button class="firm">Save</button>'
        '<button type="button" class="quiet" data-do="keep">Cancel</button></form>'
        '<p class="doubt" hidden>Delete this conversation, with its answers and your notes? '
        '<button type="button" class="firm" data-do="delete">Delete</button> '
        '<button type="button" class="quiet" data-do="keep">Keep</button></p></li>'
    )
