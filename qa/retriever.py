"""The index as a LangChain retriever, for anyone's chain."""

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from index.scope import Scope
from index.search import Passage
from index.store import Index


class ArticleRetriever(BaseRetriever):
    """Finds passages of the index, best first.

    Each comes as a LangChain Document: its text, and in the metadata `article_id, title, date, source, url`,
    the offsets `start, end` in the article's text, and `score, dense, lexical, rank`.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    k: int = 10
    scope: Scope = Scope()

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [as_document(passage) for passage in self.index.search(query, limit=self.k, scope=self.scope)]


def as_document(passage: Passage) -> Document:
    """A passage in LangChain's terms."""
    article = passage.article
    metadata: dict[str, Any] = {
        "article_id": article.id,
        "title": article.title,
        "date": article.date.isoformat() if article.date else None,
        "source": article.source,
        "url": article.url,
        "start": passage.start,
        "end": passage.end,
        "score": passage.score,
        "dense": passage.dense,
        "lexical": passage.lexical,
        "rank": passage.rank,
    }
    return Document(id=passage.chunk_id, page_content=passage.text, metadata=metadata)
