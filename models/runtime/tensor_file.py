"""Arrays, and the rest as JSON, in one safetensors file: how models that were trained here are saved. Nothing in it can
run."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

ABOUT = "limelight"  # the key of our JSON in the header


def packed(arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> bytes:
    """The content of a file that `unpacked` reads; equal arrays give equal bytes."""
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return safetensors.numpy.save(whole, {ABOUT: json.dumps(about)})


def unpacked(data: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """What `packed` was given; the arrays are read-only. Raises ValueError for anything else."""
    try:
        arrays = safetensors.numpy.load(data)
        length = int.from_bytes(data[:8], "little")  # of the JSON header that comes next
        about = json.loads(json.loads(data[8 : 8 + length])["__metadata__"][ABOUT])
    except (SafetensorError, KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError("it is no file of ours, or a part of it is missing") from error
    if not isinstance(about, dict):
        raise ValueError("what stands beside its arrays is no object")
    return arrays, about


def below(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays whose names begin so, by the rest of their names."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
