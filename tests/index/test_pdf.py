"""PDFs, written here by hand."""

from pathlib import Path

import pytest

from index.errors import LoadError
from index.loaders import read_articles
from index.loaders.record import Record

LEFT, TOP, LEADING = 72, 700, 14


def pdf(*pages: list[tuple[float, float, str]], image: bool = False, info: str = "", size: int = 12) -> bytes:
    """A PDF of lines at places, `(x, y, text)`."""
    contents = [
        "BT " + " ".join(f"/F {size} Tf 1 0 0 1 {x} {y} Tm ({text}) Tj" for x, y, text in lines) + " ET"
        for lines in pages
    ]
    if image:
        pixel = "q 600 0 0 800 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x7f EI Q"
        contents = [f"{content} {pixel}" for content in contents]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, content in enumerate(contents):
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F 3 0 R >> >>"
            f" /Contents {5 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    objects.append(f"<< {info} >>")
    data, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>"
    start = len(data)
    return (
        data + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}\nstartxref\n{start}\n%%EOF".encode()
    )


def column(*lines: str, left: float = LEFT, top: float = TOP) -> list[tuple[float, float, str]]:
    """Lines below each other; an empty one is a gap."""
    return [(left, top - LEADING * number, line) for number, line in enumerate(lines) if line]


def read(path: Path, data: bytes, *, max_bytes: int = 1_000_000) -> Record:
    path.write_bytes(data)
    (record,) = read_articles(path, max_bytes=max_bytes)
    assert isinstance(record, Record), record
    return record


def lines(path: Path, data: bytes) -> list[str]:
    return [line for line in read(path, data).text.split("\n") if line.strip()]


ONE = ["The ferry Lady Isolde ran aground off Tarnsey on Tuesday evening, and", "all on board were brought to safety."]
TWO = ["A spokesman said that the cause of the accident was not yet known and", "that the ferry would be towed."]


def test_lines_of_a_paragraph_are_joined_and_paragraphs_with_a_gap_are_not(tmp_path: Path) -> None:
    found = lines(tmp_path / "a.pdf", pdf(column(*ONE, "", *TWO)))
    assert found == [" ".join(ONE), " ".join(TWO)]


def test_paragraphs_told_apart_by_their_set_in_first_lines_are_not_joined(tmp_path: Path) -> None:
    first, second = column(*ONE), column(*TWO, top=TOP - 2 * LEADING)
    first[0], second[0] = (LEFT + 15, *first[0][1:]), (LEFT + 15, *second[0][1:])
    assert lines(tmp_path / "a.pdf", pdf([*first, *second])) == [" ".join(ONE), " ".join(TWO)]


def test_paragraph_that_ends_well_before_the_margin_has_ended(tmp_path: Path) -> None:
    assert lines(tmp_path / "a.pdf", pdf(column(*ONE, *TWO))) == [" ".join(ONE), " ".join(TWO)]


def test_paragraph_goes_on_in_the_next_column_and_on_the_next_page(tmp_path: Path) -> None:
    right = column(TWO[1], left=340, top=TOP)
    assert lines(tmp_path / "a.pdf", pdf([*column(TWO[0][:40]), *right])) == [f"{TWO[0][:40].strip()} {TWO[1]}"]
    assert lines(tmp_path / "b.pdf", pdf(column(TWO[0]), column(TWO[1]))) == [" ".join(TWO)]


def test_word_parted_by_a_hyphen_is_one_again(tmp_path: Path) -> None:
    assert lines(tmp_path / "a.pdf", pdf(column("The ferry ran a-", "ground off Tarnsey."))) == [
        "The ferry ran aground off Tarnsey."
    ]


def test_page_numbers_and_running_titles_are_no_part_of_the_story(tmp_path: Path) -> None:
    def page(number: int) -> list[tuple[float, float, str]]:
        name = "ABCDE"[number - 1]
        body = column(f"Story {name} begins here.", "", *ONE, "", *TWO, "", f"Story {name} ends here.")
        return [(LEFT, 760, f"Saltmarsh Daily, page {number}"), *body, (300, 30, f"{number}")]

    text = read(tmp_path / "a.pdf", pdf(*map(page, range(1, 6)))).text
    assert text.count("Saltmarsh Daily") <= 1 and "Story C ends here.\nStory D begins here." in text


def test_title_is_the_one_that_the_document_states(tmp_path: Path) -> None:
    assert read(tmp_path / "a.pdf", pdf(column(*ONE), info="/Title (Ferry aground)")).title == "Ferry aground"


@pytest.mark.parametrize("title", ["", "Microsoft Word - ferry.doc", "untitled", "ferry_final2.indd"])
def test_title_that_a_program_made_up_is_none(tmp_path: Path, title: str) -> None:
    assert read(tmp_path / "a.pdf", pdf(column(*ONE), info=f"/Title ({title})")).title is None


def test_date_of_the_file_is_not_taken_for_the_date_of_the_story(tmp_path: Path) -> None:
    assert read(tmp_path / "a.pdf", pdf(column(*ONE), info="/CreationDate (D:20200823063000Z)")).date is None


@pytest.mark.parametrize("stamp", [[], [(LEFT, TOP, "p. 1")]])
def test_pdf_that_is_a_picture_is_refused_and_says_so(tmp_path: Path, stamp: list[tuple[float, float, str]]) -> None:
    with pytest.raises(LoadError, match=r"is a picture of its pages.*text recognition \(OCR\)"):
        read(tmp_path / "a.pdf", pdf(stamp, stamp, image=True))


def test_pdf_with_pictures_and_text_is_read(tmp_path: Path) -> None:
    assert lines(tmp_path / "a.pdf", pdf(column(*ONE), image=True)) == [" ".join(ONE)]


def test_encrypted_pdf_is_refused_with_the_remedy(tmp_path: Path) -> None:
    data = pdf(column(*ONE)).replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R /ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"00" * 32 + b"> /U <"
        + b"11" * 32 + b"> >>",
    )  # fmt: skip
    with pytest.raises(LoadError, match="is encrypted; save it without its password"):
        read(tmp_path / "a.pdf", data)


@pytest.mark.parametrize("data", [b"The ferry sank.", b"%PDF-1.7\nnothing more"])
def test_file_that_is_no_pdf_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(LoadError, match="not a valid PDF"):
        read(tmp_path / "a.pdf", data)


def test_pdf_that_holds_too_much_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="--max-file-mb"):
        read(tmp_path / "a.pdf", pdf(column(*ONE)), max_bytes=500)
