"""The Python API, as the README shows it."""

import shutil
from pathlib import Path

import pytest

import qa


def test_one_question_by_the_convenience_function(seed_index: Path) -> None:
    answer = qa.ask("Who did Lukashenko ask for help?", index=seed_index, since="2020-08-01")
    assert answer.text is not None and "Putin" in answer.text
    assert all(citation.quote == citation.article.text[citation.start : citation.end] for citation in answer.citations)


def test_an_answer_tells_what_was_asked_read_and_how_long_it_took(session: qa.QA) -> None:
    answer = session.ask("Who became acting mayor of Port Sallow?", k=4)
    assert answer.question == answer.query == "Who became acting mayor of Port Sallow?"
    assert [passage.rank for passage in answer.passages] == [1, 2, 3, 4]
    assert set(answer.timings_ms) == {"retrieve", "read", "total"}
    assert answer.confidence is not None and 0 <= answer.confidence <= 1
    assert answer.sentence == answer.citations[0].sentence


def test_json_has_the_fields_that_others_script_against(session: qa.QA) -> None:
    given = session.ask("Who became acting mayor of Port Sallow?").to_dict()
    assert list(given) == [
        "question",
        "query",
        "answer",
        "confidence",
        "sentence",
        "citations",
        "passages",
        "timings_ms",
        "related",
        "reader",
        "statements",
        "note",
        "usage",
    ]
    assert list(given["citations"][0]) == [
        "article_id",
        "title",
        "date",
        "source",
        "url",
        "start",
        "end",
        "quote",
        "sentence_start",
        "sentence_end",
        "reprints",
        "day",
    ]
    assert list(given["passages"][0]) == ["article_id", "start", "end", "text", "score", "rank"]


def test_answers_keep_to_the_dates_and_sources_asked_for(session: qa.QA) -> None:
    answer = session.ask("How many people died on the Lady Maren?", since="2021-02-04", source=["Strait Observer"])
    assert {passage.article.source for passage in answer.passages} == {"Strait Observer"}
    assert all(str(passage.article.date) >= "2021-02-04" for passage in answer.passages)


def test_answers_keep_to_the_articles_chosen(session: qa.QA) -> None:
    question = "How many people died on the Lady Maren?"
    chosen = session.ask(question).passages[-1].article.id
    answer = session.ask(question, articles=[chosen])
    assert {passage.article.id for passage in answer.passages} == {chosen}
    assert {citation.article.id for citation in answer.citations} <= {chosen}


def test_no_articles_chosen_are_not_all_of_them(session: qa.QA) -> None:
    assert session.ask("How many people died on the Lady Maren?", articles=[]).passages == ()


def test_nothing_in_scope_means_the_articles_do_not_say(session: qa.QA) -> None:
    answer = session.ask("Who became acting mayor?", until="1990-01-01")
    assert (answer.text, answer.citations, answer.passages, answer.confidence) == (None, (), (), 0.0)


@pytest.mark.parametrize("since", ["yesterday", "2020-13-45", "20200823x"])
def test_a_date_that_is_none_is_refused(session: qa.QA, since: str) -> None:
    with pytest.raises(qa.QuestionError, match="YYYY-MM-DD"):
        session.ask("Who?", since=since)


def test_added_articles_are_visible_to_the_next_question_and_removed_ones_gone(tmp_path: Path) -> None:
    story = tmp_path / "grenna.txt"
    story.write_text("date 2021-04-01 The lighthouse of Grenna was sold to Ottilie Brandt for 300 crowns on Monday.")
    with qa.QA.open(tmp_path / "articles.index", create=True) as session:
        assert session.ask("Who bought the lighthouse of Grenna?").text is None
        session.add(story)
        answer = session.ask("Who bought the lighthouse of Grenna?")
        assert answer.text is not None and "Ottilie Brandt" in answer.text
        assert session.remove([answer.citations[0].article.id]) == 1
        assert session.ask("Who bought the lighthouse of Grenna?").passages == ()


def test_a_missing_index_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(qa.IndexNotFound, match="qa index"):
        qa.ask("Who?", index=tmp_path / "none")


def test_settings_come_from_arguments_then_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_PASSAGES", "7")
    monkeypatch.setenv("QA_MIN_CONFIDENCE", "0.9")
    settings = qa.Settings.build(min_confidence=0.5)
    assert (settings.passages, settings.min_confidence) == (7, 0.5)


def test_a_setting_without_sense_is_named_with_its_value() -> None:
    with pytest.raises(qa.SettingsError, match=r"QA_MIN_CONFIDENCE.*less than or equal to 1; currently it is 3"):
        qa.Settings.build(min_confidence=3)


def test_every_answer_is_given_at_the_least_confidence_and_none_at_the_highest(seed_index: Path) -> None:
    question = "Who became acting mayor of Port Sallow?"
    assert qa.ask(question, index=qa.Settings.build(index=seed_index).index).text
    with qa.QA.open(seed_index, min_confidence=1.0) as session:
        assert session.ask(question).text is None
    with qa.QA.open(seed_index, min_confidence=0.0) as session:
        assert session.ask("Who is the president of France?").text is not None


def test_an_index_works_from_wherever_it_is_moved(seed_index: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere.index"
    shutil.copytree(seed_index, moved)
    assert qa.ask("Who became acting mayor of Port Sallow?", index=moved).text
