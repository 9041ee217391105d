"""A transformer as a language model: any decoder of the transformers library with its tokenizer.

Reading keeps the key-value cache: a pushed token costs one forward of one token (Pope et al. 2022).
"""

import codecs
import inspect
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from models.errors import ModelFailed
from models.textgen.language_model import UNICODE_BITS, LanguageModel, Reader, Surprise

if TYPE_CHECKING:
    from transformers import PreTrainedModel

CHUNK = 128  # tokens whose logits are looked at together: with 150 000 tokens to choose from they are 77 MB


class TransformerModel(LanguageModel):
    """A causal network of the transformers library (`forward(input_ids, past_key_values, use_cache)` → logits).

    It sees the last `window` tokens; when they are full it reads the last half of them anew and goes on.
    `start_token` is read before any text: what the first token is conditioned on; None makes that one uniform.
    `end_tokens` end a text. `tokenizer` is kept and set to take special tokens in a text as plain characters.
    """

    def __init__(
        self,
        network: "PreTrainedModel",
        tokenizer: Tokenizer,
        name: str,
        window: int,
        start_token: int | None = None,
        end_tokens: Iterable[int] = (),
    ) -> None:
        if window < 2:
            raise ValueError(f"window must be 2 tokens or more, got {window}")
        self.network, self.tokenizer, self.name = network.eval(), tokenizer, name
        self.window, self.start_token, self._end_tokens = window, start_token, frozenset(end_tokens)
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True  # a visitor's "<|endoftext|>" is a text about it, not an end
        # some networks have room for more tokens than their tokenizer has: those are never written
        self.vocab_size = min(network.get_output_embeddings().weight.shape[0], tokenizer.get_vocab_size())
        self._bytes = token_bytes(tokenizer, self.vocab_size)
        self.pieces: Sequence[str] = [text.decode("utf-8", errors="replace") for text in self._bytes]
        unknown = getattr(tokenizer.model, "unk_token", None)
        self._unknown = tokenizer.token_to_id(unknown) if unknown else None
        self._keeps_logits = "logits_to_keep" in inspect.signature(network.forward).parameters

    @property
    def nbytes(self) -> int:
        """Memory of weights and buffers in bytes."""
        return sum(tensor.nbytes for tensor in (*self.network.parameters(), *self.network.buffers()))

    def encode(self, text: str) -> list[int]:
        """The tokens of a text, by id, without any that the tokenizer would put around it."""
        return [token for token in self._cut(text).ids if token < self.vocab_size]

    def _cut(self, text: str) -> Encoding:
        """Raises ModelFailed where the tokenizer, which may be a stranger's, fails; a panic of its Rust would end the
        thread of whoever called, as it is no Exception."""
        try:
            return self.tokenizer.encode(text, add_special_tokens=False)
        except BaseException as error:
            raise ModelFailed(f"The tokenizer of {self.name} fails on this text. Choose another model.") from error

    def unknown(self, text: str) -> list[str]:
        """The characters for which the tokenizer has no token of their own, not even for their bytes."""
        encoding = self._cut(text)
        read: set[int] = set()
        for token, span in zip(encoding.ids, encoding.offsets, strict=True):
            if token != self._unknown and token < self.vocab_size:
                read.update(range(*span))
        return list(dict.fromkeys(char for at, char in enumerate(text) if at not in read and not char.isspace()))

    def read(self, tokens: Sequence[int]) -> Reader:
        """A reader that has read these tokens, or the last `window` of them, after the start token."""
        return CachedReader(self, tokens)

    def texts(self, tokens: Iterable[int]) -> Iterator[str]:
        """The text of tokens as they come, "" for one that completes no character; bytes that are none become �."""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        return (decoder.decode(self._bytes[token]) for token in tokens)

    def surprise(self, text: str) -> list[Surprise]:
        """The text cut where tokens begin, each piece with its bits; tokens that share a character are one piece.

        A character that the tokenizer has no token for costs UNICODE_BITS. Long texts are read in windows that
        overlap by half, as the reader does: every token but the first ones has half a window before it.
        """
        encoding = self._cut(text)
        spans = zip(encoding.ids, encoding.offsets, strict=True)
        known = [(token, span) for token, span in spans if token < self.vocab_size]
        costs = self.bits([token for token, _ in known])
        pieces: list[tuple[int, float]] = []  # where each one ends in the text, its bits
        waiting = 0.0  # bits of tokens that have no character of their own
        end = 0
        for (token, (first, last)), bits in zip(known, costs, strict=True):
            if token == self._unknown:
                bits += (last - first) * UNICODE_BITS
            if first < end or (last <= end and pieces):
                _, before = pieces.pop()
                pieces.append((max(end, last), before + bits))
            elif last <= end:
                waiting += bits
            else:
                pieces.append((last, bits + waiting + _dropped_bits(text[end:first])))
                waiting = 0.0
            end = max(end, last)
        if end < len(text):
            _, before = pieces.pop() if pieces else (0, waiting)
            pieces.append((len(text), before + _dropped_bits(text[end:])))
        begins = [0, *(end for end, _ in pieces)]
        return [Surprise(text[begin:end], bits) for begin, (end, bits) in zip(begins, pieces, strict=False)]

    def bits(self, tokens: Sequence[int]) -> list[float]:
        """Of each token -log2 of the probability it had after those before it."""
        ids = list(tokens) if self.start_token is None else [self.start_token, *tokens]
        bits = [math.log2(self.vocab_size)] * (self.start_token is None and len(ids) > 0)
        begin, scored = 0, 1  # the window's first token; how many of ids have their bits
        while scored < len(ids):
            cache, at = None, begin
            end = min(begin + self.window, len(ids) - 1)
            while at < end:
                stop = scored - 1 if at < scored - 1 else min(at + CHUNK, end)
                logits, cache = self.forward(ids[at:stop], cache, keep=1 if at < scored - 1 else stop - at)
                at = stop
                if stop >= scored:
                    targets = torch.tensor(ids[scored : stop + 1])
                    bits += (-logits.log_softmax(-1).gather(1, targets[:, None])[:, 0] / math.log(2)).tolist()
                    scored = stop + 1
            begin = scored - max(1, self.window // 2)
        return bits

    @torch.inference_mode()
    def forward(self, tokens: Sequence[int], cache: Any, keep: int) -> tuple[Tensor, Any]:
        """Run tokens through the network after those in `cache` (None: from the start).

        Returns the logits after each of the last `keep`: float32 (keep, V), and the cache with them.
        """
        kept = {"logits_to_keep": keep} if self._keeps_logits else {}
        out = self.network(torch.tensor([list(tokens)]), past_key_values=cache, use_cache=True, **kept)
        return out.logits[0, -keep:, : self.vocab_size].float(), out.past_key_values

    def ends(self, token: int) -> bool:
        """Whether it is one of the tokens that end a text."""
        return token in self._end_tokens


class CachedReader(Reader):
    """Reads with a key-value cache. Tokens pass the network when probabilities are asked for, all at once."""

    def __init__(self, model: TransformerModel, tokens: Sequence[int]) -> None:
        start = [] if model.start_token is None else [model.start_token]
        self._model = model
        self._seen = [*start, *tokens][-model.window :]
        self._passed, self._cache = 0, None  # tokens of `_seen` that are in the cache
        self._probs: np.ndarray | None = None

    def push(self, token: int) -> None:
        """Read one token more."""
        self._seen.append(token)
        self._probs = None

    def probs(self) -> np.ndarray:
        """Of each possible next token: float64 (V,), sum 1."""
        if self._probs is None:
            model = self._model
            if not self._seen:
                self._probs = np.full(model.vocab_size, 1 / model.vocab_size)
                return self._probs
            if len(self._seen) > model.window:
                self._seen = self._seen[-max(1, model.window // 2) :]
                self._passed, self._cache = 0, None
            logits, self._cache = model.forward(self._seen[self._passed :], self._cache, keep=1)
            self._passed = len(self._seen)
            self._probs = logits[0].double().softmax(-1).numpy()
        return self._probs


def token_bytes(tokenizer: Tokenizer, size: int) -> list[bytes]:
    """The UTF-8 bytes that each of the first `size` tokens stands for; a token may hold a part of a character."""
    decoder = json.loads(tokenizer.to_str())["decoder"] or {}
    steps = [step["type"] for step in decoder.get("decoders", [decoder]) if step]
    added = tokenizer.get_added_tokens_decoder()
    alphabet = _byte_alphabet()

    def of(token: int) -> bytes:
        name = tokenizer.id_to_token(token) or ""
        if token in added or not steps:
            return name.encode()
        if "ByteLevel" in steps:
            return b"".join(bytes([alphabet[c]]) if c in alphabet else c.encode() for c in name)
        if "ByteFallback" in steps and len(name) == 6 and name.startswith("<0x"):
            return bytes([int(name[3:5], 16)])
        if "Metaspace" in steps or "Replace" in steps:  # sentencepiece's mark for a space
            return name.replace("▁", " ").encode()
        before = tokenizer.decode([0], skip_special_tokens=False)  # others treat the first token of a text differently
        return tokenizer.decode([0, token], skip_special_tokens=False)[len(before) :].encode()

    return [of(token) for token in range(size)]


def _byte_alphabet() -> dict[str, int]:
    """The characters by which byte-level BPE writes bytes: printable ones as they are, others from U+0100 on
    (Radford et al. 2019)."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(0x100 + i): byte for i, byte in enumerate(others)}


def _dropped_bits(skipped: str) -> float:
    """Bits of characters that no token stands for; spaces belong to a token that does not count them as its own."""
    return UNICODE_BITS * sum(not c.isspace() for c in skipped)
