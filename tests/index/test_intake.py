from datetime import date
from pathlib import Path

import pytest

from index.article import Article
from index.errors import LoadError
from index.intake import article_of
from index.loaders.record import Record

PATH = Path("/news/a.txt")


def article(**fields: str | None) -> Article:
    return article_of(Record(**({"text": "The ferry sank."} | fields)), PATH)[0]


def warnings(**fields: str | None) -> list[str]:
    return article_of(Record(**({"text": "The ferry sank."} | fields)), PATH)[1]


def test_fields_are_cleaned() -> None:
    found = article(title=" Ferry\x00 \n sinks ", source=" Mail\n", text="Cafe\u0301.\r\nPhoto: AP\r\nEnd.")
    assert (found.title, found.source, found.text) == ("Ferry sinks", "Mail", "Caf\u00e9.\nEnd.")


def test_title_repeated_above_the_story_is_dropped() -> None:
    assert article(title="Ferry sinks", text="Ferry  sinks\n\nNobody was hurt.").text == "Nobody was hurt."


def test_story_that_only_begins_with_the_words_of_its_title_is_kept() -> None:
    assert article(title="Ferry sinks", text="Ferry sinks off Orvay.").text == "Ferry sinks off Orvay."


def test_story_of_nothing_but_its_title_is_kept() -> None:
    assert article(title="Ferry sinks", text="Ferry sinks").text == "Ferry sinks"


def test_story_without_a_title_is_called_by_its_first_words() -> None:
    assert article(text="The ferry sank.\nNobody was hurt.").title == "The ferry sank."


def test_title_that_looks_like_a_photo_credit_is_a_title() -> None:
    assert article(title="Photo: the last ferry to Orvay").title == "Photo: the last ferry to Orvay"


def test_date_is_read() -> None:
    assert article(date="Aug. 23, 2020").date == date(2020, 8, 23)


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_missing_date_is_no_cause_for_a_warning(nothing: str | None) -> None:
    assert article(date=nothing).date is None and warnings(date=nothing) == []


@pytest.mark.parametrize("text", ["03/04/2020", "2020-13-45", "last Friday", "9" * 30])
def test_date_that_cannot_be_trusted_is_left_out_with_a_warning(text: str) -> None:
    (warning,) = warnings(date=text)
    assert article(date=text).date is None
    assert repr(text) in warning and "YYYY-MM-DD" in warning


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "a.example/1", "//a.example"]
)
def test_url_that_is_no_web_address_is_left_out_with_a_warning(url: str) -> None:
    (warning,) = warnings(url=url)
    assert article(url=url).url is None
    assert repr(url) in warning


@pytest.mark.parametrize("url", ["https://a.example/1", "http://a.example/1", "HTTPS://a.example/1"])
def test_web_address_is_kept(url: str) -> None:
    assert article(url=url).url == url and warnings(url=url) == []


def test_same_url_is_the_same_article_wherever_it_is_read_from() -> None:
    record = Record(text="Text.", url="https://a.example/1")
    there, here = article_of(record, Path("/there.txt"))[0], article_of(record, Path("/here.txt"))[0]
    assert there.id == here.id and there.path != here.path


def test_other_url_is_another_article() -> None:
    assert article(url="https://a.example/1").id != article(url="https://a.example/2").id


def test_without_a_url_the_file_tells_which_article_it_is() -> None:
    assert article(text="One.").id == article(text="Two.").id
    assert article().id != article_of(Record(text="The ferry sank."), Path("/other.txt"))[0].id


def test_record_id_tells_the_records_of_one_file_apart() -> None:
    assert article(id="1").id == article(id="1", text="Changed.").id
    assert article(id="1").id != article(id="2").id


def test_refused_url_tells_nothing() -> None:
    assert article(url="javascript:alert(1)").id == article().id


def test_content_hash_is_of_all_that_a_reader_sees() -> None:
    fields = {"title": "T", "text": "Text.", "date": "2020-08-23", "source": "Mail", "url": "https://a.example/1"}
    other = {"title": "U", "text": "Texts.", "date": "2020-08-24", "source": "Post", "url": "https://a.example/2"}
    hashes = {
        article(**fields).content_hash,
        *(article(**fields | {name: other[name]}).content_hash for name in fields),
    }
    assert len(hashes) == 6


def test_content_hash_does_not_depend_on_the_path() -> None:
    record = Record(text="Text.")
    assert article_of(record, Path("/a"))[0].content_hash == article_of(record, Path("/b"))[0].content_hash


@pytest.mark.parametrize("text", ["", " \n\x00", "Photo: AP"])
def test_record_without_text_is_refused(text: str) -> None:
    with pytest.raises(LoadError, match="no text"):
        article(text=text)


def test_record_that_only_repeats_its_title_twice_keeps_one() -> None:
    assert article(title="Ferry sinks", text="Ferry sinks\nFerry sinks").text == "Ferry sinks"
