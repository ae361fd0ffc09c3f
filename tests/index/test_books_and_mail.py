"""Word documents, books and mail."""

import io
import time
import zipfile
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

import pytest

from index.errors import LoadError
from index.intake import article_of
from index.loaders import read_articles
from index.loaders.record import Record

MAX_BYTES = 1_000_000
STORY = "The ferry Lady Isolde ran aground off Tarnsey on Tuesday, and all on board were brought to safety. " * 5


def read(path: Path, data: bytes, *, max_bytes: int = MAX_BYTES) -> list[Record | LoadError]:
    path.write_bytes(data)
    return list(read_articles(path, max_bytes=max_bytes))


def read_one(path: Path, data: bytes) -> Record:
    (record,) = read(path, data)
    assert isinstance(record, Record), record
    return record


def package(parts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


# Word documents ----------------------------------------------------------------------------------------------

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)


def docx(body: str, *, title: str = "", doctype: str = "") -> bytes:
    core = (
        '<p:coreProperties xmlns:p="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:t="http://purl.org/dc/terms/">'
        f"<dc:title>{title}</dc:title><t:created>2020-08-23T06:30:00Z</t:created></p:coreProperties>"
    )
    document = f'{doctype}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    return package({"_rels/.rels": RELATIONS, "word/document.xml": document, "docProps/core.xml": core})


def p(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def cell(text: str) -> str:
    return f"<w:tc>{p(text)}</w:tc>"


def test_paragraphs_headings_and_tables_of_a_word_document_are_read_in_order(tmp_path: Path) -> None:
    table = f"<w:tbl><w:tr>{cell('Ship')}{cell('Dead')}</w:tr><w:tr>{cell('Isolde')}{cell('0')}</w:tr></w:tbl>"
    record = read_one(tmp_path / "a.docx", docx(p("Why", "Heading1") + p("It sank.") + table + p("End.")))
    assert record.text.split("\n") == ["Why", "It sank.", "Ship | Dead", "Isolde | 0", "End."]


def test_words_are_whole_however_their_letters_are_formatted(tmp_path: Path) -> None:
    runs = "<w:r><w:t>Ta</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t xml:space='preserve'>rnsey </w:t></w:r>"
    link = "<w:hyperlink><w:r><w:t>sank</w:t><w:br/><w:t>off</w:t><w:tab/><w:t>Orvay</w:t></w:r></w:hyperlink>"
    assert read_one(tmp_path / "a.docx", docx(f"<w:p>{runs}{link}</w:p>")).text == "Tarnsey sank\noff Orvay"


def test_content_controls_and_insertions_are_read_and_deletions_are_not(tmp_path: Path) -> None:
    body = (
        f"<w:sdt><w:sdtContent>{p('One.')}</w:sdtContent></w:sdt>"
        "<w:p><w:ins><w:r><w:t>Two.</w:t></w:r></w:ins><w:del><w:r><w:delText>No.</w:delText></w:r></w:del></w:p>"
    )
    assert read_one(tmp_path / "a.docx", docx(body)).text.split("\n") == ["One.", "Two."]


@pytest.mark.parametrize(("title", "style"), [("Ferry aground", ""), ("", "Title")])
def test_title_is_that_of_the_properties_or_the_paragraph_in_that_style(tmp_path: Path, title: str, style: str) -> None:
    record = read_one(tmp_path / "a.docx", docx(p("Ferry aground", style) + p("It sank."), title=title))
    assert record.title == "Ferry aground"


def test_date_of_the_document_is_not_taken_for_the_date_of_the_story(tmp_path: Path) -> None:
    assert read_one(tmp_path / "a.docx", docx(p("It sank."))).date is None


def test_word_document_that_is_none_is_refused(tmp_path: Path) -> None:
    for data in (b"The ferry sank.", package({"a.txt": "x"}), package({"_rels/.rels": "<r/>"})):
        with pytest.raises(LoadError, match=r"not a (valid \.docx|Word document)"):
            read(tmp_path / "a.docx", data)


def test_document_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="unpacks to more than"):
        read(tmp_path / "a.docx", docx(p("x" * 2_000_000)))


# XML that means harm -----------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "laugh"}">' for n in range(10))


@pytest.mark.parametrize(
    "entities", [f"{LAUGHS}<!ENTITY bad '&l9;'>", '<!ENTITY bad SYSTEM "file:///etc/passwd">'], ids=["laughs", "file"]
)
def test_entities_are_not_expanded(tmp_path: Path, entities: str) -> None:
    try:
        text = read_one(tmp_path / "a.docx", docx(p("One. &bad;"), doctype=f"<!DOCTYPE d [{entities}]>")).text
    except LoadError:
        return
    assert len(text) < 100 and "root:" not in text


