"""Follow-up questions take along what they refer to."""

import json

import qa


def test_a_question_that_stands_by_itself_is_left_alone(session: qa.QA) -> None:
    chat = session.conversation()
    chat.ask("Who did Lukashenko ask for help?")
    question = "How many people were aboard the Lady Isolde?"
    assert chat.ask(question).query == question


def test_a_first_question_is_left_alone(session: qa.QA) -> None:
    assert session.conversation().ask("What did he offer?").query == "What did he offer?"


def test_a_pronoun_takes_the_names_of_the_turn_before(session: qa.QA) -> None:
    chat = session.conversation()
    chat.ask("Who did Lukashenko ask for help?")
    answer = chat.ask("What did he offer?")
    assert answer.question == "What did he offer?"
    assert answer.query.startswith("What did Vladimir Putin offer?")
    assert any("assistance" in passage.text for passage in answer.passages[:3])


def test_a_bare_question_takes_all_that_was_asked(session: qa.QA) -> None:
    chat = session.conversation()
    chat.ask("When did Dorrit Haskell resign?")
    answer = chat.ask("Why?")
    assert "Haskell" in answer.query
    assert answer.text is not None
    assert answer.citations[0].article.title == "Mayor of Port Sallow quits over dredging contract"


def test_turns_are_kept(session: qa.QA) -> None:
    chat = session.conversation()
    chat.ask("Who led the inquiry into the sinking of the Lady Maren?")
    chat.ask("Who became acting mayor of Port Sallow?")
    assert [turn.question for turn in chat.turns] == [
        "Who led the inquiry into the sinking of the Lady Maren?",
        "Who became acting mayor of Port Sallow?",
    ]


def test_a_conversation_goes_on_after_turns_that_were_stored(session: qa.QA) -> None:
    before = session.conversation()
    before.ask("Who did Lukashenko ask for help?")
    stored = [turn.to_dict() for turn in before.turns]
    after = session.conversation([qa.Turn.from_dict(json.loads(json.dumps(turn))) for turn in stored])
    assert after.turns == before.turns
    assert after.ask("What did he offer?").query == before.ask("What did he offer?").query


def test_a_query_that_is_given_is_searched_for_as_it_is(session: qa.QA) -> None:
    chat = session.conversation()
    answer = chat.ask("And him?", query="Who did Lukashenko ask for help?")
    assert (answer.question, answer.query) == ("And him?", "Who did Lukashenko ask for help?")
    assert answer.text is not None
