"""Follow-ups are made to stand by themselves by the model; without it where it fails."""

import pytest

from tests.qa.llm.conftest import Open
from tests.qa.llm.servers import KEY, Reply, Say, Status, prompt_of, sentences

FIRST = "Who did Lukashenko ask for help?"
ANSWERED = sentences(("Lukashenko turned to Vladimir Putin for help.", [1]))


def script(rewritten: Reply):  # type: ignore[no-untyped-def]
    return lambda request: rewritten if "last-question" in prompt_of(request) else Say([ANSWERED])


def test_a_follow_up_is_rewritten_from_the_conversation(ask_model: Open) -> None:
    session = ask_model(script(Say(["What did Putin offer", " Lukashenko?"])))
    chat = session.conversation()
    assert chat.ask(FIRST).query == FIRST
    answer = chat.ask("What did he offer?")
    assert (answer.question, answer.query) == ("What did he offer?", "What did Putin offer Lukashenko?")
    told = prompt_of(session.server.requests[-2])  # type: ignore[attr-defined]
    assert "<question>Who did Lukashenko ask for help?</question>" in told
    assert "<answer>Lukashenko turned to Vladimir Putin for help.</answer>" in told


@pytest.mark.parametrize(
    "reply",
    [
        Status(500),
        Say([""]),
        Say(["Emmanuel Macron offered him a castle."]),
        Say(["What? " * 500]),
        Say(["<script>Putin</script>"]),
        Say([f"What is {KEY}?"]),
    ],
)
def test_what_cannot_be_used_leaves_it_to_the_rules(ask_model: Open, reply: Reply) -> None:
    chat = ask_model(script(reply)).conversation()
    chat.ask(FIRST)
    by_rules = chat.standalone("What did he offer?")
    assert chat.ask("What did he offer?").query == by_rules


def test_a_query_that_is_given_is_not_rewritten(ask_model: Open) -> None:
    session = ask_model(script(Say(["never asked for"])))
    chat = session.conversation()
    chat.ask(FIRST)
    assert chat.ask("And him?", query="What did Putin offer?").query == "What did Putin offer?"
    assert not any("last-question" in prompt_of(one) for one in session.server.requests)  # type: ignore[attr-defined]
