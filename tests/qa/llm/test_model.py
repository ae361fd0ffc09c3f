"""Which model is opened, and what is said when it cannot be."""

import subprocess
import sys

import pytest

import qa
from qa.llm.model import open_model
from qa.llm.redact import redact


def test_the_settings_reach_the_providers_class() -> None:
    model = open_model(
        qa.Settings.build(llm="ollama:some/model:7b", llm_base_url="http://127.0.0.1:1", llm_window=2048)
    )
    assert type(model).__name__ == "ChatOllama"
    assert (model.model, model.base_url, model.num_ctx) == ("some/model:7b", "http://127.0.0.1:1", 2048)  # type: ignore[attr-defined]


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert open_model(qa.Settings.build(llm="openai:local", llm_base_url="http://127.0.0.1:1/v1"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"llm": "anthropic:claude"}, "pip install 'article-qa\\[anthropic\\]'"),
        ({"llm": "google_genai:gemini"}, "pip install 'article-qa\\[google\\]'"),
        ({"llm": "groq:llama"}, "pip install langchain-groq"),
        ({"llm": "nonesuch:model"}, "no provider of language models is called 'nonesuch'. Known are: .*ollama"),
        ({"llm": "gpt-5"}, "PROVIDER:MODEL, such as --llm ollama:qwen3"),
        ({"llm": "openai:gpt-5"}, "comes from the environment, as a rule from OPENAI_API_KEY"),
        ({"llm": "ollama:m", "llm_base_url": "localhost"}, "is no address: 'localhost'"),
    ],
)
def test_what_is_missing_is_named(settings: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(qa.SettingsError, match=message):
        open_model(qa.Settings.build(**settings))


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(qa.SettingsError, match="Keys come from the environment only") as raised:
        open_model(qa.Settings.build(llm="ollama:m", llm_base_url="http://user:topsecret@127.0.0.1:1"))
    assert "topsecret" not in str(raised.value)


@pytest.mark.parametrize(
    "secret", ["sk-proj-abc123def456", "AIzaSyA1234567890123456789012345", "http://me:pass@host/", "Bearer abc.def"]
)
def test_what_looks_like_a_key_is_taken_out(secret: str) -> None:
    assert secret.split("//")[-1].split(" ")[-1] not in redact(f"it was {secret}, they said")


def test_no_provider_is_imported_without_a_model(seed_index: object) -> None:
    code = (
        f"import sys, qa; qa.ask('Who did Lukashenko ask for help?', index={str(seed_index)!r});"
        "print(*(name for name in sys.modules if name in ('openai', 'ollama', 'langchain.chat_models', 'langchain')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == ""
