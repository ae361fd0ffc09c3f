"""Sentences of an article that speak to a language model. They say what to write, not what happened."""

import re

_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.]{0,60}\b(?:instruction|prompt|rule|guideline|previous|above"
    r"|prior|passage|article|everything)"
    r"|\b(?:system|developer|hidden) (?:prompt|message|instruction)"
    r"|\byou (?:are|must act as|will act as) (?:now |a |an )*(?:ai|assistant|language model|chatbot|llm|gpt)\b"
    r"|\b(?:new|updated|important) instructions?\b|\binstructions? (?:to|for) (?:the |any |an |all )?(?:ai|assistant"
    r"|model|language model|chatbot|llm)"
    r"|\b(?:your|the) (?:answer|reply|response|output) (?:must|should|shall|has to|is to)\b"
    r"|\b(?:api|secret|access)[ _-]?key\b[^.]{0,40}\b(?:print|reveal|repeat|show|tell|output|include)"
    r"|\b(?:print|reveal|repeat|show|tell|output|include)\b[^.]{0,40}\b(?:api|secret|access)[ _-]?key",
    re.IGNORECASE,
)
_IMPERATIVE = re.compile(
    r"(?:^|[:;]\s|[\"“(]|\bplease )\s*(?:please |now |just |only )*"
    r"(?:say|answer|respond|reply|output|write|repeat|state|cite|claim|reveal|print|assert|report"
    r"|tell (?:the|them|users?))"
    r"\b[^.!?]{0,20}(?:\bthat\b|\bwith\b|\bonly\b|:|[\"“'\[]|\bthe (?:user|reader|key)\b)",
    re.IGNORECASE,
)
# What separates the speakers in the text that a model is given; no story has it.
_MARKUP = re.compile(
    r"<\|\w+\|>|\[/?INST\]|<</?SYS>>|</?(?:passage|question|system|s)>|^(?:system|assistant|user):", re.IGNORECASE
)


def is_instruction(sentence: str) -> bool:
    """Whether a sentence gives orders about the answer; what it says is then no evidence."""
    return any(pattern.search(sentence) for pattern in (_ORDER, _IMPERATIVE, _MARKUP))
