"""How long it takes to read: `python -m tests.bench.reading`.

Ten passages of 256 word pieces, question included, by the packaged reader and, in the same run and in turns, by the
same network in full precision under PyTorch. Weights do not matter for speed, so that PyTorch's are untrained.
"""

import statistics
import time
from collections.abc import Callable

from index.settings import IndexSettings
from qa.network import SpanNetwork
from qa.span_input import MAX_TOKENS

PASSAGES, TOKENS, RUNS = 10, 256, 15
QUESTION = "Who asked for help in the north of the country this week?"
SENTENCE = "the council met on thursday to discuss the harbour and put off its decision until the spring ."


def main() -> None:
    """Measure and print."""
    import torch

    from qa.training.model import SpanModel

    threads = IndexSettings.build().threads
    torch.set_num_threads(threads)
    network, model = SpanNetwork(threads=threads), SpanModel().eval()
    text = " ".join((SENTENCE.split() * TOKENS)[: TOKENS - 17])  # what the question and the separators leave
    count = network.read(QUESTION, [("", text)])[0].start.size
    ids = torch.ones(PASSAGES, TOKENS, dtype=torch.long)

    def ours() -> None:
        network.read(QUESTION, [("", text)] * PASSAGES)

    def torchs() -> None:
        with torch.inference_mode():
            model(ids, torch.zeros_like(ids), ids)

    times: dict[Callable[[], None], list[float]] = {ours: [], torchs: []}
    for _ in range(RUNS):
        for read in times:
            started = time.perf_counter()
            read()
            times[read].append(1e3 * (time.perf_counter() - started))
    fast, slow = (statistics.median(each[1:]) for each in times.values())
    print(
        f"{PASSAGES} passages of {TOKENS} word pieces ({count} of the passage), {threads} cores, at most {MAX_TOKENS}:"
    )
    print(f"article-qa p50 {fast:.0f} ms, PyTorch in full precision p50 {slow:.0f} ms, ratio {slow / fast:.2f}")


if __name__ == "__main__":
    main()
