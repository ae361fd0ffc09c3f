"""The index as a LangChain retriever."""

import asyncio

from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnablePassthrough

import qa


def test_it_is_a_langchain_retriever_with_scores_and_offsets(session: qa.QA) -> None:
    retriever = session.as_retriever(k=4)
    assert isinstance(retriever, BaseRetriever)
    found = retriever.invoke("Who led the inquiry into the Lady Maren?")
    assert len(found) == 4
    scores = [document.metadata["score"] for document in found]
    assert scores == sorted(scores, reverse=True)
    for document in found:
        article = session.index.article(document.metadata["article_id"])
        assert article is not None
        assert document.page_content == article.text[document.metadata["start"] : document.metadata["end"]]


def test_it_keeps_to_its_dates_and_sources(session: qa.QA) -> None:
    found = session.as_retriever(since="2021-02-01", until="2021-02-28", source="Strait Observer").invoke("the ferry")
    assert {document.metadata["source"] for document in found} == {"Strait Observer"}
    assert {document.metadata["date"][:7] for document in found} == {"2021-02"}


def test_it_keeps_to_the_articles_chosen(session: qa.QA) -> None:
    chosen = session.as_retriever().invoke("the ferry")[-1].metadata["article_id"]
    found = session.as_retriever(articles=[chosen]).invoke("the ferry")
    assert {document.metadata["article_id"] for document in found} == {chosen}


def test_it_works_in_a_chain_and_asynchronously(session: qa.QA) -> None:
    chain = {"found": session.as_retriever(k=2), "question": RunnablePassthrough()} | RunnablePassthrough()
    assert len(chain.invoke("comet")["found"]) == 2
    assert len(asyncio.run(session.as_retriever(k=2).ainvoke("comet"))) == 2
