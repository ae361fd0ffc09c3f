"""Runs compiled models with onnxruntime."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Small batches of nearly equal length stay in the processor's cache and carry next to no padding.
_BATCH_TOKENS = 1024


def open_session(path: Path, *, threads: int) -> Any:
    """Load a model that is to use `threads` cores."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin between batches burn the cores that other work needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def batches_by_length(lengths: Sequence[int]) -> list[list[int]]:
    """Numbers of texts, shortest first, in batches of about 1,024 tokens, padding included."""
    batches: list[list[int]] = []
    for number in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches and (len(batches[-1]) + 1) * lengths[number] <= _BATCH_TOKENS:
            batches[-1].append(number)
        else:
            batches.append([number])
    return batches
