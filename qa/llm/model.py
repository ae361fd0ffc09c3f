"""Opens the chat model that the settings name, by LangChain's `init_chat_model`."""

import logging
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from index.errors import SettingsError
from qa.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

logger = logging.getLogger(__name__)

_EXTRAS = {"openai": "openai", "anthropic": "anthropic", "google_genai": "google", "ollama": "ollama"}
_EXAMPLE = "--llm ollama:qwen3 or --llm openai:gpt-5-mini"


def open_model(settings: Settings) -> "BaseChatModel":
    """The chat model that `settings.llm` names, as PROVIDER:MODEL. Nothing is sent yet.

    Raises SettingsError: the provider is unknown, its package is not installed, or its key is not in the environment.
    """
    from langchain.chat_models import init_chat_model

    provider, _, model = (settings.llm or "").partition(":")
    if not (provider and model):
        raise SettingsError(f"setting llm (environment variable QA_LLM) is PROVIDER:MODEL, such as {_EXAMPLE}")
    options = _options(provider, settings)
    try:
        opened: BaseChatModel = init_chat_model(model, model_provider=provider, **options)
    except ImportError as error:
        raise SettingsError(
            f"the language models of {provider} need a package more. {_install(provider, error)}"
        ) from error
    except ValueError as error:
        if "Unsupported" in str(error):
            known = str(error).partition("are: ")[2]
            raise SettingsError(f"no provider of language models is called {provider!r}. Known are: {known}") from None
        raise _unusable(provider, error) from None
    except Exception as error:  # whatever the provider's own package raises
        raise _unusable(provider, error) from None
    return opened


def _options(provider: str, settings: Settings) -> dict[str, Any]:
    """What each provider's class calls the same things. Asking again and the time in all are our own business."""
    options: dict[str, Any] = {}
    if provider == "ollama":
        # Without it a server takes its own window, and silently cuts off the beginning of what is longer.
        options |= {
            "client_kwargs": {"timeout": settings.llm_timeout},
            "num_ctx": settings.llm_window,
            "temperature": 0,
        }
    else:
        options |= {"timeout": settings.llm_timeout, "max_retries": 0}
    if url := settings.llm_base_url:
        _check(url)
        options["base_url"] = url
        if provider == "openai":  # a server of one's own: it takes a temperature, and most want no key
            options |= {"temperature": 0, "stream_usage": True}
            if not os.environ.get("OPENAI_API_KEY"):
                options["api_key"] = "none"
    return options


def _check(url: str) -> None:
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise SettingsError(
            "setting llm_base_url holds a password. Keys come from the environment only, such as OPENAI_API_KEY"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"setting llm_base_url is no address: {url!r}. Write it as http://127.0.0.1:8080/v1")


def _install(provider: str, error: ImportError) -> str:
    if provider in _EXTRAS:
        return f"Install it: pip install 'article-qa[{_EXTRAS[provider]}]'"
    package = re.search(r"`(pip install [\w.\[\]-]+)`", str(error))
    return f"Install it: {package[1]}" if package else f"Python says: {error}"


def _unusable(provider: str, error: Exception) -> SettingsError:
    """The provider's own message stays out of it: it may repeat what it was given, keys included."""
    logger.debug("the provider %s could not be set up: %s", provider, type(error).__name__)
    key = f"{provider.split('_')[0].upper()}_API_KEY"
    return SettingsError(
        f"the language model of {provider} cannot be used ({type(error).__name__}). Its key comes from the environment,"
        f" as a rule from {key}; is it set, and are the other llm settings right?"
    )
