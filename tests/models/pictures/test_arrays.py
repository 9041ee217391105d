"""What counts as a picture, and how one is made smaller."""

import numpy as np
import pytest

from models.pictures.arrays import check, scaled, thumbnail


def test_a_picture_has_a_height_and_a_width() -> None:
    assert check(np.zeros((3, 5, 3), np.uint8)) == (3, 5)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_anything_else_is_refused_with_what_it_is(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError) as caught:
        check(wrong)
    assert f"{wrong.dtype} {wrong.shape}" in str(caught.value)


@pytest.mark.parametrize("colours", [(), (3,)])
def test_a_smaller_one_keeps_the_aspect_and_averages(colours: tuple[int, ...]) -> None:
    stripes = np.zeros((100, 200, *colours), np.uint8)
    stripes[:, ::2] = 200
    stripes.flags.writeable = False
    small = thumbnail(stripes, 50)
    assert small.shape == (25, 50, *colours) and (small == 100).all()


def test_a_thumbnail_is_never_larger() -> None:
    picture = np.zeros((3, 5, 3), np.uint8)
    assert thumbnail(picture, 100) is picture
    assert scaled(picture, 2).shape == (6, 10, 3)


def test_a_thin_picture_keeps_a_pixel() -> None:
    assert thumbnail(np.zeros((1000, 2, 3), np.uint8), 50).shape == (50, 1, 3)
