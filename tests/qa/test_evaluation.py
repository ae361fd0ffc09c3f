"""`qa eval`: scores as SQuAD has them, figures counted by hand, the command on the seeds and on made-up articles."""

import gzip
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

import qa
from qa.cli import main
from qa.evaluation.calibration import auc, best_threshold, bins, expected_calibration_error, risk_coverage
from qa.evaluation.figures import figures_of, judged
from qa.evaluation.outcome import Outcome
from qa.evaluation.questions import Question, read_questions, sample
from qa.evaluation.scores import exact_match, f1, holds, normalise
from qa.evaluation.table import show_figures

SEED_QUESTIONS = Path(__file__).with_name("seed_questions.jsonl")

# Scores --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Lady, Maren!", "lady maren"),
        ("a U.S. court", "us court"),
        ("another theory", "another theory"),
        ("The", ""),
    ],
)
def test_text_is_normalised_as_squad_does(text: str, normal: str) -> None:
    assert normalise(text) == normal


@pytest.mark.parametrize(
    ("answer", "golds", "em", "overlap"),
    [
        ("The Denver Broncos.", ["Denver Broncos", "Broncos"], 1, 1),
        ("Santa Clara, California", ["Santa Clara"], 0, 0.8),
        ("the Broncos of Denver", ["Denver Broncos"], 0, 0.8),
        ("in 1998", ["1998", "the year 1998"], 0, 2 / 3),
        ("to to be", ["to be to be"], 0, 6 / 7),
        ("Paris", ["London"], 0, 0),
        (None, ["London"], 0, 0),
        (None, [], 1, 1),
        ("London", [], 0, 0),
        ("the", ["an"], 1, 1),
    ],
)
def test_an_answer_is_scored_by_the_gold_most_like_it(
    answer: str | None, golds: list[str], em: float, overlap: float
) -> None:
    assert exact_match(answer, golds) == em
    assert f1(answer, golds) == pytest.approx(overlap)


@pytest.mark.parametrize(
    ("text", "gold", "expected"),
    [
        ("She met Vladimir Putin, again.", "Vladimir Putin", True),
        ("Vladimir Putin's offer", "Vladimir Putin", True),
        ("It was in 2023", "3", False),
        ("because of it", "us", False),
        ("anything", "the", False),
    ],
)
def test_a_text_holds_a_gold_as_whole_words(text: str, gold: str, expected: bool) -> None:
    assert holds(text, [gold]) is expected


# Calibration ---------------------------------------------------------------------------------------------


def test_ece_is_the_mean_gap_between_confidence_and_share_right() -> None:
    table = bins([(0.05, False), (0.15, True), (0.15, False), (1.0, True)])
    assert [bin.count for bin in table] == [1, 2, *[0] * 6, 0, 1]
    # one guess 0.05 off, two 0.35 off, one 0 off
    assert expected_calibration_error(table) == pytest.approx((0.05 + 2 * 0.35 + 0) / 4)
    assert expected_calibration_error(bins([])) is None


def test_auc_counts_ties_half_and_needs_both_classes() -> None:
    # 0.9 beats both, 0.5 ties with one and beats the other: 3.5 of 4
    assert auc([(0.9, True), (0.5, True), (0.5, False), (0.1, False)]) == 3.5 / 4
    assert auc([(0.9, True), (0.5, True)]) is None
    assert auc([]) is None


def test_risk_grows_as_less_sure_guesses_are_given() -> None:
    curve = risk_coverage([(0.2, False), (0.9, True), (0.5, False), (0.7, True)])
    assert curve == [(0.25, 0), (0.5, 0), (0.75, pytest.approx(1 / 3)), (1, 0.5)]


def test_order_of_guesses_with_one_confidence_does_not_matter() -> None:
    assert risk_coverage([(0.5, True), (0.5, False)]) == risk_coverage([(0.5, False), (0.5, True)])


