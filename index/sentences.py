"""Where sentences begin and end."""

import re

# The splitter takes "said Ms. Rice" and "Dr. No" for two sentences each.
_HONORIFIC = re.compile(r"\b(Mr|Mrs|Ms|Mx|Dr|Prof|Gov|Sen|Rep|Gen|Col|Lt|Sgt|Capt|Rev|Hon|St|[A-Z])\.$")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Spans `[start, end)` of the sentences of `text`, without surrounding space; none crosses a line."""
    spans: list[tuple[int, int]] = []
    offset = 0
    for line in text.split("\n"):
        spans.extend(_in_line(line, offset))
        offset += len(line) + 1
    return spans


def _in_line(line: str, offset: int) -> list[tuple[int, int]]:
    from sentencex import get_sentence_boundaries

    spans: list[tuple[int, int]] = []
    glue = False
    for boundary in get_sentence_boundaries("en", line) if line.strip() else ():
        piece = line[boundary["start_index"] : boundary["end_index"]]
        if not piece.strip():
            continue
        start = boundary["start_index"] + len(piece) - len(piece.lstrip())
        end = boundary["start_index"] + len(piece.rstrip())
        if glue:
            spans[-1] = (spans[-1][0], offset + end)
        else:
            spans.append((offset + start, offset + end))
        glue = bool(_HONORIFIC.search(piece.rstrip()))
    return spans
