"""Whether the articles are about what was asked, also when they do not say."""

from collections.abc import Sequence

from index.query import Query
from index.search import Passage
from qa.stems import stem, stems_of

# On 250 questions of 2022: 98% of those that their articles answer reach it, 5% of those asked of others' articles.
_LEAST = 0.86


def is_about(query: str, passages: Sequence[Passage]) -> bool:
    """Whether the passages, together with their titles, are near enough to the query in meaning and in words.

    The nearest's cosine and the largest share of the query's words are added up; words that only say what the query
    is about are not asked for.
    """
    asked = {stem(word) for word in Query.parse(query).terms}
    if not passages or not asked:
        return False
    shares = (len(asked & stems_of(f"{passage.article.title} {passage.text}")) / len(asked) for passage in passages)
    return max(passage.dense for passage in passages) + max(shares) >= _LEAST
