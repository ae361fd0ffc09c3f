"""A conversation's turns as HTML. What comes from outside is escaped where it meets the markup, never before."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from html import escape

from qa import Answer, Citation, Passage
from ui.cards import card, card_list, emphasised
from ui.markers import marker, with_tail
from ui.place import Place, Span
from ui.statements import statements

NEAREST = 3
_ABOUT = {True: "There are articles about this, but they do not say.", False: "Nothing in them is about this."}
_WORDS_FOR = ((0.8, "Very likely"), (0.6, "Likely"), (0.4, "Perhaps"), (0.0, "A guess"))


def turn(question: str, reply: str) -> str:
    """A question and what was replied to it; `reply` is HTML."""
    asked = f'<p class="question" dir="auto"><span class="unseen">You asked: </span>{escape(question)}</p>'
    return f'<section class="turn">{asked}<div class="reply">{reply}</div></section>'


def pending() -> str:
    """What stands in the place of a reply that is on its way."""
    return '<p class="pending">Looking through the articles …</p>'


def trouble(message: str) -> str:
    """An error, calmly."""
    return f'<p class="trouble" dir="auto">{escape(message[:1].upper() + message[1:])}</p>'


def reply(answer: Answer, *, since: Sequence[str] = ()) -> str:
    """The answer with its citations, or that the articles do not say, with the nearest passages.

    `since` tells for each citation of an answer from before what became of its article, empty where nothing did.
    """
    told = f'<p class="note" dir="auto">{escape(answer.note)}</p>' if answer.note else ""
    if answer.text is None:
        about = f'<p class="note">{_ABOUT[answer.related]}</p>' if answer.passages else ""
        silence = '<p class="answer">The articles do not say.</p>'
        return f"{silence}{about}{told}{_searched(answer)}{_nearest(answer.passages)}"
    places = _places(answer.citations)
    shown = answer.text if answer.statements else f"{answer.text} {answer.sentence}"
    cards = [
        card(
            place,
            citation.article,
            number=number,
            excerpt="" if citation.sentence in shown else citation.sentence,
            emphasis=_emphasis(citation),
            carriers=citation.also_carried_by,
            since=since[number - 1] if since else "",
        )
        for number, (place, citation) in enumerate(zip(places, answer.citations, strict=True), start=1)
    ]
    body = statements(answer, places) if answer.statements else _extract(answer, places)
    return f"{body}{_standing(answer)}{told}{_searched(answer)}{card_list(cards)}"


def _extract(answer: Answer, places: Sequence[Place]) -> str:
    """The words of an article that answer, and under them the sentence they are from, where they are not all of it."""
    assert answer.text
    text = f'<p class="answer" dir="auto">{_with_markers(answer.text, answer.citations, places)}</p>'
    first = answer.citations[0]
    if first.sentence in answer.text:
        return text
    day = ""
    if first.day:
        day = f'<p class="note"><q>{escape(first.quote)}</q> is {first.day:%A}, {first.day.day} {first.day:%B %Y}.</p>'
    return f'{text}<p class="sentence" dir="auto">{emphasised(first.sentence, *_emphasis(first))}</p>{day}'


def _emphasis(citation: Citation) -> Span:
    return citation.start - citation.sentence_start, citation.end - citation.sentence_start


def _standing(answer: Answer) -> str:
    """How sure the answer is, and how many say so."""
    articles = len({citation.article.id for citation in answer.citations})
    among = f" · {articles} articles say so" if articles > 1 and not answer.statements else ""
    by = f" · written by {escape(answer.reader)}, checked against the passages" if answer.statements else ""
    sure = "" if answer.confidence is None else _confidence(answer.confidence)
    return f'<p class="note">{f"{sure}{among}{by}".removeprefix(" · ")}</p>'


def _searched(answer: Answer) -> str:
    """What was searched for in the question's place, to be edited and searched for again."""
    if answer.query == answer.question:
        return ""
    return (
        f'<div class="searched"><p class="note" dir="auto">Searched for: <q>{escape(answer.query)}</q>'
        ' <button type="button" class="quiet" data-do="edit">Edit</button></p>'
        f'<form data-question="{escape(answer.question)}" hidden>'
        f'<input type="text" aria-label="Search for" value="{escape(answer.query)}" dir="auto" autocomplete="off">'
        ' <button type="submit" class="firm">Search again</button></form></div>'
    )


def _places(citations: Sequence[Citation]) -> list[Place]:
    """Where each citation leads: its quote first, then its sentence and what else is cited of that article."""
    spans: dict[str, list[Span]] = defaultdict(list)
    for citation in citations:
        spans[citation.article.id] += [
            (citation.start, citation.end),
            (citation.sentence_start, citation.sentence_end),
        ]
    return [Place.of(c.article, (c.start, c.end), *spans[c.article.id]) for c in citations]


def _with_markers(text: str, citations: Sequence[Citation], places: Sequence[Place]) -> str:
    """The text with each citation's number behind its quote, or at the end where the quote is not in it."""
    markers: dict[int, list[str]] = defaultdict(list)
    for number, (citation, place) in enumerate(zip(citations, places, strict=True), start=1):
        found = text.find(citation.quote)
        at = found + len(citation.quote) if found >= 0 else len(text)
        markers[at].append(marker(number, place, citation.article))
    edges = [0, *sorted({*markers, len(text)})]
    pieces = zip(edges, edges[1:], strict=False)
    return "".join(with_tail(text[start:end], "".join(markers[end])) for start, end in pieces)


def _confidence(value: float) -> str:
    words = next((words for least, words in _WORDS_FOR if value >= least), _WORDS_FOR[-1][1])
    meaning = f"Of answers this sure, about {round(100 * value)} in 100 were right on questions with known answers."
    return f'<span title="{meaning}">{words} – {value:.0%}</span>'


def _nearest(passages: Iterable[Passage]) -> str:
    first: dict[str, Passage] = {}
    for passage in passages:
        first.setdefault(passage.article.id, passage)
    if not first:
        return '<p class="note">No article was found to look in.</p>'
    cards = [
        card(Place.of(p.article, (p.start, p.end)), p.article, excerpt=p.text) for p in list(first.values())[:NEAREST]
    ]
    return f'<p class="note">The nearest passages:</p>{card_list(cards)}'


def welcome(count: int, examples: Sequence[str], *, sample: bool) -> str:
    """What stands in an empty conversation: what this is, and what can be done first."""
    if not count:
        offer = '<button type="button" class="plain" data-do="sample">Index the sample articles</button>'
        return (
            '<div class="welcome"><h2>Nothing to read yet</h2><p>This page answers questions from news articles, and'
            " shows the sentence that says so. There are no articles in the index yet: upload some to begin.</p>"
            '<p class="first"><button type="button" class="firm" data-do="upload">Upload articles</button> '
            f"{offer if sample else ''}</p></div>"
        )
    asks = "".join(
        f'<li><button type="button" class="plain" data-ask="{escape(question)}">{escape(question)}</button></li>'
        for question in examples
    )
    noun = "article" if count == 1 else "articles"
    return (
        f'<div class="welcome"><h2>What would you like to know?</h2><p>Answers come from {count:,} {noun}, word for'
        f' word; the numbers behind them open the article at that sentence.</p><ul class="examples">{asks}</ul></div>'
    )
