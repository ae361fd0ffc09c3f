"""Brings the ledger up to date: articles are chunked, embedded and stored, what vanished is erased."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from index.article import Article, Chunk, Version
from index.backup import read_backup
from index.chunking import chunk_spans
from index.embeddings import Embedder
from index.ledger import Embedded, Ledger
from index.report import OnProgress, Progress, Report
from index.scan import Scan
from index.settings import IndexSettings
from index.spool import Spool

# One transaction: some seconds of embedding, so that little is lost when it is cut short.
_COMMIT_CHUNKS = 512

# A longer title is cut for embedding, to leave room for the chunk.
_TITLE_TOKENS = 48


def update(
    paths: Iterable[Path | str],
    *,
    ledger: Ledger,
    embedder: Embedder,
    settings: IndexSettings,
    on_progress: OnProgress,
) -> Report:
    """Index files, folders and web pages, a transaction every few hundred chunks."""
    report = Report()
    scan = Scan(
        paths,
        ledger,
        report,
        max_bytes=int(settings.max_file_mb * 1e6),
        fetch_seconds=settings.fetch_seconds,
        allow_private_urls=settings.allow_private_urls,
    )
    _store(scan.work(on_progress), report, ledger=ledger, embedder=embedder, on_progress=on_progress)
    # Last, so that what only moved from file to file is never missing.
    if vanished := scan.vanished():
        ledger.remove(vanished)
        report.removed = len(vanished)
    return report


def restore(backup: Path, *, ledger: Ledger, embedder: Embedder, on_progress: OnProgress) -> Report:
    """Index the articles of a backup, under the ids they had, with their earlier versions."""
    report = Report()
    known = ledger.hashes()
    earlier: list[Version] = []

    def news() -> Iterator[Article]:
        for article, versions in read_backup(backup, report):
            if article.id in known and known[article.id][0] == article.content_hash:
                report.unchanged += 1
            else:
                earlier.extend(versions)
                yield article

    _store(news(), report, ledger=ledger, embedder=embedder, on_progress=on_progress)
    ledger.put_versions(earlier)
    return report


def _store(
    articles: Iterable[Article], report: Report, *, ledger: Ledger, embedder: Embedder, on_progress: OnProgress
) -> None:
    """Chunk, embed and store articles; the report counts them."""
    known = ledger.hashes().keys()
    # All is read before anything is embedded: only then it is known how much there is to do.
    with Spool() as spool:
        total = 0
        for article in articles:
            job = _job(article, embedder)
            total += len(job.chunks)
            spool.put(article, [job.title, [(chunk.start, chunk.end) for chunk in job.chunks]])
        advance = _counter(report, total, on_progress)
        for batch in _batches(_again(article, *note) for article, note in spool):
            ledger.replace(_embedded(batch, embedder, advance))
            changed = sum(job.article.id in known for job in batch)
            report.changed += changed
            report.added += len(batch) - changed


def rebuild(*, ledger: Ledger, embedder: Embedder, on_progress: OnProgress) -> Report:
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


def embed_again(article_ids: Iterable[str], *, ledger: Ledger, embedder: Embedder, on_progress: OnProgress) -> None:
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
    """An article to embed: its chunks, and the title as it is put before each."""

    article: Article
    chunks: list[Chunk]
    title: str

    @property
    def texts(self) -> list[str]:
        return [f"{self.title}\n{self.article.text[chunk.start : chunk.end]}" for chunk in self.chunks]


def _job(article: Article, embedder: Embedder) -> _Job:
    starts = embedder.token_starts(article.title)
    limit = min(_TITLE_TOKENS, embedder.room // 4)
    title = article.title[: starts[limit]].rstrip() if len(starts) > limit else article.title
    budget = embedder.room - min(len(starts), limit)
    spans = chunk_spans(article.text, budget=budget, token_starts=embedder.token_starts)
    return _Job(article, [Chunk(article.id, *span) for span in spans], title)


def _again(article: Article, title: str, spans: list[tuple[int, int]]) -> _Job:
    """A job as it was before it was spooled."""
    return _Job(article, [Chunk(article.id, *span) for span in spans], title)


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
    vectors = iter(embedder.embed([text for job in batch for text in job.texts], on_batch=advance))
    return [(job.article, [(chunk, next(vectors)) for chunk in job.chunks]) for job in batch]