def test_xml_nested_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError):
        read(tmp_path / "a.docx", docx("<w:p>" * 50_000 + "</w:p>" * 50_000))


# Books -------------------------------------------------------------------------------------------------------


def epub(
    chapters: dict[str, str], *, dates: str = "", opf: str = "OEBPS/a.opf", more: dict[str, str] | None = None
) -> bytes:
    items = "".join(f'<item id="i{n}" href="{name}"/>' for n, name in enumerate(chapters))
    spine = "".join(f'<itemref idref="i{n}"/>' for n, _ in enumerate(chapters))
    content = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:opf="http://www.idpf.org/2007/opf">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Weekly</dc:title>{dates}</metadata>'
        f'<manifest>{items}<item id="nav" href="nav.xhtml" properties="nav"/></manifest>'
        f'<spine><itemref idref="nav"/>{spine}<itemref idref="gone"/></spine></package>'
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        f'<rootfile full-path="{opf}"/></rootfiles></container>'
    )
    folder = opf.rpartition("/")[0]
    files = {f"{folder}/{name}".lstrip("/"): text for name, text in chapters.items()}
    return package({"META-INF/container.xml": container, opf: content} | files | (more or {}))


def chapter(title: str, text: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>'
        f"<h1>{title}</h1><p>{text}</p><p>It&nbsp;ended&#160;<b>well</b>.</p></body></html>"
    )