def test_best_threshold_gives_up_the_guesses_that_silence_beats() -> None:
    assert best_threshold([(0.9, 1.0, 0.0), (0.6, 0.5, 0.0), (0.3, 0.0, 1.0)]) == (0.6, pytest.approx(2.5 / 3))
    assert best_threshold([(0.9, 0.0, 1.0)]) == (None, 1)


# Figures -------------------------------------------------------------------------------------------------


def outcome(guess: str | None, *golds: str, confidence: float, **facts: Any) -> Outcome:
    question = Question(text="Who?", golds=golds, answer_in_articles=facts.pop("answer_in_articles", None))
    return Outcome(question, guess, confidence, answered=guess is not None and confidence >= 0.25, **facts)


OUTCOMES = [
    outcome("Ada Lovelace", "Ada Lovelace", confidence=0.9, sentences=("Ada Lovelace did.",), gold_rank=1),
    outcome("Mr Bo", "Bo Derek", confidence=0.5, sentences=("Mr Bo did.", "Bo Derek did."), gold_rank=7),
    outcome("Cy", "Cy", confidence=0.2, sentences=("Cy did.",), gold_rank=3),  # right, but not sure enough
    outcome("Di", confidence=0.3),  # the articles do not say
    outcome(None, confidence=0.0),
    outcome("Ed", "Flo", confidence=0.1, answer_in_articles=False),
]


def test_figures_are_of_the_answers_given_and_of_all_guesses() -> None:
    figures = figures_of(OUTCOMES, min_confidence=0.25)
    assert (figures.questions, figures.answerable) == (6, 3)
    assert (figures.answered, figures.abstained, figures.answered_right, figures.no_guess) == (3, 3, 2, 1)
    assert (figures.em, figures.f1) == (pytest.approx(2 / 6), pytest.approx(2.5 / 6))
    assert (figures.em_answerable, figures.f1_answerable) == (pytest.approx(1 / 3), pytest.approx(1.5 / 3))
    assert (figures.em_no_abstain, figures.f1_no_abstain) == (pytest.approx(3 / 6), pytest.approx(3.5 / 6))
    # silence scores 2; from 0.5 on 1.5 more; from 0.2 on no better, as Di loses what Cy gains
    assert (figures.best_threshold, figures.best_threshold_f1) == (0.5, pytest.approx(3.5 / 6))


def test_figures_tell_where_the_known_answer_stands() -> None:
    figures = figures_of(OUTCOMES, min_confidence=0.25)
    assert figures.gold_in_sentence == pytest.approx(2 / 3)
    recall = (figures.recall_at_1, figures.recall_at_5, figures.recall_at_10, figures.recall_at_20)
    assert recall == (pytest.approx(1 / 3), pytest.approx(2 / 3), 1, 1)


def test_figures_judge_confidence_by_the_guesses() -> None:
    figures = figures_of(OUTCOMES, min_confidence=0.25)
    assert sorted(judged(OUTCOMES)) == [(0.1, False), (0.2, True), (0.3, False), (0.5, True), (0.9, True)]
    assert figures.ece == pytest.approx((0.1 + 0.8 + 0.3 + 0.5 + 0.1) / 5)
    # 0.9 and 0.5 are above all three others; 0.2 is above 0.0 and 0.1, below 0.3
    assert figures.answerability_auc == pytest.approx(8 / 9)
    assert figures.risk_coverage_area == pytest.approx((0 + 0 + 1 / 3 + 1 / 4 + 2 / 5) / 5)


def test_latency_is_told_by_percentiles() -> None:
    timed = [outcome("x", confidence=1, timings_ms={"total": ms, "retrieve": 1.0, "read": ms - 1}) for ms in (1, 2, 4)]
    figures = figures_of(timed, min_confidence=0)
    assert (figures.latency_ms_p50, figures.latency_ms_p95) == (2, pytest.approx(3.8))
    assert (figures.retrieve_ms_p50, figures.read_ms_p50) == (1, 1)


