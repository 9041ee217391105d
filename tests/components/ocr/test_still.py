"""A photo from the visitor's camera: what the browser sends is opened, and nothing else."""

import base64

import numpy as np
import pytest

from components.ocr.still import opened
from models.pictures.images import to_jpeg

RGB = np.random.default_rng(0).integers(0, 255, (900, 1200, 3), dtype=np.uint8)


def address(data: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


def test_a_photo_is_opened_as_large_as_it_came() -> None:
    rgb = opened(address(to_jpeg(RGB)))
    assert rgb is not None and rgb.shape == RGB.shape and rgb.dtype == np.uint8


@pytest.mark.parametrize("sent", ["", "data:,", "no address", address(b"no picture"), "data:image/jpeg;base64,?!"])
def test_what_is_no_photo_is_none(sent: str) -> None:
    assert opened(sent) is None
