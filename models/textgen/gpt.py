"""Our own small GPT: a decoder of the transformers library (Llama's architecture) over our own byte-pair encoding.

Its folder loads with plain `AutoModelForCausalLM.from_pretrained`. Vaswani et al. 2017, Radford et al. 2019,
Touvron et al. 2023.
"""

import copy
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, pre_tokenizers, trainers
from tokenizers.models import BPE
from torch import Tensor, nn

from models.errors import BadInput
from models.runtime.training import TrainingStep
from models.textgen.char_rnn import check_weights
from models.textgen.sampling import Sampling
from models.textgen.split import split
from models.textgen.trainer import train
from models.textgen.transformer import TransformerModel

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM

_SWITCHED = threading.Lock()  # held while a shared network computes its attention in another way
BPE_DROPOUT = 0.1  # merges left out at random in training (Provilkov et al. 2020): a small text read in many ways


def train_tokenizer(text: str, vocabulary: int) -> Tokenizer:
    """A byte-level byte-pair encoding of so many tokens at most (Sennrich et al. 2016): no text is unknown to it."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([text], trainer)
    return tokenizer


def small_llama(vocabulary: int, *, width: int = 192, layers: int = 6, heads: int = 6, window: int = 256) -> Any:
    """An untrained network of Llama's architecture: rotary positions, RMS norms, gated MLP, tied embeddings."""
    from models.runtime.torchvision_ops import torchvision  # noqa: F401, I001 - transformers imports it, and stumbles without ours
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=width,
            intermediate_size=width * 8 // 3 // 32 * 32,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            max_position_embeddings=window,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=None,
        )
    )


