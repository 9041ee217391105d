"""The part of EfficientNet-Lite0 that fine-tuning changes: its weights' names and shapes, as plain data."""

from collections.abc import Mapping

import numpy as np

WEIGHTS: dict[str, tuple[int, ...]] = {
    "_blocks.15._expand_conv.weight": (1152, 192, 1, 1),
    "_blocks.15._depthwise_conv.weight": (1152, 1, 3, 3),
    "_blocks.15._project_conv.weight": (320, 1152, 1, 1),
    "_conv_head.weight": (1280, 320, 1, 1),
}
"""What learns, by its name in the body, with its shape."""
MAX_WEIGHT = 100.0  # of any weight; the network's own stay under 1, and with 1e30 the sums would overflow


def check_weights(weights: Mapping[str, np.ndarray]) -> None:
    """Raises ValueError unless these are finite float32 by the names and with the shapes of WEIGHTS."""
    if (found := {name: array.shape for name, array in weights.items()}) != WEIGHTS:
        raise ValueError(f"weights must be {WEIGHTS}, got {found}")
    for array in weights.values():
        if array.dtype != np.float32 or not np.isfinite(array).all():
            raise ValueError("weights must be finite float32")
        if np.abs(array).max() > MAX_WEIGHT:
            raise ValueError(f"no weight may be above {MAX_WEIGHT:.0f}")
