"""Marking: the text comes through whole, and the marks cover what they should."""

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from ui.marking import paragraphs

TEXTS = st.text(st.sampled_from("ab<>&\"'\n é😀;/=p#"), max_size=60)


class Reading(HTMLParser):
    """What a browser would make of it: the paragraphs' text, and what each kind of mark covers."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.paragraphs: list[str] = []
        self.marked = {"quoted": "", "also": ""}
        self._mark: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("p", "mark")
        if tag == "p":
            self.paragraphs.append("")
        else:
            self._mark = dict(attrs)["class"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "mark":
            self._mark = None

    def handle_data(self, data: str) -> None:
        if self.paragraphs and (data != "\n" or self._mark):
            self.paragraphs[-1] += data
        if self._mark:
            self.marked[self._mark] += data


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    text = draw(TEXTS)
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(lambda pair: tuple(sorted(pair)))
    spans = draw(st.lists(places.filter(lambda span: span[0] < span[1]), max_size=4)) if text else []
    return text, spans  # type: ignore[return-value]


@given(marked_texts())
@settings(deadline=None)
def test_the_html_holds_exactly_the_texts_paragraphs(case: tuple[str, list[tuple[int, int]]]) -> None:
    text, spans = case

    assert Reading(paragraphs(text, spans)).paragraphs == text.split("\n")


@given(marked_texts())
@settings(deadline=None)
def test_the_first_span_is_quoted_and_the_rest_of_the_others_marked_as_well(
    case: tuple[str, list[tuple[int, int]]],
) -> None:
    text, spans = case
    quoted = set(range(*spans[0])) if spans else set()
    also = {at for span in spans[1:] for at in range(*span)} - quoted

    marked = Reading(paragraphs(text, spans)).marked

    assert marked["quoted"] == "".join(text[at] for at in sorted(quoted)).replace("\n", "")
    assert marked["also"] == "".join(text[at] for at in sorted(also)).replace("\n", "")


def test_offsets_count_code_points() -> None:
    html = paragraphs("😀 & é: <b>", [(2, 5)])

    assert html == '<p dir="auto">😀 <mark class="quoted">&amp; é</mark>: &lt;b&gt;</p>'


def test_a_span_over_two_paragraphs_is_marked_in_both() -> None:
    html = paragraphs("one two\nthree", [(4, 9)])

    assert html.count('<mark class="quoted">') == 2
    assert "<mark" in html.split("\n")[1]
