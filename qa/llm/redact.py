"""Takes secrets out of text that is about to be shown or logged."""

import os
import re

_NAMED = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)S?$", re.IGNORECASE)
_SHORTEST = 8
_LOOKS_SECRET = re.compile(r"\b(?:sk|pk|rk)-[\w*.-]{8,}|\bAIza[\w-]{20,}|(?<=Bearer )\S+|(?<=://)[^/\s@]+(?=@)")
_HIDDEN = "[removed]"


def redact(text: str) -> str:
    """The text without the values of environment variables that hold keys, and without what looks like one."""
    secrets = [value for name, value in os.environ.items() if _NAMED.search(name) and len(value) >= _SHORTEST]
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return _LOOKS_SECRET.sub(_HIDDEN, text)