def test_each_story_of_a_magazine_is_an_article_with_the_magazine_as_its_source(tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    cover = {"cover.xhtml": "<html><body>The Weekly</body></html>"}
    stories = {"b.xhtml": chapter("Ferry", STORY), "a.xhtml": chapter("Dam", STORY)}
    data = epub(cover | stories, dates="<dc:date>2020-08-23</dc:date>")
    ferry, dam = [article_of(record, str(path))[0] for record in read(path, data) if isinstance(record, Record)]
    assert (ferry.title, dam.title) == ("Ferry", "Dam") and ferry.id != dam.id
    assert (ferry.source, str(ferry.date)) == ("The Weekly", "2020-08-23")
    assert ferry.text.split("\n") == [STORY.strip(), "It ended well."]


def test_book_of_short_pieces_only_is_read_all_the_same(tmp_path: Path) -> None:
    found = read(tmp_path / "a.epub", epub({"a.xhtml": chapter("One", "Short."), "b.xhtml": chapter("Two", "Short.")}))
    assert [record.title for record in found if isinstance(record, Record)] == ["One", "Two"]


CHANGED = '<dc:date opf:event="modification">2021-01-05</dc:date>'


@pytest.mark.parametrize(
    ("dates", "day"),
    [
        (f'{CHANGED}<dc:date opf:event="publication">2020-08-23</dc:date>', "2020-08-23"),
        (CHANGED, None),
        ("<dc:date>0101-01-01T00:00:00+00:00</dc:date>", None),
        ("", None),
    ],
)
def test_date_of_a_book_is_that_of_its_publication(tmp_path: Path, dates: str, day: str | None) -> None:
    assert read_one(tmp_path / "a.epub", epub({"a.xhtml": chapter("One", STORY)}, dates=dates)).date == day


def test_names_in_a_book_may_hold_blanks_and_lie_in_any_folder(tmp_path: Path) -> None:
    data = epub({"a%20b.xhtml": chapter("One", STORY)}, opf="a.opf", more={"a b.xhtml": chapter("Two", STORY)})
    assert read_one(tmp_path / "a.epub", data).title == "Two"


def test_copy_protected_book_is_refused_and_says_so(tmp_path: Path) -> None:
    listed = '<e:encryption xmlns:e="x"><e:CipherReference URI="OEBPS/a.xhtml"/></e:encryption>'
    data = epub({"a.xhtml": "\x00garbage"}, more={"META-INF/encryption.xml": listed})
    with pytest.raises(LoadError, match=r"copy-protected \(DRM\)"):
        read(tmp_path / "a.epub", data)


def test_book_with_encrypted_fonts_only_is_read(tmp_path: Path) -> None:
    listed = '<e:encryption xmlns:e="x"><e:CipherReference URI="OEBPS/font.otf"/></e:encryption>'
    data = epub({"a.xhtml": chapter("One", STORY)}, more={"META-INF/encryption.xml": listed})
    assert read_one(tmp_path / "a.epub", data).title == "One"


def test_bad_chapter_is_reported_by_name_and_the_rest_is_read(tmp_path: Path) -> None:
    bad, good = read(tmp_path / "a.epub", epub({"a.xhtml": "\x00\x01", "b.xhtml": chapter("Two", STORY)}))
    assert "OEBPS/a.xhtml: is binary" in str(bad) and isinstance(good, Record)


@pytest.mark.parametrize("parts", [{"a.txt": "x"}, {"META-INF/container.xml": "<c/>"}])
def test_book_that_is_none_is_refused(tmp_path: Path, parts: dict[str, str]) -> None:
    with pytest.raises(LoadError, match="not an EPUB"):
        read(tmp_path / "a.epub", package(parts))


# Mail --------------------------------------------------------------------------------------------------------


def mail(plain: str | None = None, html: str | None = None, **headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in ({"From": "Saltmarsh Daily <news@a.example>", "Subject": "Ferry aground"} | headers).items():
        message[name] = value
    if plain is not None:
        message.set_content(plain)
    if html is not None:
        (message.set_content if plain is None else message.add_alternative)(html, subtype="html")
    return message


def test_subject_sender_and_date_of_a_message_are_title_source_and_date(tmp_path: Path) -> None:
    record = read_one(tmp_path / "a.eml", mail("It sank.", Date="Sun, 23 Aug 2020 23:30:00 -1100 (SST)").as_bytes())
    assert (record.title, record.source, record.text.strip()) == ("Ferry aground", "Saltmarsh Daily", "It sank.")
    assert str(article_of(record, "a.eml")[0].date) == "2020-08-23"


def test_sender_without_a_name_is_called_by_the_address(tmp_path: Path) -> None:
    assert read_one(tmp_path / "a.eml", mail("It sank.", From="news@a.example").as_bytes()).source == "news@a.example"


def test_plain_text_of_a_message_goes_before_its_html(tmp_path: Path) -> None:
    record = read_one(
        tmp_path / "a.eml", mail("The ferry\nsank on\nTuesday.\n\nNobody\nwas hurt.", "<p>No.</p>").as_bytes()
    )
    assert record.text.strip().split("\n") == ["The ferry sank on Tuesday.", "Nobody was hurt."]


def test_html_is_read_where_the_plain_text_is_missing_or_a_stub(tmp_path: Path) -> None:
    html = f"<html><head><title>x</title><style>p {{}}</style></head><body><p>{STORY}</p><p>End.</p></body></html>"
    for plain in (None, "View this message in your browser."):
        record = read_one(tmp_path / "a.eml", mail(plain, html).as_bytes())
        assert record.text.strip().split("\n")[-1] == "End." and "style" not in record.text


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "no-such-charset", "punycode"])
def test_message_in_another_encoding_is_decoded(tmp_path: Path, charset: str) -> None:
    text = "Le café de la gare était fermé, d'après la préfecture de Tarnsey. Où êtes-vous passé cet été?"
    encoding = "iso-8859-1" if charset in ("iso-8859-1", "windows-1252") else "utf-8"
    head = f"Subject: =?iso-8859-1?q?Caf=E9?=\r\nContent-Type: text/plain; charset={charset}\r\n\r\n"
    record = read_one(tmp_path / "a.eml", head.encode() + text.encode(encoding))
    assert (record.title, record.text) == ("Café", text)


def test_attachments_are_not_the_message(tmp_path: Path) -> None:
    message = mail("It sank.")
    message.add_attachment("Attached.", filename="b.txt")
    assert read_one(tmp_path / "a.eml", message.as_bytes()).text.strip() == "It sank."


def test_message_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="holds no text"):
        read(tmp_path / "a.eml", b"Subject: x\r\n\r\n")


def test_file_that_is_no_message_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="not a mail message"):
        read(tmp_path / "a.eml", b"The ferry sank.\n\nNobody was hurt.")


def test_malformed_header_does_not_lose_the_message(tmp_path: Path) -> None:
    data = b'Subject: =?utf-8?b?\xff\xfe?=\r\nFrom: "<>,;:\r\nDate: never\r\n\r\nIt sank.'
    assert read_one(tmp_path / "a.eml", data).text == "It sank."


@pytest.mark.parametrize(
    "header", ["Content-Type: text/plain; ", "Subject: ", "From: ", "Content-Disposition: inline; "]
)
def test_endless_header_takes_no_time(tmp_path: Path, header: str) -> None:
    data = (header + '(<"[;a=?' * 100_000 + "\r\n\r\nIt sank.").encode()
    started = time.monotonic()
    with suppress(LoadError):
        read(tmp_path / "a.eml", data)
    assert time.monotonic() - started < 30
