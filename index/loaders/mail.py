"""E-mail: the newsletter or press release in a message, not what is attached to it."""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import cast

from index.errors import LoadError
from index.loaders.file import File, decode
from index.loaders.markup import html_words
from index.loaders.plain import unwrap
from index.loaders.record import Record

SUFFIXES = (".eml",)

_STUB = 200  # characters; plain parts shorter than that often say no more than where to read the message
_LONGEST = 2_000  # characters of a header; the standard library takes time that grows with their square


class _Brief(EmailPolicy):
    """Takes from long headers no more than their beginning."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST]


def load(file: File) -> Iterator[Record]:
    """Read the message: its subject is the title, its sender the source."""
    message = cast(EmailMessage, message_from_bytes(file.data(), policy=_Brief()))
    if not message.keys():
        raise LoadError("is not a mail message: it begins with no headers")
    text = _text(message)
    if not text.strip():
        raise LoadError("the message holds no text, or only attachments")
    yield Record(text=text, title=_header(message, "subject"), date=_header(message, "date"), source=_sender(message))


def _text(message: EmailMessage) -> str:
    """The plain text; that of the HTML where the plain one is missing or a mere stub."""
    plain, html = unwrap(_part(message, "plain")), html_words(_part(message, "html"))
    return html if len(plain) < _STUB and len(html) > 2 * len(plain) else plain


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    data = part.get_payload(decode=True) if part else None
    return decode(data, part.get_content_charset()) if part and isinstance(data, bytes) and data.strip() else ""


def _header(message: EmailMessage, name: str) -> str | None:
    try:
        return str(message[name]) if message[name] is not None else None
    except Exception:  # the standard library chokes on some malformed headers, which are no reason to lose the text
        return None


def _sender(message: EmailMessage) -> str | None:
    try:
        sender = message["from"].addresses[0]
    except Exception:  # as above; or there is none
        return _header(message, "from")
    return str(sender.display_name or sender.addr_spec) or None
