"""How much of the Hugging Face hub visitors may have fetched: the largest model, and all together; or nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import BadInput, DiskFull
from models.settings import settings

MAX_OTHER_BYTES = 100_000_000
"""Of configuration and tokenizer, which are read whole; the largest tokenizers have 35 MB."""

_lock = threading.Lock()  # guards:
_expected: dict[object, int] = {}  # bytes to come, of each download under way


def is_on() -> bool:
    """Whether models of the hub are fetched at all."""
    return settings().hub_model_gb > 0


def check_on(name: str) -> None:
    """Raises BadInput where they are not."""
    if not is_on():
        raise BadInput(
            f"{name} was not fetched: whoever runs this server has turned models of the Hugging Face hub off. Choose "
            "another model."
        )


def check_sizes(name: str, sizes: dict[str, int]) -> None:
    """Raises BadInput where a model's files, with their sizes in bytes, are too large."""
    check_on(name)
    total, most = sum(sizes.values()), settings().hub_model_gb
    if total > most * 1e9:
        raise BadInput(
            f"{name} has {total / 1e9:.1f} GB, and at most {most:g} GB of one model are fetched here. Choose a smaller "
            "one, such as distilbert/distilgpt2."
        )
    other = sum(size for filename, size in sizes.items() if not filename.endswith(".safetensors"))
    if other > MAX_OTHER_BYTES or min(sizes.values()) < 0:
        raise BadInput(f"{name} has files of {other / 1e6:.0f} MB beside its weights. Choose another model.")


@contextmanager
def room(name: str, cache: Path, more: int) -> Iterator[None]:
    """While a download of `more` bytes is under way. Raises DiskFull where `cache` would then hold too much."""
    key, most = object(), settings().hub_gb
    with _lock:
        if _held(cache) + sum(_expected.values()) + more > most * 1e9:
            raise DiskFull(
                f"{name} needs {more / 1e9:.1f} GB more, and of the {most:g} GB for models of the hub on this server "
                "less are left. Choose a model that is here already, or ask whoever runs this server."
            )
        _expected[key] = more
    try:
        yield
    finally:
        with _lock:
            del _expected[key]


def _held(cache: Path) -> int:
    """Bytes of the files in the folder; links to them do not count."""
    return sum(path.lstat().st_size for path in cache.rglob("*") if path.is_file() and not path.is_symlink())
