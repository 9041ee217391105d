"""What every language model here is: something that has read tokens and gives each possible next one a probability.

A family implements `encode`, `read` and `surprise`; writing, next-token bars and bits per character follow from them.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import BadInput
from models.textgen.copied import CopyIndex
from models.textgen.sampling import UNCHANGED, Sampler, Sampling

UNICODE_BITS = math.log2(0x110000)
"""What naming a character costs that a model has never seen: one of all that Unicode has room for."""


@dataclass(frozen=True)
class Surprise:
    """A piece of a text and how unexpected it was: -log2 of the probability the model had given it, in bits."""

    piece: str
    bits: float


class Reader(ABC):
    """A model that has read some tokens. Not thread-safe; the model behind it is shared."""

    @abstractmethod
    def probs(self) -> np.ndarray:
        """Of each possible next token: float (V,), sum 1. Not to be written to."""

    @abstractmethod
    def push(self, token: int) -> None:
        """Read one token more."""


class LanguageModel(ABC):
    """A trained model. Thread-safe: whoever reads or writes with it has a `Reader` of their own.

    `pieces` are the texts of the V tokens by id; `name` is what a page calls the model; `copied` finds what it writes
    in the text it learnt from, where that is known; `nbytes` is its memory.
    """

    name: str
    pieces: Sequence[str]
    copied: CopyIndex | None = None

    @property
    @abstractmethod
    def nbytes(self) -> int:
        """Memory of the loaded model in bytes."""

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """The tokens of a text, by id. Any text has some; what the model has never seen becomes its unknown token."""

    @abstractmethod
    def read(self, tokens: Sequence[int]) -> Reader:
        """A reader that has read these tokens (as many of the last ones as the model can see)."""

    @abstractmethod
    def surprise(self, text: str) -> list[Surprise]:
        """The text cut into the model's pieces, which join to the text again, each with its bits."""

    def unknown(self, text: str) -> list[str]:
        """The characters, or words, of a text that are all the same to the model, its unknown token: each once, in the
        text's order. None for a model that can write any text in bytes."""
        return []

    def tokens_of(self, text: str) -> list[tuple[str, int]]:
        """The text as the model sees it: (piece, id) pairs."""
        return [(self.pieces[token], token) for token in self.encode(text)]

    def texts(self, tokens: Iterable[int]) -> Iterator[str]:
        """The text of tokens as they come, "" for one that completes no character yet."""
        return (self.pieces[token] for token in tokens)

    def stream(
        self,
        prompt: str,
        max_tokens: int = 200,
        sampling: Sampling = UNCHANGED,
        seed: int | None = None,
    ) -> Iterator[str]:
        """The continuation of the prompt, token by token. The same seed writes the same text."""
        reader, begun = self.continue_from(prompt)
        for text in self.texts(self._sampled(reader, max_tokens, Sampler(sampling, seed))):
            yield text.removeprefix(begun)
            begun = ""

    def continue_from(self, prompt: str) -> tuple[Reader, str]:
        """A reader of the prompt, and what the prompt has already of the next token's text, which is not to be written
        again: "" in most models."""
        return self.read(self.encode(prompt)), ""

    def _sampled(self, reader: Reader, max_tokens: int, sampler: Sampler) -> Iterator[int]:
        for _ in range(max_tokens):
            token = sampler.pick(reader.probs())
            if self.ends(token):
                return
            yield token
            reader.push(token)

    def ends(self, token: int) -> bool:
        """Whether this token says that the text is over; most models here know no end."""
        return False

    def next_probs(self, prompt: str, k: int = 10, sampling: Sampling = UNCHANGED) -> list[tuple[str, float]]:
        """The k most probable next tokens as (piece, probability), most probable first; after `sampling`."""
        reader, begun = self.continue_from(prompt)
        probs = sampling.reshape(reader.probs())
        order = np.argsort(-probs, kind="stable")[:k]
        return [(self.pieces[token].removeprefix(begun), float(probs[token])) for token in order]

    def bits_per_char(self, text: str) -> float:
        """Mean bits per character of the text: what it would take to write it down with this model's help.

        Comparable between models whatever their tokens are. Raises BadInput for an empty text.
        """
        if not text:
            raise BadInput("There is no text to read. Write or paste some first.")
        return math.fsum(surprise.bits for surprise in self.surprise(text)) / len(text)
