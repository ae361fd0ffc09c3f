import pytest

from index.report import Problem


def test_problem_is_told_with_the_file_and_the_cause() -> None:
    assert str(Problem("/news/café 渡轮.txt", "the file is empty")) == "/news/café 渡轮.txt: the file is empty"


@pytest.mark.parametrize(
    ("char", "shown"),
    [("\n", r"\n"), ("\r", r"\r"), ("\x1b", r"\x1b"), ("\x00", r"\x00"), ("\u202e", r"\u202e"), ("\u2028", r"\u2028")],
)
def test_name_that_would_move_the_cursor_is_told_harmlessly(char: str, shown: str) -> None:
    assert str(Problem(f"/news/a{char}b.txt", f"no{char}")) == f"/news/a{shown}b.txt: no{shown}"
