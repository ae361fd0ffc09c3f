"""Answers as LangChain messages, with its standard citation blocks."""

from langchain_core.messages import AIMessage
from langchain_core.messages.content import Citation as Annotation
from langchain_core.messages.content import create_citation, create_text_block

from qa.answer import Answer, Citation

SILENCE = "The articles do not say."


def as_message(answer: Answer) -> AIMessage:
    """An answer as a message of one text block, to be put behind `QA.as_runnable()`.

    Each citation is an annotation: its indices are the place in the text that it stands for, `cited_text` is the
    quote, and `extras` has the `article_id` and the quote's `start` and `end` in the article. A language model's
    sentences are annotated one by one. `additional_kwargs` has the query, the confidence and the note.
    """
    text = answer.text or SILENCE
    block = create_text_block(text, annotations=list(_annotations(answer)) or None)
    facts = {"query": answer.query, "confidence": answer.confidence, "note": answer.note, "reader": answer.reader}
    return AIMessage(content_blocks=[block], additional_kwargs=facts)


def _annotations(answer: Answer) -> list[Annotation]:
    if answer.text is None:
        return []
    verified = [statement for statement in answer.statements if statement.verified]
    if not verified:
        return [_annotation(citation, 0, len(answer.text)) for citation in answer.citations]
    found, place = [], 0
    for statement in verified:
        place = answer.text.index(statement.text, place)
        end = place + len(statement.text)
        found += [_annotation(citation, place, end) for citation in statement.citations]
        place = end
    return found


def _annotation(citation: Citation, start: int, end: int) -> Annotation:
    article = citation.article
    return create_citation(
        url=article.url,
        title=article.title,
        start_index=start,
        end_index=end,
        cited_text=citation.quote,
        article_id=article.id,
        start=citation.start,
        end=citation.end,
    )
