"""From the probabilities of the next token to one token: temperature, top-k, top-p."""

from dataclasses import dataclass

import numpy as np

from models.errors import BadInput


@dataclass(frozen=True)
class Sampling:
    """How to choose. `temperature` 0 is greedy; `top_k` 0 and `top_p` 1 keep every token.

    top-k: Fan et al. 2018; top-p (nucleus): Holtzman et al. 2020. Raises BadInput for values outside their range.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature <= 10:
            raise BadInput(f"Temperature must lie in 0..10, not {self.temperature}.")
        if not self.top_k >= 0:
            raise BadInput(f"top-k must be 0 (off) or more, not {self.top_k}.")
        if not 0 < self.top_p <= 1:
            raise BadInput(f"top-p must lie above 0 and at most at 1, not {self.top_p}.")

    def reshape(self, probs: np.ndarray) -> np.ndarray:
        """The distribution that is sampled from: float (V,) in, float (V,) that sums to 1 out.

        As the transformers library: temperature, then top-k, then top-p. Temperature keeps the order of the tokens, so
        the k are taken first, and only theirs are raised to a power.
        """
        if self.temperature == 0:
            greedy = np.zeros_like(probs)
            greedy[probs.argmax()] = 1
            return greedy
        if 0 < self.top_k < len(probs):
            kept = _largest(probs, self.top_k)
            few = Sampling(self.temperature, 0, self.top_p).reshape(probs[kept] / probs[kept].sum())
            probs = np.zeros_like(probs)
            probs[kept] = few
            return probs
        if self.temperature != 1:
            probs = (probs / probs.max()) ** (1 / self.temperature)
            probs = probs / probs.sum()
        if self.top_p < 1:
            # those below this sum to 1 - top_p at most; rounding must not make it drop the most probable one too
            least = min((1 - self.top_p) / len(probs), probs.max())
            likely = np.flatnonzero(probs >= least)
            order = likely[np.argsort(-probs[likely], kind="stable")]
            kept = order[: int(np.searchsorted(np.cumsum(probs[order]), self.top_p)) + 1]  # the one that crosses stays
            nucleus = np.zeros_like(probs)
            nucleus[kept] = probs[kept] / probs[kept].sum()
            probs = nucleus
        return probs


UNCHANGED = Sampling()
"""The model's own probabilities."""


def _largest(probs: np.ndarray, k: int) -> np.ndarray:
    """The ids of the k largest, in order of id, of as many tokens as a dictionary has words."""
    likely = np.flatnonzero(probs > 1 / len(probs))  # mostly a few hundred
    if len(likely) < k:
        likely = np.arange(len(probs))
    return np.sort(likely[np.argpartition(-probs[likely], k - 1)[:k]])


class Sampler:
    """Draws tokens; the same seed draws the same tokens."""

    def __init__(self, sampling: Sampling, seed: int | None = None) -> None:
        self._sampling = sampling
        self._random = np.random.default_rng(seed).random

    def pick(self, probs: np.ndarray) -> int:
        """One token's id out of float (V,) probabilities."""
        if self._sampling.temperature == 0:
            return int(probs.argmax())
        cumulative = self._sampling.reshape(probs).cumsum(dtype=np.float64)
        # scaled to the last sum, which rounding leaves near 1; "right" never lands on a token of probability 0
        return int(cumulative.searchsorted(self._random() * cumulative[-1], side="right"))
