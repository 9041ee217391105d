"""A configuration from the hub names sizes, and whoever builds a model makes what it names: a kilobyte of JSON may ask
for terabytes, or for a billion layers. So its numbers are checked first, and then a model without memory."""

import re
from collections.abc import Iterator
from typing import Any

import torch

MAX_REPEATED = 2_000  # layers, heads, experts
MAX_NUMBER, MAX_ITEMS = 100_000_000, 20_000
_REPEATED = re.compile(r"layer|block|head|expert|depth|stage|group|^n_?(l|h)$", re.IGNORECASE)
_NO_SIZE = re.compile(r"theta|seed|base|factor|_id$|scale", re.IGNORECASE)
_PER_FILE = 2  # a tied matrix is in the files once, and may be built twice
_SMALL = 50_000_000  # bytes that any model may have beside its weights: masks, tables of positions


class TooLarge(Exception):
    """Why it is not built, as the end of a sentence."""


def check_numbers(raw: Any) -> None:
    """Raises TooLarge for a configuration, as it was read, with numbers that no model has."""
    for key, value in _values(raw):
        if isinstance(value, list | dict) and len(value) > MAX_ITEMS:
            raise TooLarge(f"its config.json has a list of {len(value)} for {key[:40]!r}")
        number = isinstance(value, int | float) and not _NO_SIZE.search(key)
        most = MAX_REPEATED if _REPEATED.search(key) and not key.endswith(("dim", "size")) else MAX_NUMBER
        if number and not abs(value) <= most:
            raise TooLarge(f"its config.json says {value:g} for {key[:40]!r}")


def check_model(config: Any, weights: int, free_bytes: int) -> None:
    """Raises TooLarge where the model of a configuration, built without memory, has many more numbers than its files
    (`weights`), or tables beside them for which there is no memory."""
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        network = AutoModelForCausalLM.from_config(config)
    built = sum(parameter.numel() for parameter in network.parameters())
    beside = sum(buffer.nbytes for buffer in network.buffers())
    if 4 * built > 4 * _PER_FILE * weights + _SMALL:
        raise TooLarge(f"its config.json describes {built / 1e6:,.0f} million weights, and its files have fewer")
    if beside > max(_SMALL, free_bytes):
        raise TooLarge(
            f"beside its weights it needs {beside / 1e9:.1f} GB of memory, and {free_bytes / 1e9:.1f} are free"
        )


def _values(raw: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Everything in it, with the name under which it stands."""
    yield key, raw
    if isinstance(raw, dict):
        for name, value in raw.items():
            yield from _values(value, str(name))
    elif isinstance(raw, list):
        for value in raw[:MAX_ITEMS]:
            yield from _values(value, key)
