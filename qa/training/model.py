"""The span reader's network: MiniLM with a layer that scores each word piece."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from index.compile import packaged_model
from qa.training.exported import exported_weights

WEIGHTS = "model.safetensors"


class SpanModel(nn.Module):
    """MiniLM and three scores per word piece: answer starts here, ends here, and, at `[CLS]`, there is one."""

    def __init__(self, *, dropout: float = 0.0) -> None:
        """The encoder has the packaged weights, the scores are untrained."""
        from transformers import BertModel
        from transformers.utils import logging

        super().__init__()
        # It would warn of the pooling layer, which is left out on purpose.
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        self.encoder: Any = BertModel.from_pretrained(
            str(packaged_model()),
            add_pooling_layer=False,
            # The plain form of attention is the fastest on a CPU, and exports best.
            attn_implementation="eager",
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
        )
        self.scores = nn.Linear(self.encoder.config.hidden_size, 3)

    def forward(
        self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Scores float32: `start` and `end` `[n, tokens]`, very low where there is padding, `says` `[n]`."""
        hidden = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        start, end, says = self.scores(hidden.to(self.scores.weight.dtype)).float().unbind(-1)
        padding = (1.0 - mask.float()) * -1e4
        return start + padding, end + padding, says[:, 0]


def load_model(*folders: Path, dropout: float = 0.0) -> SpanModel:
    """A model with the weights in a folder, of a run or exported; of several, with the mean of theirs.

    Runs that began from the same weights, averaged, are often better than each of them, at no cost when answering
    (Wortsman et al., "Model soups", ICML 2022). A folder given twice counts twice.
    """
    weights = [_weights_in(folder) for folder in folders]
    model = SpanModel(dropout=dropout)
    model.load_state_dict({name: torch.stack([each[name] for each in weights]).mean(0) for name in weights[0]})
    return model.eval()


def _weights_in(folder: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(folder / WEIGHTS) if (folder / WEIGHTS).exists() else exported_weights(folder)


def save_model(model: SpanModel, folder: Path) -> None:
    """Write a model's weights into `folder`."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.float().contiguous() for name, value in model.state_dict().items()}, folder / WEIGHTS)


def loss_of(
    scores: tuple[torch.Tensor, torch.Tensor, torch.Tensor], starts: torch.Tensor, ends: torch.Tensor
) -> torch.Tensor:
    """Minus the log of the probability that the right answers have together, per example, and of `says`, averaged.

    Summing over the places where an answer stands leaves it to the model which one of them is meant
    (Clark & Gardner, ACL 2018).
    """
    start, end, says = scores
    there = starts >= 0
    together = start.log_softmax(1).gather(1, starts.clamp(min=0)) + end.log_softmax(1).gather(1, ends.clamp(min=0))
    spans = -together.masked_fill(~there, float("-inf")).logsumexp(1)
    is_said = (starts[:, 0] > 0).float()
    return (spans / 2).mean() + 0.3 * nn.functional.binary_cross_entropy_with_logits(says, is_said)
