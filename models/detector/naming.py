"""What is in a box: by the classifier's own head, or by one learnt on the frozen network's embedding of the box."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from models.detector.maps import Maps
from models.detector.names import KINDS, everyday, joined, kinds_of

FLOOR = 1e-4  # of a probability, before its logarithm is taken


@dataclass(frozen=True, eq=False)
class NameHead:
    """`names`, the last of them "none of these": `weights` float32 (1281, names) of the embedding and the logarithm of
    the box's share of the picture, `bias` (names,), and `trust` (2,) in what the classifier's head says of the box
    and of the whole picture."""

    names: tuple[str, ...]
    weights: np.ndarray
    bias: np.ndarray
    trust: np.ndarray

    def __post_init__(self) -> None:
        n = len(self.names)
        if self.weights.shape != (1281, n) or self.bias.shape != (n,) or self.trust.shape != (2,):
            raise ValueError(f"expected weights (1281, {n}), got {self.weights.shape}, {self.bias.shape}")

    @staticmethod
    def rows_of(names: list[str] | tuple[str, ...]) -> list[int]:
        """Where each of the shared KINDS stands among the names."""
        return [names.index(kind) for kind in KINDS]

    def probabilities(self, features: np.ndarray, classed: np.ndarray) -> np.ndarray:
        """Of what `about_boxes` says: float32 (n, names), rows sum to 1."""
        logits = features @ self.weights + self.bias
        logits[:, self.rows_of(self.names)] += np.einsum("nkc,k->nc", classed, self.trust)
        return _softmax(logits)

    def save(self, file: Path) -> None:
        """As safetensors, 16 bits a weight."""
        parts: dict[str, np.ndarray] = {
            "weights": self.weights.astype(np.float16),
            "bias": self.bias.astype(np.float32),
            "trust": self.trust.astype(np.float32),
        }
        save_file(parts, file, {"names": "\n".join(self.names)})

    @classmethod
    def load(cls, file: Path) -> "NameHead":
        """From such a file."""
        from safetensors import safe_open

        with safe_open(file, "numpy") as opened:
            names = tuple(opened.metadata()["names"].split("\n"))
        parts = load_file(file)
        return cls(names, parts["weights"].astype(np.float32), parts["bias"], parts["trust"])


def about_boxes(maps: Maps, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each box (n, 4) in 0..1 its mean embedding and the logarithm of its share of the picture, float32 (n, 1281);
    and the logarithms of the probabilities of the shared KINDS, by the classifier's head of that embedding and, at
    their highest, of the whole picture: float32 (n, 2, kinds)."""
    inside = weights_of(boxes, maps.embeddings.shape[1:])  # (n, h · w)
    embedding = inside @ maps.embeddings.reshape(len(maps.embeddings), -1).T
    share = np.log(np.maximum(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1), FLOOR))
    here = kinds_of(_softmax(inside @ maps.logits.reshape(len(maps.logits), -1).T))
    anywhere = kinds_of(np.moveaxis(maps.probabilities, 0, 2)).max(axis=(0, 1))
    said = np.log(np.stack((here, np.broadcast_to(anywhere, here.shape)), axis=1) + FLOOR)
    return np.hstack((embedding, share[:, None])).astype(np.float32), said.astype(np.float32)


def named_by_classifier(maps: Maps, boxes: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """Everyday names, and their probabilities (n, names) for each box by the classifier's head on its embedding."""
    names, _ = everyday()
    inside = weights_of(boxes, maps.logits.shape[1:])
    shares = _softmax(inside @ maps.logits.reshape(len(maps.logits), -1).T)
    return names, joined(shares)


def weights_of(boxes: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """How much of each place of a map (h, w) lies in each box (n, 4) in 0..1: float32 (n, h · w), rows sum to 1."""
    height, width = shape
    parts = []
    for first, cells in ((0, width), (1, height)):
        at = np.arange(cells)
        low, high = boxes[:, first, None] * cells, boxes[:, first + 2, None] * cells
        parts.append(np.clip(np.minimum(at + 1, high) - np.maximum(at, low), 0, 1))
    inside = parts[1][:, :, None] * parts[0][:, None, :]
    flat = inside.reshape(len(boxes), -1)
    return np.asarray(flat / np.maximum(flat.sum(axis=1, keepdims=True), 1e-6), np.float32)


def _softmax(logits: np.ndarray) -> np.ndarray:
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True), np.float32)
