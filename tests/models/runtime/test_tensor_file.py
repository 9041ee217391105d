"""Arrays and JSON come back from a file as they were; whatever else a file is, it is a ValueError."""

import json

import numpy as np
import pytest
import safetensors.numpy

from models.runtime.tensor_file import ABOUT, below, packed, unpacked

ARRAYS = {"a.x": np.arange(6, dtype=np.float16).reshape(2, 3).T, "b": np.array([1, 2], np.int64)}


def test_arrays_and_json_come_back() -> None:
    arrays, about = unpacked(packed(ARRAYS, {"kind": "äöü", "n": 3}))
    assert about == {"kind": "äöü", "n": 3} and arrays.keys() == ARRAYS.keys()
    assert all(
        np.array_equal(arrays[name], ARRAYS[name]) and arrays[name].dtype == ARRAYS[name].dtype for name in ARRAYS
    )
    assert below("a.", arrays).keys() == {"x"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 100,
        packed(ARRAYS, {})[:-1],
        safetensors.numpy.save(ARRAYS),
        safetensors.numpy.save({"b": ARRAYS["b"]}, {ABOUT: "[" * 100_000}),
        safetensors.numpy.save({"b": ARRAYS["b"]}, {ABOUT: json.dumps([1])}),
    ],
    ids=["empty", "noise", "cut", "no JSON", "nested JSON", "no object"],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        unpacked(data)
