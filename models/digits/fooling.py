"""A digit changed so little that one hardly sees it, and yet named otherwise: one step along the gradient's signs.

(Goodfellow et al. 2015, "fast gradient sign method".) Torch is imported here, for the gradient.
"""

import numpy as np
import torch
from torch.nn import functional

from models.digits.layers import CNN, Weights, to_torch


def direction(weights: Weights, seen: np.ndarray, digit: int) -> np.ndarray:
    """In which way each pixel of a picture (28, 28) must change for the network to become less sure that it is that
    digit: float32 (28, 28) of −1, 0 and 1."""
    network = to_torch(CNN, weights).eval()
    x = torch.from_numpy(seen.astype(np.float32))[None, None].requires_grad_()
    loss = functional.cross_entropy(network(x), torch.tensor([digit]))
    (slope,) = torch.autograd.grad(loss, x)
    return slope[0, 0].sign().numpy()


def noise(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    """As much change, but by chance: float32 of −1 and 1."""
    return np.random.default_rng(seed).choice(np.array([-1, 1], np.float32), size=shape)


def moved(seen: np.ndarray, along: np.ndarray, by: float) -> np.ndarray:
    """The picture with each pixel changed by that much, kept in 0..1."""
    return np.clip(seen + by * along, 0, 1).astype(np.float32)
