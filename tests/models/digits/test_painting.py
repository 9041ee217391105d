"""Painting: each style changes the picture, sizes stay in bounds, what can't be painted is said."""

import numpy as np
import pytest

from models.digits.painting import MAX_SIDE, STYLES, Painter
from models.errors import BadImage
from tests.pages.visit import sample


@pytest.fixture(scope="module")
def painter() -> Painter:
    return Painter(2)


def test_styles_differ_and_nothing_is_written_to_the_picture(painter: Painter) -> None:
    cat = sample("cat")
    before = cat.copy()
    one, other = (painter.paint(cat, style).astype(int) for style in (0, STYLES - 1))
    assert (cat == before).all() and one.shape == other.shape and max(one.shape) <= MAX_SIDE
    assert np.abs(one - other).mean() > 10


def test_strength_0_is_the_picture_itself(painter: Painter) -> None:
    rgb = sample("coffee")[:200, :300]
    assert np.abs(painter.paint(rgb, 3, 0.0).astype(int) - rgb).max() <= 2


def test_a_picture_is_painted_like_another(painter: Painter) -> None:
    rgb, like = sample("coffee")[:200, :300], sample("rocket")
    assert np.abs(painter.paint_like(rgb, like).astype(int).mean() - rgb.mean()) < 120


def test_what_cannot_be_painted_is_said(painter: Painter) -> None:
    with pytest.raises(BadImage, match="painted"):
        painter.paint(np.zeros((8, 8, 3), np.uint8), 0)
    with pytest.raises(ValueError, match="style"):
        painter.paint(np.zeros((64, 64, 3), np.uint8), STYLES)
