from pathlib import Path

import pytest

from index.errors import SettingsError
from index.settings import DEFAULT_MODEL, IndexSettings


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QA_CACHE")
    settings = IndexSettings.build()
    assert (settings.index, settings.embedding_model) == (Path("articles.index"), DEFAULT_MODEL)
    assert settings.threads >= 1 and settings.cache == Path.home() / ".cache" / "article-qa"


def test_environment_sets_what_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_INDEX", "/there")
    monkeypatch.setenv("QA_WAIT", "7.5")
    settings = IndexSettings.build(index=Path("/here"), wait=None)
    assert (settings.index, settings.wait) == (Path("/here"), 7.5)


@pytest.mark.parametrize(
    ("name", "value"),
    [("threads", 0), ("wait", -1), ("max_file_mb", 0), ("embedding_model", ""), ("threads", "many")]
    + [("fetch_seconds", 0), ("allow_private_urls", "perhaps")],
)
def test_value_that_makes_no_sense_is_named_with_its_setting(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=rf"setting {name} \(environment variable QA_{name.upper()}\).*{value!r}"):
        IndexSettings.build(**{name: value})


def test_switch_is_set_by_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    assert IndexSettings.build().allow_private_urls is False
    assert IndexSettings.build(allow_private_urls="true").allow_private_urls is True
    monkeypatch.setenv("QA_ALLOW_PRIVATE_URLS", "yes")
    assert IndexSettings.build().allow_private_urls is True


def test_unknown_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match="colour"):
        IndexSettings.build(colour="red")
