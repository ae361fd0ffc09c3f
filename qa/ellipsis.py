"""Questions of which only what is new was said: "Why?", "Who else?", "And in Lithuania?"."""

import re

_BARE = re.compile(
    r"^(?:and |but |so )?(?P<word>why|when|where|how|since when|how come)(?: exactly| precisely| though| then)?\W*$",
    re.IGNORECASE,
)
_ELSE = re.compile(r"^(?:and )?(?:who|what|where|when|why|how|any(?:one|body|thing|where)) else\W*$", re.IGNORECASE)
_INSTEAD = re.compile(
    r"^(?i:and what about|and|but|or|what about|how about)\s+"
    r"(?:(?P<place>in|at|for|from|to|by|of|on|during)\s+(?P<where>[\w’'-]+(?: [\w’'-]+){0,3})"
    r"|(?P<what>(?:the )?[A-Z0-9][\w’'-]*(?: [\w’'-]+){0,3}))\W*$"
)
_ASKS = re.compile(
    r"^(?P<word>who|whom|what|when|where|why|how(?: (?:many|much|long|old|far|often)(?: \w+)?)?|which \w+)"
    r" (?P<verb>did|do|does|is|was|were|are|has|have|had|will|would|can|could) (?P<rest>.+)$",
    re.IGNORECASE,
)
_NAME = r"(?:the )?[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*"
_BE = {"is", "was", "were", "are"}
_ADVERBS = {"when", "where", "why", "how", "how long", "how far", "how often", "how old"}


def complete(question: str, asked: str, answer: str | None) -> str:
    """`question` in the words of the one before, `asked`, as far as it leaves them out; else as it is.

    `answer` is what the articles said to that one.
    """
    asked = re.sub(r"^(?:and|but|so)[, ]+", "", asked.strip(), flags=re.IGNORECASE)
    if bare := _BARE.match(question):
        return _asked_for(bare["word"], asked, answer) or question
    if _ELSE.match(question):
        return re.sub(r"^(\w+)", r"\1 else", asked, count=1) if _ASKS.match(asked) or _who(asked) else question
    if instead := _INSTEAD.match(question):
        return _put_in(asked, instead["place"] or "", instead["where"] or instead["what"]) or question
    return question


def _asked_for(word: str, asked: str, answer: str | None) -> str | None:
    """The question before, but for the why or the when of it."""
    found = _ASKS.match(asked)
    if not found:
        return None
    subject = ""
    if (
        found["verb"].lower() in _BE and found["word"].lower() not in _ADVERBS
    ):  # "Who was elected?" asks for its subject
        if not answer or found["word"].lower() not in ("who", "what"):
            return None
        subject = f"{answer} "
    return f"{word[0].upper()}{word[1:].lower()} {found['verb'].lower()} {subject}{found['rest']}"


def _put_in(asked: str, place: str, what: str) -> str | None:
    """The question before, with `what` in the stead of the name that stood there, or stood last."""
    found = list(re.finditer(rf"\b{place} {_NAME}" if place else rf"(?<!^)\b{_NAME}", asked))
    if found:
        start, end = found[-1].span()
        new = f"{place} {what}".strip()
        return asked[:start] + new + ("’s" if re.search(r"['’]s$", asked[start:end]) else "") + asked[end:]
    return f"{asked.rstrip('?. ')} {place} {what}?" if place else None


def _who(asked: str) -> bool:
    return bool(re.match(r"(who|what|where)\b", asked, re.IGNORECASE))
