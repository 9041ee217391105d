"""A masked language model beside our GPT: it fills a blank from both sides, where a causal one only looks back.

The same architecture without the causal mask, trained to guess hidden tokens (Devlin et al. 2019).
"""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn

from models.runtime.training import TrainingStep
from models.textgen.gpt import attention_of, cut_in_many_ways, small_llama, train_with_dropout
from models.textgen.split import split
from models.textgen.transformer import token_bytes

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM

HIDDEN = 0.2  # share of the tokens that are hidden in training (Wettig et al. 2023 find more than BERT's 15 % better)


class MaskedLM:
    """Guesses hidden tokens. Its tokens are those of `tokenizer`, and one more, the last, that stands for a blank."""

    def __init__(self, network: "LlamaForCausalLM", tokenizer: Tokenizer, name: str) -> None:
        self.network, self.tokenizer = network.float().cpu().eval().requires_grad_(False), tokenizer
        self.name, self.blank = name, network.config.vocab_size - 1
        self.window = network.config.max_position_embeddings
        self.pieces = [piece.decode("utf-8", errors="replace") for piece in token_bytes(tokenizer, self.blank)]

    @property
    def nbytes(self) -> int:
        """Memory of the weights in bytes."""
        return sum(p.nbytes for p in self.network.parameters())

    def encode(self, text: str) -> list[int]:
        """The last `window` tokens of a text, by id."""
        return self.tokenizer.encode(text).ids[-self.window :]

    @torch.inference_mode()
    def guess(self, tokens: Sequence[int], position: int, k: int = 10) -> list[tuple[str, float]]:
        """What could stand at `position` (0..T-1) of these tokens, itself hidden: (piece, probability), best first."""
        seen = torch.tensor([list(tokens)])
        seen[0, position] = self.blank
        logits = self.network(input_ids=seen, attention_mask=both_ways(seen), use_cache=False).logits
        probs = logits[0, position, : self.blank].double().softmax(-1)
        best = probs.topk(min(k, self.blank))
        return [(self.pieces[token], p) for p, token in zip(best.values.tolist(), best.indices.tolist(), strict=True)]

    @torch.inference_mode()
    def attention(self, tokens: Sequence[int]) -> np.ndarray:
        """What each of T tokens attends to: float32 (layers, heads, T, T), rows that sum to 1."""
        return attention_of(self.network, tokens, both_ways(torch.tensor([list(tokens)])))

    @classmethod
    def fit(
        cls,
        text: str,
        tokenizer: Tokenizer,
        *,
        name: str = "Your masked model",
        batch: int = 64,
        sequence: int = 128,
        dropout: float = 0.1,
        readings: int = 12,
        learning_rate: float = 1e-3,
        seed: int = 0,
        device: str = "cpu",
        on_step: Callable[[TrainingStep], None] | None = None,
        shape: dict[str, int] | None = None,
        **how_long: Any,
    ) -> "MaskedLM":
        """Train on the first 90 % of a text; see GPT.fit. The steps' losses are bits per hidden token."""
        training, _ = split(text)
        torch.manual_seed(seed)
        blank = tokenizer.get_vocab_size()
        network = small_llama(blank + 1, window=sequence, **(shape or {"width": 160, "layers": 4, "heads": 5}))
        tokens = cut_in_many_ways(tokenizer, training, readings).to(device)
        steps = torch.arange(min(sequence, len(tokens)), device=device)

        def loss_of(network: nn.Module) -> Tensor:
            at = torch.randint(len(tokens) - len(steps) + 1, (batch, 1), device=device) + steps
            seen = tokens[at]  # (B, T)
            hidden = torch.rand(seen.shape, device=device) < HIDDEN
            hidden[:, 0] |= ~hidden.any(1)
            blanked = torch.where(hidden, blank, seen)
            logits = network(input_ids=blanked, attention_mask=both_ways(blanked), use_cache=False).logits
            return F.cross_entropy(logits[hidden].float(), seen[hidden])

        trained = train_with_dropout(
            network.to(device), dropout, loss_of, learning_rate=learning_rate, on_step=on_step, **how_long
        )
        return cls(trained, tokenizer, name)

    @torch.inference_mode()
    def accuracy(self, text: str, seed: int = 0) -> tuple[float, float]:
        """On a text with every seventh token or so hidden: (share guessed right, bits per hidden token)."""
        tokens = torch.tensor(self.tokenizer.encode(text).ids)
        rows = tokens[: len(tokens) // self.window * self.window].view(-1, self.window)
        hidden = torch.rand(rows.shape, generator=torch.Generator().manual_seed(seed)) < 0.15
        right, bits = 0, 0.0
        for row, holes in zip(rows.split(32), hidden.split(32), strict=True):
            blanked = torch.where(holes, self.blank, row)
            logits = self.network(input_ids=blanked, attention_mask=both_ways(blanked), use_cache=False).logits[holes]
            right += int((logits.argmax(-1) == row[holes]).sum())
            bits += float(F.cross_entropy(logits, row[holes], reduction="sum")) / float(np.log(2))
        return right / int(hidden.sum()), bits / int(hidden.sum())

    def save(self, folder: Path) -> None:
        """Weights in float16 and config into a folder; the tokenizer lies in the GPT's."""
        copy.deepcopy(self.network).half().save_pretrained(folder)

    @classmethod
    def load(cls, folder: Path, tokenizer: Path, name: str) -> "MaskedLM":
        """The model that `save` put into a folder, with the tokenizer in the file `tokenizer`."""
        from models.runtime.torchvision_ops import torchvision  # noqa: F401, I001 - transformers imports it, and stumbles without ours
        from transformers import LlamaForCausalLM

        network = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
        return cls(network, Tokenizer.from_file(str(tokenizer)), name)


def both_ways(tokens: Tensor) -> Tensor:
    """The mask that hides nothing, (B, 1, T, T): added to the attention's scores in place of the causal one."""
    batch, length = tokens.shape
    return torch.zeros(batch, 1, length, length, device=tokens.device)