def test_what_there_is_nothing_to_tell_from_is_null_and_a_dash() -> None:
    figures = figures_of([outcome(None, confidence=0.0)], min_confidence=0.25)
    shown = figures.to_dict()
    assert (shown["em"], shown["em_answerable"], shown["ece"], shown["latency_ms_p50"]) == (1.0, None, None, None)
    assert "100.0%" in show_figures(figures) and " -" in show_figures(figures)


# Questions -----------------------------------------------------------------------------------------------


def write(path: Path, *records: Any) -> Path:
    lines = "".join((record if isinstance(record, str) else json.dumps(record)) + "\n" for record in records)
    path.write_bytes(gzip.compress(lines.encode()) if path.suffix == ".gz" else lines.encode())
    return path


@pytest.mark.parametrize("name", ["questions.jsonl", "questions.jsonl.gz"])
def test_questions_are_read_with_what_they_leave_out(tmp_path: Path, name: str) -> None:
    path = write(
        tmp_path / name,
        {"question": "Who?", "answers": ["Ada", " "], "choices": ["Ada", "Bo"]},
        "",
        {"id": 7, "question": " Where? ", "answers": [], "articles": ["https://a.example/1"] * 2},
        {"id": "x", "question": "When?", "answers": [1998], "answer_in_articles": False},
    )
    who, where, when = read_questions(path, max_chars=100)
    assert (who.id, who.golds, who.answerable) == ("1", ("Ada",), True)
    assert (where.id, where.text, where.answerable, len(where.article_ids)) == ("7", "Where?", False, 1)
    assert (when.golds, when.answerable) == (("1998",), False)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ('{"question": "Who?"', "is not valid JSON"),
        ('["Who?"]', "is not an object"),
        ('{"answers": []}', "field 'question': field required"),
        ('{"question": "Who?"}', "field 'answers': field required"),
        ('{"question": "Who?", "answers": "Ada"}', "field 'answers': input should be a valid tuple"),
        ('{"question": " ", "answers": []}', "the question is empty"),
        ('{"question": "Who?", "answers": [], "answer_in_articles": true}', "answers is empty"),
        ('{"question": "Who was the very first?", "answers": []}', "--max-question-chars"),
    ],
)
def test_a_bad_line_is_named_with_cause_and_remedy(tmp_path: Path, line: str, cause: str) -> None:
    path = write(tmp_path / "questions.jsonl", {"question": "Who?", "answers": []}, line)
    with pytest.raises(qa.ArticleQAError) as error:
        read_questions(path, max_chars=20)
    assert f"{path}, line 2: " in str(error.value) and cause in str(error.value)
    assert "Write it as {" in str(error.value) or "Shorten it" in str(error.value)


