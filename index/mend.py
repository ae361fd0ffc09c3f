"""Mends what the doctor found: texts from their files, vectors from texts, everything else from the ledger."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from index.build import embed_again
from index.doctor import Finding
from index.embeddings import Embedder
from index.protocols import AnyLedger, Vectors
from index.report import OnProgress


def mend(
    findings: Sequence[Finding],
    *,
    ledger: AnyLedger,
    vectors: Vectors,
    embedder: Embedder,
    read_again: Callable[[Iterable[Path]], object],
    on_progress: OnProgress,
) -> list[str]:
    """Mend an index that was examined; what had to be given up is returned. The model must be the right one.

    `read_again` indexes files.
    """
    kinds = {finding.kind for finding in findings}
    if "ledger" in kinds:
        ledger.rewrite_file()
    damaged = {finding.article_id for finding in findings if finding.kind == "text" and finding.article_id}
    known = ledger.hashes()
    paths = [Path(path) for article_id in damaged if (path := known[article_id][1])]
    ledger.drop(damaged)
    again = [finding.article_id for finding in findings if finding.kind in ("chunks", "vectors") and finding.article_id]
    embed_again(again, ledger=ledger, embedder=embedder, on_progress=on_progress)
    if kinds & {"ledger", "text", "chunks", "vectors", "words"}:
        ledger.rewrite_words()
    read_again([path for path in dict.fromkeys(paths) if path.is_file()])
    vectors.publish(erase=True, anew="edition" in kinds)
    back = ledger.hashes()
    return [
        f"article {article_id} is lost, and was not found in its file: index {known[article_id][1]} again, or a backup"
        for article_id in sorted(damaged)
        if article_id not in back
    ]
