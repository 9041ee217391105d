"""A recurrent network that reads and writes letter by letter: an LSTM, whose state is all that it remembers.

Hochreiter & Schmidhuber 1997; as a writer of Shakespeare: Karpathy 2015.
"""

import copy
import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.errors import BadInput
from models.runtime.training import TrainingStep
from models.textgen.language_model import UNICODE_BITS, LanguageModel, Reader, Surprise
from models.textgen.sampling import Sampling
from models.textgen.split import split
from models.textgen.trainer import train

UNKNOWN = 0  # the token of every character that the training text does not have
MAX_CHARACTERS = 1000  # the most frequent ones get a token; the rest of a Chinese text is unknown to the model
MAX_READ_CHARACTERS = 1000  # characters of a prompt that are read; an LSTM has long forgotten what was before
CHUNK = 4096  # characters that pass the network together when a text is scored
MAX_WEIGHT = 1e4  # of a file that we load: far above what training makes, far below where sums overflow


class LSTM(nn.Module):
    """Embedding → LSTM layers → logits. Tokens int64 (B, T) in, logits (B, T, V) and the state out."""

    def __init__(self, vocabulary: int, embedding: int, hidden: int, layers: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.lstm = nn.LSTM(embedding, hidden, layers, batch_first=True, dropout=dropout if layers > 1 else 0.0)
        self.out = nn.Linear(hidden, vocabulary)
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        hidden, state = self.lstm(self.dropout(self.embedding(tokens)), state)  # (B, T, hidden)
        return self.out(self.dropout(hidden)), state


class CharRNN(LanguageModel):
    """An LSTM over characters. `pieces[0]` stands for every unknown character; it is read but never written."""

    def __init__(self, network: LSTM, pieces: Sequence[str], name: str) -> None:
        self.network, self.pieces, self.name = network.float().cpu().eval().requires_grad_(False), pieces, name
        self._ids = {piece: token for token, piece in enumerate(pieces) if token != UNKNOWN}
        lstm = network.lstm
        self.layers = [  # (input weights, hidden weights, bias) of each
            (
                getattr(lstm, f"weight_ih_l{layer}"),
                getattr(lstm, f"weight_hh_l{layer}"),
                getattr(lstm, f"bias_ih_l{layer}") + getattr(lstm, f"bias_hh_l{layer}"),
            )
            for layer in range(lstm.num_layers)
        ]
        weight, _, bias = self.layers[0]
        self.inputs = network.embedding.weight @ weight.T + bias  # (V, 4 hidden): what the first layer makes of tokens

    @property
    def nbytes(self) -> int:
        """Memory of the weights in bytes."""
        return sum(p.nbytes for p in self.network.parameters()) + self.inputs.nbytes

    def encode(self, text: str) -> list[int]:
        """A token for each character."""
        return [self._ids.get(character, UNKNOWN) for character in text]

    def unknown(self, text: str) -> list[str]:
        """The characters that it has no token for."""
        return [character for character in dict.fromkeys(text) if character not in self._ids]

    def read(self, tokens: Sequence[int]) -> Reader:
        """A reader that has read the last MAX_READ_CHARACTERS of these tokens."""
        return _LSTMReader(self, tokens[-MAX_READ_CHARACTERS:])

    @torch.inference_mode()
    def surprise(self, text: str) -> list[Surprise]:
        """Bits of each character, the first one after a line break; the state is carried through the whole text."""
        tokens = torch.tensor([self._line_break, *self.encode(text)])
        bits: list[float] = []
        state = None
        for begin in range(0, len(text), CHUNK):
            chunk = tokens[begin : begin + CHUNK + 1]
            logits, state = self.network(chunk[None, :-1], state)
            bits += (F.cross_entropy(logits[0], chunk[1:], reduction="none") / math.log(2)).tolist()
        spelled = [UNICODE_BITS * (token == UNKNOWN) for token in tokens[1:].tolist()]
        return [Surprise(c, b + s) for c, b, s in zip(text, bits, spelled, strict=True)]

    @property
    def _line_break(self) -> int:
        """What the model has read before a text begins."""
        return self._ids.get("\n", UNKNOWN)

    @classmethod
    def fit(
        cls,
        text: str,
        *,
        name: str = "Your LSTM",
        start: "CharRNN | None" = None,
        embedding: int = 64,
        hidden: int = 256,
        layers: int = 1,
        dropout: float = 0.1,
        batch: int = 32,
        sequence: int = 64,
        learning_rate: float = 3e-3,
        seed: int = 0,
        device: str = "cpu",
        sample_every: int = 100,
        on_step: Callable[[TrainingStep], None] | None = None,
        **how_long: Any,
    ) -> "CharRNN":
        """Train on the first 90 % of a text (all of a short one), from scratch or on from `start`.

        `how_long` is `steps` and/or `seconds`; `on_step` gets each step, every `sample_every` of them with bits per
        character on the last 10 % and a sample. Batches are pieces of the text drawn at random, in which the state is
        carried on for eight sequences. Raises BadInput for a text too short to learn from.
        """
        training, held_out = split(text)
        pieces = start.pieces if start else vocabulary(training)
        torch.manual_seed(seed)
        network = copy.deepcopy(start.network) if start else LSTM(len(pieces), embedding, hidden, layers)
        network.dropout.p, network.lstm.dropout = dropout, dropout if network.lstm.num_layers > 1 else 0.0
        batches = _Batches(training, pieces, batch, sequence, device)

        def evaluate(average: LSTM) -> tuple[float | None, str]:
            model = cls(copy.deepcopy(average), pieces, name)
            sample = "".join(model.stream("\n", 200, Sampling(0.8), seed))
            return model.bits_per_char(held_out[:20_000]) if held_out else None, sample

        trained = train(
            network.requires_grad_(True).to(device),
            batches.loss,
            learning_rate=learning_rate,
            weight_decay=0.01,
            on_step=on_step,
            evaluate=evaluate,
            evaluate_every=sample_every,
            **how_long,
        )
        return cls(trained, pieces, name)

    def state(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Weights by name and what else it takes to make the model again."""
        about = {
            "kind": "char_rnn",
            "name": self.name,
            "pieces": list(self.pieces),
            "embedding": self.network.embedding.embedding_dim,
            "hidden": self.network.lstm.hidden_size,
            "layers": self.network.lstm.num_layers,
        }
        return {key: tensor.numpy() for key, tensor in self.network.state_dict().items()}, about

    @classmethod
    def from_state(cls, arrays: dict[str, np.ndarray], about: dict[str, Any]) -> "CharRNN":
        """The model of `state()`, maybe from a stranger's file. Raises BadInput when the parts do not fit together."""
        try:
            pieces, sizes = about["pieces"], [about[key] for key in ("embedding", "hidden", "layers")]
            if not all(type(size) is int and 1 <= size <= 2048 for size in sizes) or sizes[2] > 4:
                raise ValueError("sizes out of range")
            if not isinstance(pieces, list) or not 2 <= len(pieces) <= MAX_CHARACTERS + 1:
                raise ValueError("no list of characters, or too long a one")
            if len({*pieces}) != len(pieces):
                raise ValueError("a character twice")
            if not all(isinstance(piece, str) and len(piece) == 1 for piece in pieces):
                raise ValueError("a character that is none")
            with torch.device("meta"):  # takes no memory: the sizes may be a lie
                expected = {key: tuple(p.shape) for key, p in LSTM(len(pieces), *sizes).state_dict().items()}
            if {key: array.shape for key, array in arrays.items()} != expected:
                raise ValueError("weights of another shape")
            network = LSTM(len(pieces), *sizes)
            network.load_state_dict({key: torch.tensor(array, dtype=torch.float32) for key, array in arrays.items()})
            check_weights(network)
            return cls(network, pieces, str(about["name"])[:80])
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise BadInput("This file does not hold an LSTM of ours. Load one that this page saved.") from error


class _LSTMReader(Reader):
    """Keeps the LSTM's state; a pushed character costs one step, never the prefix again."""

    def __init__(self, model: CharRNN, tokens: Sequence[int]) -> None:
        self._model = model
        with torch.inference_mode():
            _, (hidden, cell) = model.network(torch.tensor([[model._line_break, *tokens]]))
            self._hidden, self._cell = list(hidden[:, 0]), list(cell[:, 0])  # per layer (hidden,)

    @torch.inference_mode()
    def push(self, token: int) -> None:
        """Read one character more."""
        gates = self._model.inputs[token]
        for layer, (inputs, recurrent, bias) in enumerate(self._model.layers):
            if layer:
                gates = torch.addmv(bias, inputs, self._hidden[layer - 1])
            gates = torch.addmv(gates, recurrent, self._hidden[layer])
            opened = gates.sigmoid()  # of all four, the tanh one is made again below: one call is quicker than three
            write, keep, _, show = opened.chunk(4)
            self._cell[layer] = keep * self._cell[layer] + write * gates.chunk(4)[2].tanh()
            self._hidden[layer] = show * self._cell[layer].tanh()

    @torch.inference_mode()
    def probs(self) -> np.ndarray:
        """Of each possible next character: float32 (V,), sum 1, nothing for the unknown one."""
        out = self._model.network.out
        logits = torch.addmv(out.bias, out.weight, self._hidden[-1])
        logits[UNKNOWN] = -torch.inf
        return logits.softmax(0).numpy()


class _Batches:
    """Draws (batch, sequence) windows of a text; the LSTM's state goes on from one to the next, eight times."""

    CARRIED = 8

    def __init__(self, text: str, pieces: Sequence[str], batch: int, sequence: int, device: str) -> None:
        ids = {piece: token for token, piece in enumerate(pieces)}
        self._tokens = torch.tensor([ids.get(c, UNKNOWN) for c in text], device=device)
        self._steps = torch.arange(min(sequence, len(text) - 1), device=device)
        self._carried = max(1, min(self.CARRIED, (len(text) - 1) // len(self._steps)))
        self._batch, self._drawn = batch, 0
        self._at = torch.zeros(batch, 1, dtype=torch.long, device=device)
        self._state: tuple[Tensor, Tensor] | None = None

    def loss(self, network: LSTM) -> Tensor:
        """Mean cross-entropy of the next batch in nats per character."""
        if self._drawn % self._carried == 0:
            last = len(self._tokens) - 1 - len(self._steps) * self._carried
            self._at, self._state = torch.randint(last + 1, (self._batch, 1), device=self._at.device), None
        self._drawn += 1
        window = self._at + self._steps  # (B, T)
        self._at = self._at + len(self._steps)
        seen = self._tokens[window]
        blanked = torch.rand(seen.shape, device=seen.device) < 0.001  # so that the unknown character means something
        logits, (hidden, cell) = network(torch.where(blanked, UNKNOWN, seen), self._state)
        self._state = hidden.detach(), cell.detach()
        return F.cross_entropy(logits.flatten(0, 1), self._tokens[window + 1].flatten())


def check_weights(network: nn.Module) -> None:
    """Raises ValueError for weights that are not numbers, or so large that sums of them would overflow."""
    if not all(p.abs().max() <= MAX_WEIGHT for p in network.parameters()):
        raise ValueError("weights that are no numbers, or too large")


def vocabulary(text: str) -> list[str]:
    """The text's characters, the most frequent MAX_CHARACTERS of them, in code point order, after the unknown one.

    Raises BadInput for a text that has none but \ufffd, what a file of something else becomes when read as text.
    """
    kept = [character for character, _ in Counter(text).most_common(MAX_CHARACTERS)]
    known = sorted(character for character in kept if character != "\ufffd")
    if not known:
        raise BadInput(
            "This text has no readable characters, only \ufffd. Save it as a text file in UTF-8 and try again."
        )
    return ["\ufffd", *known]
