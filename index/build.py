"""Brings the ledger up to date: articles are chunked, embedded and stored, what vanished is erased."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from index.article import Article, Chunk
from index.chunking import chunk_spans
from index.embeddings import Embedder
from index.ledger import Ledger
from index.report import OnProgress, Progress, Report
from index.scan import Scan

# One transaction: some seconds of embedding, so that little is lost when it is cut short.
_COMMIT_CHUNKS = 512

# A longer title is cut for embedding, to leave room for the chunk.
_TITLE_TOKENS = 48


@dataclass(frozen=True, slots=True)
class _Job:
    """An article to embed: its chunks, and the title as it is put before each."""

    article: Article
    chunks: list[Chunk]
    title: str

    @property
    def texts(self) -> list[str]:
        return [f"{self.title}\n{self.article.text[chunk.start : chunk.end]}" for chunk in self.chunks]


def update(
    paths: Iterable[Path],
    *,
    ledger: Ledger,
    embedder: Embedder,
    max_bytes: int,
    follow: Callable[[], None],
    on_progress: OnProgress,
) -> Report:
    """Index files and folders; `follow` is called after each transaction, to let Chroma follow the ledger."""
    report = Report()
    scan = Scan(paths, ledger, report, max_bytes=max_bytes)
    jobs = [_job(article, embedder) for article in scan.work(on_progress)]
    if vanished := scan.vanished():
        ledger.remove(vanished)
        follow()
        report.removed = len(vanished)

    total = sum(len(job.chunks) for job in jobs)

    def advance(chunks: int) -> None:
        report.chunks_embedded += chunks
        on_progress(Progress("embedding", report.chunks_embedded, total))

    for batch in _batches(jobs):
        vectors = iter(embedder.embed([text for job in batch for text in job.texts], on_batch=advance))
        ledger.replace([(job.article, [(chunk, next(vectors)) for chunk in job.chunks]) for job in batch])
        follow()
        changed = sum(scan.is_known(job.article.id) for job in batch)
        report.changed += changed
        report.added += len(batch) - changed
    return report


def _job(article: Article, embedder: Embedder) -> _Job:
    starts = embedder.token_starts(article.title)
    limit = min(_TITLE_TOKENS, embedder.room // 4)
    title = article.title[: starts[limit]].rstrip() if len(starts) > limit else article.title
    budget = embedder.room - min(len(starts), limit)
    spans = chunk_spans(article.text, budget=budget, token_starts=embedder.token_starts)
    # Ids are made from the content, so that an article indexed again has the same ones.
    prefix = f"{article.id}-{article.content_hash[:8]}"
    chunks = [Chunk(f"{prefix}-{number}", article.id, *span) for number, span in enumerate(spans)]
    return _Job(article, chunks, title)


def _batches(jobs: Iterable[_Job]) -> Iterator[list[_Job]]:
    batch: list[_Job] = []
    for job in jobs:
        batch.append(job)
        if sum(len(job.chunks) for job in batch) >= _COMMIT_CHUNKS:
            yield batch
            batch = []
    if batch:
        yield batch