@pytest.mark.parametrize(
    ("name", "content"), [("none.jsonl", None), ("a.jsonl.gz", b"x"), ("b.jsonl", b"\xff"), ("c", b"")]
)
def test_a_file_without_questions_is_an_error_that_says_why(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(qa.ArticleQAError, match="cannot be read|holds no questions"):
        read_questions(tmp_path / name, max_chars=100)


def test_a_sample_is_the_same_each_time_and_in_order() -> None:
    questions = [Question(text=f"Who {number}?", golds=()) for number in range(100)]
    drawn = sample(questions, 10, seed=1)
    assert drawn == sample(questions, 10, seed=1) != sample(questions, 10, seed=2)
    assert len(drawn) == 10 and drawn == sorted(drawn, key=questions.index)
    assert sample(questions, 1000, seed=1) == questions


# The command ---------------------------------------------------------------------------------------------


def evaluated(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert main(["eval", *map(str, arguments), "--json"]) == 0
    figures: dict[str, Any] = json.loads(capsys.readouterr().out)
    return figures


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_json_has_the_figures_that_others_script_against(seed_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = evaluated(capsys, SEED_QUESTIONS, "--index", seed_index, "--limit", 4)
    assert list(figures) == [
        "questions",
        "answerable",
        "min_confidence",
        "em",
        "f1",
        "em_answerable",
        "f1_answerable",
        "em_no_abstain",
        "f1_no_abstain",
        "best_threshold",
        "best_threshold_f1",
        "gold_in_sentence",
        "recall_at_1",
        "recall_at_5",
        "recall_at_10",
        "recall_at_20",
        "answered",
        "abstained",
        "answered_right",
        "no_guess",
        "answerability_auc",
        "ece",
        "calibration",
        "risk_coverage_area",
        "latency_ms_p50",
        "latency_ms_p95",
        "retrieve_ms_p50",
        "read_ms_p50",
        "generation",
    ]
    assert [list(bin) for bin in figures["calibration"]] == [["low", "high", "count", "confidence", "right"]] * 10
    assert figures["questions"] == figures["answered"] + figures["abstained"] == 4


def test_the_table_goes_to_standard_output_and_the_details_and_plot_to_files(
    seed_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    details, plot = tmp_path / "details.jsonl", tmp_path / "curves.png"
    arguments = [SEED_QUESTIONS, "--index", seed_index, "--limit", 6, "--details", details, "--plot", plot]
    assert main(["eval", *map(str, arguments)]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[0].split() == ["Questions", "6"]
    assert shown.err == ""
    assert len(lines_of(details)) == 6
    assert list(lines_of(details)[0]) == [
        "id",
        "question",
        "golds",
        "answerable",
        "guess",
        "confidence",
        "em",
        "f1",
        "answered",
        "sentence",
        "gold_rank",
        "generated",
    ]
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_the_threshold_decides_what_is_given_and_not_what_is_guessed(
    seed_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(least: float) -> tuple[dict[str, Any], list[Any]]:
        details = tmp_path / f"{least}.jsonl"
        options = ["--index", seed_index, "--limit", 5, "--min-confidence", least, "--details", details]
        return evaluated(capsys, SEED_QUESTIONS, *options), [line["guess"] for line in lines_of(details)]

    (always, guesses), (never, same_guesses) = run(0), run(1)
    assert (always["answered"], never["answered"]) == (5, 0)
    assert guesses == same_guesses and None not in guesses
    assert always["f1_no_abstain"] == never["f1_no_abstain"] == always["f1"]


def test_without_own_the_figures_agree_with_asking_one_by_one(
    session: qa.QA, seed_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = {"question": "How many people were aboard the Lady Isolde?", "answers": ["96"]}
    details = tmp_path / "details.jsonl"
    evaluated(capsys, write(tmp_path / "q.jsonl", question), "--index", seed_index, "--details", details)
    answer, (line,) = session.ask(question["question"]), lines_of(details)
    assert line["guess"] == answer.text
    assert line["sentence"] == answer.sentence
    assert line["confidence"] == pytest.approx(answer.confidence, abs=1e-4)


# Articles of the test's own ------------------------------------------------------------------------------

TRUE = "The lighthouse of Grenna was sold to Ottilie Brandt for 300 crowns on Monday."
TEMPTING = "The lighthouse of Grenna was sold to Maximilian Roth, who bought it for 900 crowns."
ARTICLES = [
    {"url": "https://a.example/1", "title": "Sold", "date": "2021-04-01", "text": TRUE},
    {"url": "https://a.example/2", "title": "Lighthouse of Grenna sold", "date": "2022-04-01", "text": TEMPTING},
    {"url": "https://a.example/3", "title": "Comet", "date": "2022-04-02", "text": "A comet shone over Tarnsey."},
]
QUESTION = "Who bought the lighthouse of Grenna?"
QUESTIONS = [
    {"id": "one", "question": QUESTION, "answers": ["Ottilie Brandt"], "articles": [ARTICLES[0]["url"]] * 2},
    {"id": "two", "question": QUESTION, "answers": ["Maximilian Roth"], "articles": [ARTICLES[1]["url"]]},
    {"id": "unknown", "question": QUESTION, "answers": ["Brandt"], "articles": ["https://elsewhere.example/"]},
    {"id": "none", "question": QUESTION, "answers": [], "articles": []},
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A file of questions, and one of articles."""
    return write(tmp_path / "q.jsonl", *QUESTIONS), write(tmp_path / "articles.jsonl.gz", *ARTICLES)


def test_with_own_each_question_sees_its_own_articles_only(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions, articles = files
    details = tmp_path / "details.jsonl"
    figures = evaluated(capsys, questions, "--articles", articles, "--own", "--details", details)
    one, two, unknown, none = lines_of(details)
    assert (one["sentence"], two["sentence"]) == (TRUE, TEMPTING)
    assert (one["gold_rank"], two["gold_rank"], unknown["gold_rank"]) == (1, 1, None)
    assert unknown["guess"] is none["guess"] is None and not unknown["answered"] and not none["answered"]
    assert figures["no_guess"] == 2


def test_without_own_all_articles_form_one_index(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions, articles = files
    details = tmp_path / "details.jsonl"
    evaluated(capsys, questions, "--articles", articles, "--details", details)
    assert len({line["sentence"] for line in lines_of(details)}) == 1
    assert all(line["gold_rank"] for line in lines_of(details)[:3])


def test_articles_go_to_a_temporary_index_that_leaves_nothing_behind(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    questions, articles = files
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    monkeypatch.setenv("QA_INDEX", str(tmp_path / "everyday.index"))
    evaluated(capsys, questions, "--articles", articles, "--limit", 1)
    assert not list(scratch.iterdir())
    assert not (tmp_path / "everyday.index").exists()


def test_articles_stay_in_the_index_given_and_are_embedded_once(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    questions, articles = files
    index = tmp_path / "kept.index"
    evaluated(capsys, questions, "--articles", articles, "--index", index, "--limit", 1)
    with qa.QA.open(index) as session:
        assert len(list(session.articles())) == 3
    monkeypatch.setattr("index.ledger.Ledger.replace", lambda *_: pytest.fail("embedded again"))
    evaluated(capsys, questions, "--articles", articles, "--index", index, "--limit", 1)


def test_a_sample_with_own_articles_indexes_no_others(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, articles = files
    questions, index = write(tmp_path / "q.jsonl", QUESTIONS[1]), tmp_path / "kept.index"
    evaluated(capsys, questions, "--articles", articles, "--own", "--limit", 1, "--index", index)
    with qa.QA.open(index) as session:
        assert [article.url for article in session.articles()] == [ARTICLES[1]["url"]]


def test_an_article_that_cannot_be_read_is_named_by_its_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    articles = write(tmp_path / "articles.jsonl.gz", {"url": "https://a.example/0"}, *ARTICLES)
    evaluated(capsys, write(tmp_path / "q.jsonl", QUESTIONS[0]), "--articles", articles)
    assert f"not indexed: {articles}: line 1: field 'text': field required" in caplog.text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--articles", "none.jsonl"], "none.jsonl: no article could be indexed: no such file"),
        (["--articles", "none.jsonl.gz"], "none.jsonl.gz cannot be read: No such file or directory"),
        (["--articles", "q.csv"], "Those end in .jsonl or .jsonl.gz"),
        (["--articles", "q.jsonl", "--own", "--limit", "2"], "holds none of the articles that the questions list"),
        (["--articles", "q.jsonl"], "no article could be indexed: line 1: field 'text'"),
        (["--plot", "nowhere/curves.png"], "nowhere/curves.png cannot be written"),
        (["--details", "nowhere/details.jsonl"], "Make it first"),
        ([], "no index at"),
    ],
)
def test_what_cannot_be_measured_with_is_an_error_before_anything_is_asked(
    files: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["eval", "q.jsonl", *options]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err


def test_a_plot_without_matplotlib_says_how_to_install_it(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "matplotlib" else find(name))
    assert main(["eval", str(files[0]), "--plot", "curves.png"]) == 1
    assert "pip install 'article-qa[eval]'" in capsys.readouterr().err


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_that_is_no_count_is_wrong_usage(limit: str) -> None:
    with pytest.raises(SystemExit) as exit:
        main(["eval", "q.jsonl", "--limit", limit])
    assert exit.value.code == 2
