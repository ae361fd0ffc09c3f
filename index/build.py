"""Brings the ledger up to date: articles are chunked, embedded and stored, what vanished is erased."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.article import Article, Chunk, Version
from index.backup import from_base64, read_backup
from index.chunking import chunk_spans
from index.embeddings import Embedder
from index.protocols import AnyLedger, Embedded
from index.report import OnProgress, Progress, Report
from index.scan import Scan
from index.schema import unpack_vectors
from index.settings import IndexSettings

# One transaction: some seconds of embedding, so that little is lost when it is cut short.
_COMMIT_CHUNKS = 512

# A longer title is cut for embedding, to leave room for the chunk.
_TITLE_TOKENS = 48


def update(
    paths: Iterable[Path | str],
    *,
    ledger: AnyLedger,
    embedder: Embedder,
    settings: IndexSettings,
    on_progress: OnProgress,
    on_stored: Callable[[], None],
) -> Report:
    """Index files, folders and web pages, a transaction every few hundred chunks; `on_stored` is called after each."""
    report = Report()
    scan = Scan(
        paths,
        ledger,
        report,
        max_bytes=int(settings.max_file_mb * 1e6),
        fetch_seconds=settings.fetch_seconds,
        allow_private_urls=settings.allow_private_urls,
    )
    jobs = (_job(article, embedder) for article in scan.work(on_progress))
    _store(jobs, report, ledger=ledger, embedder=embedder, on_progress=on_progress, on_stored=on_stored)
    # Last, so that what only moved from file to file is never missing.
    if vanished := scan.vanished():
        ledger.remove(vanished)
        report.removed = len(vanished)
    return report


def restore(
    backup: Path,
    *,
    ledger: AnyLedger,
    embedder: Embedder,
    on_progress: OnProgress,
    on_stored: Callable[[], None],
) -> Report:
    """Index the articles of a backup, under the ids they had, with their earlier versions.

    Vectors in it are taken over where the same model made them.
    """
    report = Report()
    known = ledger.hashes()
    earlier: list[Version] = []

    def news() -> Iterator[_Job]:
        for article, versions, kept in read_backup(backup, report):
            if article.id in known and known[article.id][0] == article.content_hash:
                report.unchanged += 1
                continue
            earlier.extend(versions)
            if kept and kept.is_of(article, fingerprint=embedder.fingerprint, dimension=embedder.dimension):
                yield _Job(article, [Chunk(article.id, *span) for span in kept.spans], "", kept.vectors)
            else:
                yield _job(article, embedder)

    _store(news(), report, ledger=ledger, embedder=embedder, on_progress=on_progress, on_stored=on_stored)
    ledger.put_versions(earlier)
    return report


def _store(
    jobs: Iterable["_Job"],
    report: Report,
    *,
    ledger: AnyLedger,
    embedder: Embedder,
    on_progress: OnProgress,
    on_stored: Callable[[], None],
) -> None:
    """Embed and store articles; the report counts them."""
    known = ledger.hashes().keys()
    # All is read before anything is embedded: only then it is known how much there is to do.
    with ledger.work() as work:
        total = 0
        for job in jobs:
            total += 0 if job.vectors else len(job.chunks)
            work.put(job.article, job.note)
        advance = _counter(report, total, on_progress)
        for share in work.shares():
            for batch in _batches(_again(article, *note) for article, note in share):
                stored = work.store(_embedded(batch, embedder, advance))
                changed = sum(article_id in known for article_id in stored)
                report.changed += changed
                report.added += len(stored) - changed
                on_stored()


def rebuild(*, ledger: AnyLedger, embedder: Embedder, on_progress: OnProgress) -> Report:
    """Embed the ledger's articles again, beside what is in use, and swap at the end."""
    report = Report()
    waiting = ledger.begin_rebuild(embedder.fingerprint)
    advance = _counter(report, ledger.counts()[1], on_progress)
    articles = filter(None, map(ledger.article, waiting))
    for batch in _batches(_job(article, embedder) for article in articles):
        ledger.put_aside(_embedded(batch, embedder, advance))
        report.changed += len(batch)
    ledger.swap(embedder.fingerprint)
    return report


def embed_again(article_ids: Iterable[str], *, ledger: AnyLedger, embedder: Embedder, on_progress: OnProgress) -> None:
    """Make the chunks and vectors of articles anew from their texts."""
    jobs = [_job(article, embedder) for article in filter(None, map(ledger.article, article_ids))]
    advance = _counter(Report(), sum(len(job.chunks) for job in jobs), on_progress)
    for batch in _batches(jobs):
        ledger.replace(_embedded(batch, embedder, advance))


def _counter(report: Report, total: int, on_progress: OnProgress) -> Callable[[int], None]:
    def advance(chunks: int) -> None:
        report.chunks_embedded += chunks
        on_progress(Progress("embedding", report.chunks_embedded, max(total, report.chunks_embedded)))

    return advance


@dataclass(frozen=True, slots=True)
class _Job:
    """An article to embed: its chunks, and the title as it is put before each; or else their `vectors` as stored."""

    article: Article
    chunks: list[Chunk]
    title: str
    vectors: str = ""

    @property
    def texts(self) -> list[str]:
        return [f"{self.title}\n{self.article.text[chunk.start : chunk.end]}" for chunk in self.chunks]

    @property
    def note(self) -> Any:
        """What is to be remembered of it beside the article."""
        return [self.title, [(chunk.start, chunk.end) for chunk in self.chunks], self.vectors]


def _job(article: Article, embedder: Embedder) -> _Job:
    starts = embedder.token_starts(article.title)
    limit = min(_TITLE_TOKENS, embedder.room // 4)
    title = article.title[: starts[limit]].rstrip() if len(starts) > limit else article.title
    budget = embedder.room - min(len(starts), limit)
    spans = chunk_spans(article.text, budget=budget, token_starts=embedder.token_starts)
    return _Job(article, [Chunk(article.id, *span) for span in spans], title)


def _again(article: Article, title: str, spans: list[tuple[int, int]], vectors: str) -> _Job:
    """A job as it was before it waited."""
    return _Job(article, [Chunk(article.id, *span) for span in spans], title, vectors)


def _batches(jobs: Iterable[_Job]) -> Iterator[list[_Job]]:
    batch: list[_Job] = []
    for job in jobs:
        batch.append(job)
        if sum(len(job.chunks) for job in batch) >= _COMMIT_CHUNKS:
            yield batch
            batch = []
    if batch:
        yield batch


def _embedded(batch: list[_Job], embedder: Embedder, advance: Callable[[int], None]) -> list[Embedded]:
    texts = [text for job in batch if not job.vectors for text in job.texts]
    fresh = iter(embedder.embed(texts, advance=advance) if texts else ())
    embedded: list[Embedded] = []
    for job in batch:
        vectors = iter(unpack_vectors(from_base64(job.vectors, len(job.chunks)))) if job.vectors else fresh
        embedded.append((job.article, [(chunk, next(vectors)) for chunk in job.chunks]))
    return embedded
