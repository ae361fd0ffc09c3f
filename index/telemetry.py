"""Switches off every telemetry of the libraries underneath, before any of them is imported."""

import os

_OFF = {
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "DO_NOT_TRACK": "1",
}


def switch_off() -> None:
    """Set the opt-out variables. A variable the user has set is left as it is."""
    for name, value in _OFF.items():
        os.environ.setdefault(name, value)
