"""A conversation's turns as HTML. What comes from outside is escaped where it meets the markup, never before."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from html import escape

from qa import Answer, Citation, Passage
from ui.cards import card, card_list
from ui.place import Place, Span

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
    searched = ""
    if answer.query != answer.question:
        searched = f'<p class="note" dir="auto">Searched for: {escape(answer.query)}</p>'
    if answer.text is None:
        note = f'<p class="note">{_ABOUT[answer.related]}</p>' if answer.passages else ""
        return f'<p class="answer">The articles do not say.</p>{note}{searched}{_nearest(answer.passages)}'
    places = _places(answer.citations)
    cards = [
        card(
            place,
            citation.article,
            number=number,
            excerpt="" if citation.sentence in answer.text else citation.sentence,
            emphasis=(citation.start - citation.sentence_start, citation.end - citation.sentence_start),
            carriers=citation.also_carried_by,
            since=since[number - 1] if since else "",
        )
        for number, (place, citation) in enumerate(zip(places, answer.citations, strict=True), start=1)
    ]
    text = _with_markers(answer.text, answer.citations, places)
    confidence = f'<p class="note">{_confidence(answer.confidence)}</p>'
    return f'<p class="answer" dir="auto">{text}</p>{confidence}{searched}{card_list(cards)}'


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
        label = escape(f"Citation {number}: {citation.article.title}")
        markers[at].append(
            f'<button type="button" class="marker" data-cite="{escape(place.key)}" aria-label="{label}">[{number}]'
            "</button>"
        )
    edges = [0, *sorted({*markers, len(text)})]
    pieces = zip(edges, edges[1:], strict=False)
    return "".join(_with_tail(text[start:end], "".join(markers[end])) for start, end in pieces)


def _with_tail(text: str, markers: str) -> str:
    """The text and its markers, the first of which no line break parts from the last word."""
    before, space, last = text.rpartition(" ")
    return f'{escape(before + space)}<span class="kept">{escape(last)}{markers}</span>' if markers else escape(text)


def _confidence(value: float) -> str:
    words = next((words for least, words in _WORDS_FOR if value >= least), _WORDS_FOR[-1][1])
    return f"{words} – {value:.0%}"


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
