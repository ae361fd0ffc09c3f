"""The engines that an index runs on, chosen here and nowhere else: files in a folder, or servers on a network."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from index.dense import Dense
from index.errors import SettingsError
from index.folder import open_folder
from index.lock import write_lock
from index.protocols import AnyLedger, Vectors
from index.settings import IndexSettings


@dataclass(frozen=True, slots=True)
class Engines:
    """A ledger, vectors that follow it, and how to be allowed to change them: `alone`, or beside others who may be."""

    name: str
    ledger: AnyLedger
    vectors: Vectors
    writing: Callable[[bool], AbstractContextManager[None]]


def open_engines(settings: IndexSettings, *, create: bool) -> Engines:
    """Open what the settings name. Raises IndexNotFound, IndexUnusable, SettingsError."""
    if settings.database_url:
        return _on_servers(settings, settings.database_url.get_secret_value(), create)
    folder = settings.index.expanduser()
    ledger = open_folder(folder, shown=settings.index, create=create, wait=settings.wait)
    vectors = _remote(settings, ledger) if settings.chroma_url else Dense(folder, ledger)
    # In a folder there is one writer at a time, whatever it does.
    return Engines(str(settings.index), ledger, vectors, lambda alone: write_lock(folder, wait=settings.wait))


def _on_servers(settings: IndexSettings, database_url: str, create: bool) -> Engines:
    if not settings.chroma_url:
        raise SettingsError(
            "--database-url (QA_DATABASE_URL) is set, but not --chroma-url (QA_CHROMA_URL): where many share an index,"
            " its vectors must be where all reach them. Start a Chroma server and name it, or leave both out"
        )
    from index.postgres.ledger import PostgresLedger

    ledger = PostgresLedger(database_url, create=create)
    vectors = _remote(settings, ledger)
    return Engines(ledger.name, ledger, vectors, lambda alone: ledger.changing(alone=alone, wait=settings.wait))


def _remote(settings: IndexSettings, ledger: AnyLedger) -> Vectors:
    from index.chroma_server import Server
    from index.remote import Remote

    headers = settings.chroma_headers.get_secret_value() if settings.chroma_headers else ""
    return Remote(Server(settings.chroma_url or "", headers), ledger)
