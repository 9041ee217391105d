"""What was trained comes back as it was; whatever else a file holds is refused with words."""

import json
import struct
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from models.errors import BadInput
from models.teachable.keep.trained_bytes import from_bytes, to_bytes
from models.teachable.learn.head import Head
from models.teachable.samples import Trained

RNG = np.random.default_rng(0)


def numbers(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def trained(*, hidden: bool = False, twin: bool = True) -> Trained:
    def layers() -> list[tuple[np.ndarray, np.ndarray]]:
        return [(numbers(6, 4), numbers(4)), (numbers(4, 2), numbers(2))] if hidden else [(numbers(6, 2), numbers(2))]

    head = Head(numbers(6), np.abs(numbers(6)) + 0.1, layers(), layers() if twin else ())
    return Trained(head, ("a1", "b2"), ("Größe", "猫"), numbers(5, 6), np.array([0, 0, 1, 1, 1]), 0.75, 0.3, 1.7e9)


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("twin", [False, True])
def test_it_comes_back_as_it_was(hidden: bool, twin: bool) -> None:
    before = trained(hidden=hidden, twin=twin)
    after = from_bytes(to_bytes(before))
    x = numbers(9, 6)
    assert np.array_equal(after.head.predict_proba(x), before.head.predict_proba(x))
    assert {name: a.tobytes() for name, a in after.head.arrays().items()} == {
        name: a.tobytes() for name, a in before.head.arrays().items()
    }
    assert np.array_equal(after.examples, before.examples) and np.array_equal(after.labels, before.labels)
    for name in ("class_ids", "names", "accuracy", "near", "at"):
        assert getattr(after, name) == getattr(before, name)
    assert to_bytes(after) == to_bytes(before)


@pytest.mark.parametrize("share", [0.0, 0.005, 0.1, 0.5, 0.99])
def test_half_a_file_is_refused(share: float) -> None:
    whole = to_bytes(trained())
    with pytest.raises(BadInput, match="Train again"):
        from_bytes(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x80\x04\x95" + b"." * 50, struct.pack("<Q", 2**60) + b"{}"])
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        from_bytes(data)


def changed(arrays: dict[str, np.ndarray | None] | None = None, **about: Any) -> bytes:
    """A file like ours in which these arrays (None: missing) and words are others."""
    whole = to_bytes(trained())
    length = int.from_bytes(whole[:8], "little")
    words = json.loads(json.loads(whole[8 : 8 + length])["__metadata__"]["limelight"]) | about
    named = safetensors.numpy.load(whole) | (arrays or {})
    return safetensors.numpy.save(
        {name: a for name, a in named.items() if a is not None}, {"limelight": json.dumps(words)}
    )


def test_a_file_like_ours_is_read() -> None:
    assert from_bytes(changed(names=["x", "y"])).names == ("x", "y")


@pytest.mark.parametrize(
    "arrays",
    [
        {"examples": None},
        {"labels": None},
        {"head.mean": None},
        {"head.layer0.bias": numbers(3)},
        {"labels": np.array([0, 0, 1, 1, 2])},
        {"labels": np.array([0, 0, 1, 1, -1])},
        {"labels": numbers(5)},
        {"labels": np.array([0, 1])},
        {"examples": numbers(5, 7)},
        {"examples": np.full((5, 6), np.nan, np.float32)},
        {"examples": np.zeros((5, 6))},
        {"head.scale": np.zeros(6, np.float32)},
        {"head.mean": np.full(6, np.inf, np.float32)},
    ],
    ids=lambda arrays: next(iter(arrays)),
)
def test_arrays_that_do_not_belong_together_are_refused(arrays: dict[str, np.ndarray | None]) -> None:
    with pytest.raises(BadInput, match="damaged"):
        from_bytes(changed(arrays))


@pytest.mark.parametrize(
    "about",
    [
        {"class_ids": ["a"]},
        {"class_ids": ["a", "a"]},
        {"class_ids": "ab"},
        {"class_ids": [1, 2]},
        {"names": ["a", "b", "c"]},
        {"names": None},
        {"accuracy": 2},
        {"accuracy": float("nan")},
        {"near": -1},
        {"near": "close"},
        {"at": float("inf")},
        {"version": "one"},
        {"version": None},
    ],
    ids=str,
)
def test_words_that_cannot_be_are_refused(about: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="damaged"):
        from_bytes(changed(**about))


def test_one_of_a_newer_limelight_says_so() -> None:
    with pytest.raises(BadInput, match="newer"):
        from_bytes(changed(version=2))
