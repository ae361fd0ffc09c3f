"""From evidence to citations: each is checked against the article before anybody sees it."""

import logging
from collections.abc import Iterable

from qa.answer import Citation
from qa.reader import Evidence

logger = logging.getLogger(__name__)


def cite(evidence: Iterable[Evidence]) -> tuple[Citation, ...]:
    """Citations for evidence, in its order, each span once.

    Evidence that does not stand in the passage it claims to come from is left out: a reader may be wrong, or be
    a language model that makes things up.
    """
    citations: dict[tuple[str, int, int], Citation] = {}
    for item in evidence:
        article = item.passage.article
        if _stands(item):
            places = (item.start, item.end, item.sentence_start, item.sentence_end)
            citation = Citation(article, *places, reprints=item.passage.reprints)
            citations.setdefault((article.id, item.start, item.end), citation)
        else:
            logger.warning("left out a citation outside its passage: article %s, %s", article.id, item)
    return tuple(citations.values())


def _stands(item: Evidence) -> bool:
    passage = item.passage
    inside = passage.start <= item.sentence_start <= item.start < item.end <= item.sentence_end <= passage.end
    return (
        inside
        and passage.end <= len(passage.article.text)
        and bool(passage.article.text[item.start : item.end].strip())
    )
