"""What is measured, each in a process of its own: `python -m tests.bench.workers WHAT FOLDER`.

FOLDER holds `articles.jsonl` and `questions.json`; a JSON object with the figures is printed.
"""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.corpus import holds

K = 10
_STARTED = time.perf_counter()


def ours(folder: Path) -> dict[str, Any]:
    """This project's index."""
    import qa

    with qa.QA.open(folder / "ours.index", create=True) as session:
        session.index.embedder.embed(["warm-up"])
        started = time.perf_counter()
        report = session.add(folder / "articles.jsonl")
        seconds = time.perf_counter() - started
        again = session.add(folder / "articles.jsonl")
        assert report.chunks_embedded and not again.chunks_embedded
        figures = {"seconds": seconds, "chunks": report.chunks_embedded, "again_seconds": again.seconds}
        return figures | _retrieval(folder, lambda q: [p.text for p in session.index.search(q, limit=K)])


def plain(folder: Path) -> dict[str, Any]:
    """LangChain's usual recipe: splitter, HuggingFaceEmbeddings with the same model, Chroma.from_documents."""
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_huggingface import HuggingFaceEmbeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    from index.compile import packaged_model

    embeddings = HuggingFaceEmbeddings(model_name=str(packaged_model()), model_kwargs={"device": "cpu"})
    embeddings.embed_query("warm-up")
    started = time.perf_counter()
    articles = [json.loads(line) for line in (folder / "articles.jsonl").read_text().splitlines()]
    documents = [Document(article["text"], metadata={"title": article["title"]}) for article in articles]
    chunks = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_documents(documents)
    store = Chroma.from_documents(chunks, embeddings, persist_directory=str(folder / "plain"))
    seconds = time.perf_counter() - started

    def search(question: str) -> list[str]:
        return [document.page_content for document in store.similarity_search(question, k=K)]

    return {"seconds": seconds, "chunks": len(chunks)} | _retrieval(folder, search)


def txtai(folder: Path) -> dict[str, Any]:
    """txtai with its own defaults and the same model, on the chunks of the plain recipe."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter
    from txtai import Embeddings

    from index.compile import packaged_model

    embeddings = Embeddings(path=str(packaged_model()), content=True, gpu=False)
    embeddings.batchtransform(["warm-up"])
    started = time.perf_counter()
    articles = [json.loads(line) for line in (folder / "articles.jsonl").read_text().splitlines()]
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    chunks = [chunk for article in articles for chunk in splitter.split_text(article["text"])]
    embeddings.index(chunks)
    embeddings.save(str(folder / "txtai"))
    seconds = time.perf_counter() - started

    def search(question: str) -> list[str]:
        return [found["text"] for found in embeddings.search(question, K)]

    return {"seconds": seconds, "chunks": len(chunks)} | _retrieval(folder, search)


def _retrieval(folder: Path, search: Callable[[str], list[str]]) -> dict[str, Any]:
    questions = json.loads((folder / "questions.json").read_text())
    search(questions[0]["question"])
    hits, milliseconds, characters = [], [], []
    for question in questions:
        started = time.perf_counter()
        texts = search(question["question"])
        milliseconds.append(1e3 * (time.perf_counter() - started))
        hits.append([holds(" ".join(texts[:k]), question["answers"]) for k in (1, 5, K)])
        characters.append(sum(map(len, texts)))
    recall = [statistics.mean(column) for column in zip(*hits, strict=True)]
    return {
        "recall": dict(zip(("1", "5", "10"), recall, strict=True)),
        "search_ms": statistics.median(milliseconds),
        "characters": statistics.mean(characters),
    }


def agreement(folder: Path) -> dict[str, Any]:
    """How near the compiled model's vectors are to the original's in full precision."""
    import numpy as np

    from index.compile import load_sentence_transformer
    from index.embeddings import load_embedder
    from index.settings import DEFAULT_MODEL, IndexSettings

    lines = (folder / "articles.jsonl").read_text().splitlines()[:300]
    texts = [json.loads(line)["text"][:900] for line in lines]
    compiled = load_embedder(IndexSettings.build()).embed(texts)
    original = load_sentence_transformer(DEFAULT_MODEL).encode(texts, normalize_embeddings=True)
    cosines = (compiled * original).sum(axis=1)

    def nearest(vectors: Any) -> list[set[int]]:
        similarity = vectors @ vectors.T - 2 * np.eye(len(vectors))
        return [set(row) for row in similarity.argsort(axis=1)[:, -10:]]

    overlap = [len(a & b) / 10 for a, b in zip(nearest(compiled), nearest(original), strict=True)]
    return {"mean": float(cosines.mean()), "least": float(cosines.min()), "overlap": statistics.mean(overlap)}


def answering(folder: Path) -> dict[str, Any]:
    """Questions answered one after another by an open session on the index in FOLDER."""
    import qa

    questions = json.loads((folder / "questions.json").read_text())
    times = []
    with qa.QA.open(folder / "ours.index") as session:
        session.ask(questions[0]["question"])
        for question in questions:
            started = time.perf_counter()
            session.ask(question["question"])
            times.append(1e3 * (time.perf_counter() - started))
    return {"p50": statistics.median(times), "p95": statistics.quantiles(times, n=20)[-1]}


def serving(folder: Path) -> dict[str, Any]:
    """A process that opens the index FOLDER, answers, searches, and adds single articles."""
    import qa

    questions = [question["question"] for question in json.loads((folder.parent / "questions.json").read_text())]
    with qa.QA.open(folder) as session:
        session.ask(questions[0])
        first = time.perf_counter() - _STARTED
        searches = [_milliseconds(partial(session.index.search, question)) for question in questions]
        answers = [_milliseconds(partial(session.ask, question)) for question in questions[:50]]
        adds = []
        lines = (folder.parent / "articles.jsonl").read_text().splitlines()
        for number, line in enumerate(lines[:20]):
            article = folder.parent / f"{number}.txt"
            article.write_text(json.loads(line)["text"])
            adds.append(_milliseconds(partial(session.add, article)) / 1e3)
    return {
        "first": first,
        "search_p50": statistics.median(searches),
        "search_p95": statistics.quantiles(searches, n=20)[-1],
        "answer_p50": statistics.median(answers),
        "add_p50": statistics.median(adds),
        "add_max": max(adds),
    }


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - started)


def seeds(folder: Path) -> dict[str, Any]:
    """How the questions about the sample articles are answered from the index in FOLDER."""
    import qa

    lines = (Path(__file__).parent.parent / "qa" / "seed_questions.jsonl").read_text().splitlines()
    counts = {"right": 0, "wrong": 0, "silent": 0, "rightly silent": 0, "falsely answered": 0}
    with qa.QA.open(folder / "ours.index") as session:
        for question in map(json.loads, lines):
            text = session.ask(question["question"]).text
            if not question["answers"]:
                counts["falsely answered" if text else "rightly silent"] += 1
            elif not text:
                counts["silent"] += 1
            else:
                counts["right" if holds(text, question["answers"]) else "wrong"] += 1
    return counts


if __name__ == "__main__":
    measured = globals()[sys.argv[1]](Path(sys.argv[2]))
    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, kilobytes elsewhere
    measured["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    print(json.dumps(measured))