class GPT(TransformerModel):
    """The small decoder. Its `forward` is a step of this one architecture by hand."""

    def __init__(self, network: "LlamaForCausalLM", tokenizer: Tokenizer, name: str) -> None:
        window = network.config.max_position_embeddings
        line_break = tokenizer.encode("\n").ids[0]  # a text begins as if after a line break
        super().__init__(network.float().cpu().requires_grad_(False), tokenizer, name, window, line_break)
        self._layers = [_Layer(layer) for layer in network.model.layers]
        rotary = network.model.rotary_emb
        cos, sin = rotary(torch.zeros(1), torch.arange(window)[None])
        self._cos, self._sin = cos[0], sin[0]  # (window, head width)

    @property
    def nbytes(self) -> int:
        """Memory of the weights in bytes, with the copies that lie together."""
        return super().nbytes + sum(layer.qkv.nbytes + layer.gate_up.nbytes for layer in self._layers)

    @torch.inference_mode()
    def forward(self, tokens: Sequence[int], cache: Any, keep: int) -> tuple[Tensor, Any]:
        """As TransformerModel.forward, a good deal quicker: the same products without the library's bookkeeping.

        `cache` is (tokens in it, keys and values (layers, 2, heads, window, head width)), written in place.
        """
        network = self.network.model
        heads, width = self.network.config.num_attention_heads, self._cos.shape[1]
        begin, stored = cache or (0, torch.zeros(len(self._layers), 2, heads, self.window, width))
        end = begin + len(tokens)
        cos, sin = self._cos[begin:end], self._sin[begin:end]
        causal = None
        if len(tokens) > 1:
            causal = torch.ones(len(tokens), end, dtype=torch.bool).tril(begin)
        x = network.embed_tokens.weight[list(tokens)]  # (T, D)
        for layer, kept in zip(self._layers, stored, strict=True):
            mixed = F.linear(F.rms_norm(x, x.shape[-1:], layer.norm, layer.epsilon), layer.qkv)
            q, k, v = mixed.view(len(tokens), 3, heads, width).permute(1, 2, 0, 3)  # each (heads, T, width)
            kept[0, :, begin:end] = _turned(k, cos, sin)
            kept[1, :, begin:end] = v
            attended = F.scaled_dot_product_attention(
                _turned(q, cos, sin)[None], kept[None, 0, :, :end], kept[None, 1, :, :end], causal
            )
            x = x + F.linear(attended[0].transpose(0, 1).reshape(len(tokens), -1), layer.out)
            gate, up = F.linear(F.rms_norm(x, x.shape[-1:], layer.mlp_norm, layer.epsilon), layer.gate_up).chunk(2, -1)
            x = x + F.linear(F.silu(gate) * up, layer.down)
        x = F.rms_norm(x[-keep:], x.shape[-1:], network.norm.weight, network.norm.variance_epsilon)
        return F.linear(x, self.network.lm_head.weight)[:, : self.vocab_size], (end, stored)

    @torch.inference_mode()
    def attention(self, text: str) -> tuple[list[str], np.ndarray]:
        """What each token of a text attends to: the pieces (T), and float32 (layers, heads, T, T), rows that sum to 1.

        Of the last `window` tokens. Raises BadInput for an empty text.
        """
        tokens = self.encode(text)[-self.window :]
        return [self.pieces[token] for token in tokens], attention_of(self.network, tokens)

    @classmethod
    def fit(
        cls,
        text: str,
        *,
        name: str = "Your GPT",
        start: "GPT | None" = None,
        vocabulary: int = 1024,
        batch: int = 8,
        sequence: int = 128,
        dropout: float = 0.1,
        readings: int = 2,
        learning_rate: float = 3e-4,
        seed: int = 0,
        device: str = "cpu",
        sample_every: int = 25,
        on_step: Callable[[TrainingStep], None] | None = None,
        shape: dict[str, int] | None = None,
        **how_long: Any,
    ) -> "GPT":
        """Train on the first 90 % of a text, on from `start` (fine-tuning) or from scratch with `shape` for the sizes.

        `readings` is how many ways of cutting the text into tokens are drawn beforehand; the tokenizers library draws
        them without `seed`, so two trainings differ. See CharRNN.fit for the others. Raises BadInput for a text too
        short to learn from.
        """
        training, held_out = split(text)
        torch.manual_seed(seed)
        if start:
            network, tokenizer = copy.deepcopy(start.network), copy.deepcopy(start.tokenizer)
        else:
            tokenizer = train_tokenizer(training, vocabulary)
            network = small_llama(tokenizer.get_vocab_size(), **(shape or {}))
        tokens = cut_in_many_ways(tokenizer, training, readings).to(device)
        steps = torch.arange(min(sequence, len(tokens) - 1), device=device)

        def loss_of(network: nn.Module) -> Tensor:
            at = torch.randint(len(tokens) - len(steps), (batch, 1), device=device) + steps  # (B, T)
            logits = network(input_ids=tokens[at]).logits
            return F.cross_entropy(logits.float().flatten(0, 1), tokens[at + 1].flatten())

        def evaluate(average: Any) -> tuple[float | None, str]:
            model = cls(copy.deepcopy(average), tokenizer, name)
            sample = "".join(model.stream("\n", 60, Sampling(0.8), seed))
            return model.bits_per_char(held_out[:5_000]) if held_out else None, sample

        trained = train_with_dropout(
            network.to(device),
            dropout,
            loss_of,
            bits=len(tokens) / len(training) / readings / np.log(2),
            learning_rate=learning_rate,
            on_step=on_step,
            evaluate=evaluate,
            evaluate_every=sample_every,
            **how_long,
        )
        return cls(trained, tokenizer, name)

    def state(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Weights by name, float16, and what else it takes to make the model again from the bundled one."""
        weights = {key: p.half().numpy() for key, p in self.network.model.state_dict().items()}
        return weights, {"kind": "gpt", "name": self.name}

    @classmethod
    def from_state(cls, arrays: dict[str, np.ndarray], about: dict[str, Any], start: "GPT") -> "GPT":
        """The model of `state()`, maybe from a stranger's file, with sizes and tokenizer of `start`.

        Raises BadInput when the weights are none for it.
        """
        network = copy.deepcopy(start.network)
        try:
            network.model.load_state_dict({key: torch.tensor(a, dtype=torch.float32) for key, a in arrays.items()})
            check_weights(network)
            return cls(network, copy.deepcopy(start.tokenizer), str(about["name"])[:80])
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise BadInput("This file does not hold a GPT of ours. Load one that this page saved.") from error

    def save(self, folder: Path) -> None:
        """Into a folder that `AutoModelForCausalLM` and `AutoTokenizer` load: float16 weights, config, tokenizer."""
        from transformers import PreTrainedTokenizerFast

        copy.deepcopy(self.network).half().save_pretrained(folder)
        PreTrainedTokenizerFast(tokenizer_object=self.tokenizer).save_pretrained(folder)

    @classmethod
    def load(cls, folder: Path, name: str) -> "GPT":
        """The model that `save` put into a folder."""
        from models.runtime.torchvision_ops import torchvision  # noqa: F401, I001 - as above
        from transformers import AutoModelForCausalLM

        network: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
        return cls(network, Tokenizer.from_file(str(folder / "tokenizer.json")), name)


class _Layer:
    """The weights of one layer, those that take the same input put together: one product instead of three."""

    def __init__(self, layer: Any) -> None:
        attention, mlp = layer.self_attn, layer.mlp
        self.norm, self.epsilon = layer.input_layernorm.weight, layer.input_layernorm.variance_epsilon
        self.qkv = torch.cat([attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight])
        self.out = attention.o_proj.weight
        self.mlp_norm = layer.post_attention_layernorm.weight
        self.gate_up = torch.cat([mlp.gate_proj.weight, mlp.up_proj.weight])
        self.down = mlp.down_proj.weight


def _turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary position embedding (Su et al. 2021) of (heads, T, width)."""
    left, right = x.chunk(2, -1)
    return x * cos + torch.cat((-right, left), -1) * sin


def attention_of(network: "LlamaForCausalLM", tokens: Sequence[int], mask: Tensor | None = None) -> np.ndarray:
    """Attention weights of all layers over the tokens: float32 (layers, heads, T, T). Raises BadInput for no tokens."""
    if not len(tokens):
        raise BadInput("There is no text to look at. Write some first.")
    with _SWITCHED:
        before = network.config._attn_implementation
        network.set_attn_implementation("eager")  # the quick ones never make the weights
        try:
            out = network(torch.tensor([list(tokens)]), attention_mask=mask, output_attentions=True, use_cache=False)
        finally:
            network.set_attn_implementation(before)
    return torch.cat(out.attentions).numpy()


def cut_in_many_ways(tokenizer: Tokenizer, text: str, readings: int) -> Tensor:
    """The tokens of the text, `readings` times one after the other, each time with other merges left out."""
    tokenizer.model.dropout = BPE_DROPOUT
    try:
        return torch.cat([torch.tensor(tokenizer.encode(text).ids) for _ in range(readings)])
    finally:
        tokenizer.model.dropout = None


def train_with_dropout(network: Any, share: float, loss_of: Callable[[Any], Tensor], **how: Any) -> Any:
    """As `train`, with dropout after the embedding and each block: Llama has none, and learns one book by heart."""

    def drop(module: nn.Module, _: Any, out: Any) -> Any:
        if isinstance(out, tuple):
            return F.dropout(out[0], share, module.training), *out[1:]
        return F.dropout(out, share, module.training)

    untouched = copy.deepcopy(network)
    network.config.attention_dropout = share
    blocks = [block for layer in network.model.layers for block in (layer.self_attn, layer.mlp)]
    for layer in network.model.layers:
        layer.self_attn.attention_dropout = share
    for block in (network.model.embed_tokens, *blocks):
        block.register_forward_hook(drop)
    untouched.load_state_dict(train(network.requires_grad_(True), loss_of, **how).state_dict())
    return untouched  # without the hooks
