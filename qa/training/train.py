"""Train the reader: `python -m qa.training.train --examples FILE --out FOLDER --tokens 15e6`.

It goes on from the checkpoint in the folder, if there is one; the same seed gives the same batches. The learning
rate is constant but for a short start and a linear decay over the last part, so that a run can be made longer
afterwards: with more `--tokens` it goes on from the last checkpoint before the decay.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import nn

from index.compile import packaged_model
from qa.span_input import Writer
from qa.training.encode import Encoded, collate, encode
from qa.training.examples import read_examples
from qa.training.model import SpanModel, load_model, loss_of, save_model

_WARM_UP, _DECAY = 0.03, 0.3
_BLOCK = 4000
_CHECKPOINT = "checkpoint.pt"


def train(
    examples: Sequence[Encoded],
    out: Path,
    *,
    tokens: int,
    batch_tokens: int = 4096,
    rate: float = 1.5e-4,
    dropout: float = 0.0,
    start: Path | None = None,
    seed: int = 0,
    device: str = "cpu",
    checkpoint_seconds: float = 600,
) -> list[float]:
    """Train on `tokens` word pieces, checkpoints and the final weights in `out`; the losses come back, by step.

    It starts from the weights in the folder `start`, of a run or exported; without one, from the packaged MiniLM's.
    """
    torch.manual_seed(seed)
    model = (load_model(start, dropout=dropout) if start else SpanModel(dropout=dropout)).to(device)
    trainer = _Trainer(model, rate=rate)
    seen, losses = trainer.restore(out / _CHECKPOINT, before=(1 - _DECAY) * tokens)
    saved = started = time.monotonic()
    begun = seen
    model.train()
    for number, batch in enumerate(_batches(examples, batch_tokens, seed)):
        if number < len(losses):
            continue
        if seen >= tokens:
            break
        share = seen / tokens
        trainer.set_rate(rate * min(1.0, (share + 1e-3) / _WARM_UP, (1 - share) / _DECAY))
        inputs = {name: value.to(device) for name, value in collate(batch).items()}
        starts, ends = inputs.pop("starts"), inputs.pop("ends")
        loss = loss_of(model(**inputs), starts, ends)
        losses.append(trainer.step(loss))
        seen += sum(len(example.ids) for example in batch)
        if len(losses) % 50 == 0:
            speed = (seen - begun) / (time.monotonic() - started)
            mean = sum(losses[-50:]) / 50
            print(f"{len(losses):6} steps {seen / 1e6:7.2f}M tokens {speed:6.0f}/s loss {mean:.3f}", flush=True)
        if time.monotonic() - saved > checkpoint_seconds and seen < (1 - _DECAY) * tokens:
            trainer.save(out / _CHECKPOINT, seen, losses)
            saved = time.monotonic()
    save_model(trainer.finished(), out)
    (out / "losses.json").write_text(json.dumps(losses))
    return losses


class _Trainer:
    """AdamW on float32 copies of the encoder's weights.

    Those are in bfloat16, half the arithmetic's width and none of the loss, where the processor multiplies it.
    """

    def __init__(self, model: SpanModel, *, rate: float) -> None:
        self._model = model
        self._masters = [parameter.detach().float().clone() for parameter in model.parameters()]
        if _multiplies_bfloat16(next(model.parameters()).device):
            model.encoder.to(dtype=torch.bfloat16)
        else:
            model.encoder.set_attn_implementation("sdpa")  # in float32, and there only, a sixth faster
        self._adam = torch.optim.AdamW(self._masters, lr=rate, weight_decay=0.01, fused=True)

    def set_rate(self, rate: float) -> None:
        for group in self._adam.param_groups:
            group["lr"] = rate

    def step(self, loss: torch.Tensor) -> float:
        """Follow the loss downhill, and return it."""
        loss.backward()  # type: ignore[no-untyped-call]
        for master, parameter in zip(self._masters, self._model.parameters(), strict=True):
            master.grad = parameter.grad.float() if parameter.grad is not None else None
            parameter.grad = None
        nn.utils.clip_grad_norm_(self._masters, 1.0)
        self._adam.step()
        self._copy_back()
        return loss.item()

    def _copy_back(self) -> None:
        with torch.no_grad():
            for master, parameter in zip(self._masters, self._model.parameters(), strict=True):
                parameter.copy_(master)

    def finished(self) -> SpanModel:
        """The model in full precision."""
        self._model.float()
        self._copy_back()
        return self._model

    def save(self, path: Path, seen: int, losses: list[float]) -> None:
        """Write a checkpoint, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".new")
        state = {"masters": self._masters, "adam": self._adam.state_dict(), "seen": seen, "losses": losses}
        torch.save(state | {"random": torch.get_rng_state()}, scratch)
        scratch.replace(path)

    def restore(self, path: Path, *, before: float) -> tuple[int, list[float]]:
        """Go back to a checkpoint from `before` so many tokens; the tokens seen, and the losses until then."""
        state: dict[str, Any] = {}
        with suppress(FileNotFoundError):
            state = torch.load(path, weights_only=True)
        if not state or state["seen"] > before:
            return 0, []
        with torch.no_grad():
            for master, saved in zip(self._masters, state["masters"], strict=True):
                master.copy_(saved)
        self._copy_back()
        self._adam.load_state_dict(state["adam"])
        torch.set_rng_state(state["random"])
        print(f"going on from {path}, after {state['seen']:,} tokens", flush=True)
        return state["seen"], state["losses"]


def _multiplies_bfloat16(device: torch.device) -> bool:
    """Whether the processor does; one that does not is a hundred times slower at it than at float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    able = torch.cpu.get_capabilities()
    return any(able.get(name) for name in ("avx512_bf16", "amx_bf16"))


def _batches(examples: Sequence[Encoded], batch_tokens: int, seed: int) -> Iterator[list[Encoded]]:
    """Batches without end, of examples of nearly equal length, in another order each time round."""
    rng = random.Random(seed)
    while True:
        order = rng.sample(range(len(examples)), len(examples))
        batches: list[list[Encoded]] = []
        for first in range(0, len(order), _BLOCK):
            block = sorted((examples[i] for i in order[first : first + _BLOCK]), key=lambda e: len(e.ids))
            batch: list[Encoded] = []
            for example in block:
                if batch and len(example.ids) * (len(batch) + 1) > batch_tokens:
                    batches.append(batch)
                    batch = []
                batch.append(example)
            batches.append(batch)
        rng.shuffle(batches)
        yield from batches


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the reader.")
    parser.add_argument("--examples", type=Path, required=True, help="train.jsonl.gz, made by qa.training.prepare")
    parser.add_argument("--out", type=Path, required=True, help="where checkpoints and weights go")
    parser.add_argument("--tokens", type=float, default=15e6, help="word pieces to train on (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=1.5e-4, help="learning rate (default: %(default)s)")
    parser.add_argument("--dropout", type=float, default=0.0, help="of the encoder's units (default: %(default)s)")
    parser.add_argument("--start", type=Path, help="weights to start from: another run's folder, or qa/models")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    encoded = encode(read_examples(options.examples), Writer(packaged_model() / "tokenizer.json"))
    print(f"{len(encoded):,} examples, {sum(len(example.ids) for example in encoded) / 1e6:.1f}M tokens", flush=True)
    train(
        encoded,
        options.out,
        tokens=int(options.tokens),
        rate=options.rate,
        dropout=options.dropout,
        start=options.start,
        seed=options.seed,
        device=options.device,
    )


if __name__ == "__main__":
    main()
