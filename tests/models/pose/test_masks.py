"""Masks on pictures: people keep their pixels, and only the rest changes."""

import io

import numpy as np
import pytest
from PIL import Image

from models.pose.masks import (
    BACKGROUNDS,
    BLUR,
    COLOUR,
    CUT_OUT,
    KEEP,
    PICTURE,
    PLAIN,
    see_through,
    tinted,
    together,
    with_background,
)
from tests.pages.visit import sample

COFFEE = sample("coffee")
LEFT, RIGHT = (slice(100, 300), slice(50, 200)), (slice(150, 350), slice(350, 500))


def mask(*parts: tuple[slice, slice]) -> np.ndarray:
    """255 in these parts of the picture."""
    made = np.zeros(COFFEE.shape[:2], np.uint8)
    for part in parts:
        made[part] = 255
    return made


BOTH = [mask(LEFT), mask(RIGHT)]
OUTSIDE = mask(LEFT, RIGHT) == 0


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_people_keep_their_pixels_and_the_picture_is_not_written_to(background: str) -> None:
    before = COFFEE.copy()
    shown = with_background(COFFEE, BOTH, background)
    assert (before == COFFEE).all() and not np.shares_memory(shown, COFFEE)
    assert (shown[~OUTSIDE] == COFFEE[~OUTSIDE]).all()
    assert (shown[OUTSIDE] == COFFEE[OUTSIDE]).all() == (background == KEEP)


def test_what_is_cut_out_stands_on_one_colour() -> None:
    assert (with_background(COFFEE, BOTH, CUT_OUT)[OUTSIDE] == PLAIN).all()
    assert (with_background(COFFEE, [], CUT_OUT) == PLAIN).all(), "nobody: all is background"


def test_a_blurred_background_has_no_detail_left_but_its_light() -> None:
    detail = np.random.default_rng(0).integers(0, 2, COFFEE.shape[:2], np.uint8)[:, :, None] * 120
    noisy = (COFFEE // 2 + detail).astype(np.uint8)
    shown = with_background(noisy, [], BLUR)
    assert np.abs(np.diff(shown.astype(int), axis=1)).mean() < 0.05 * np.abs(np.diff(noisy.astype(int), axis=1)).mean()
    assert abs(shown.mean() - noisy.mean()) < 4


def test_nobody_leaves_a_halo_in_the_blur() -> None:
    red = np.full((240, 320, 3), 90, np.uint8)
    person = np.zeros((240, 320), np.uint8)
    person[60:180, 100:220] = 255
    red[person > 0] = (255, 0, 0)
    outside = with_background(red, [person], BLUR)[:, :90]
    assert np.abs(outside.astype(int) - 90).max() <= 2


def test_half_a_mask_is_half_the_picture() -> None:
    shown = with_background(COFFEE, [np.full(COFFEE.shape[:2], 128, np.uint8)], CUT_OUT)
    assert np.abs(shown - (COFFEE * (128 / 255) + np.array(PLAIN) * (127 / 255))).max() <= 2


def test_a_mask_of_another_size_is_scaled() -> None:
    quarter = mask(LEFT)[::2, ::2]
    whole = together([quarter], COFFEE.shape[1::-1])
    assert whole.shape == COFFEE.shape[:2] and np.mean((whole > 127) != (mask(LEFT) > 127)) < 0.01


def test_where_masks_lie_over_each_other_the_surest_counts() -> None:
    weak, sure = np.full((4, 6), 40, np.uint8), np.zeros((4, 6), np.uint8)
    sure[:, :2] = 250
    whole = together([weak, sure], (6, 4))
    assert (whole[:, :2] == 250).all() and (whole[:, 2:] == 40).all()


def test_a_see_through_picture_is_opaque_where_people_are() -> None:
    with Image.open(io.BytesIO(see_through(COFFEE, BOTH)), formats=["PNG"]) as file:
        cut = np.asarray(file)
    assert cut.shape == (*COFFEE.shape[:2], 4) and (cut[..., :3] == COFFEE).all()
    assert (cut[..., 3] == mask(LEFT, RIGHT)).all()


def test_each_person_is_tinted_in_their_own_colour() -> None:
    shown = tinted(COFFEE, BOTH, [(255, 0, 0), (0, 0, 255)]).astype(int)
    assert (shown[OUTSIDE] == COFFEE[OUTSIDE]).all()
    for part, colour in ((LEFT, (255, 0, 0)), (RIGHT, (0, 0, 255))):
        assert np.abs(shown[part] - (COFFEE[part] / 2 + np.array(colour) / 2)).max() <= 2


def test_another_background_is_refused() -> None:
    with pytest.raises(ValueError, match="Keep, Blur, Cut out"):
        with_background(COFFEE, BOTH, "Beach")


def test_a_colour_or_a_picture_stands_behind_people() -> None:
    green = with_background(COFFEE, BOTH, COLOUR, (0, 200, 0))
    assert (green[OUTSIDE] == (0, 200, 0)).all()
    stripes = np.zeros((50, 200, 3), np.uint8)
    stripes[:, 100:] = 255
    shown = with_background(COFFEE, [], PICTURE, stripes)
    middle = COFFEE.shape[1] // 2
    assert shown.shape == COFFEE.shape and not shown[:, : middle - 5].any() and (shown[:, middle + 5 :] == 255).all()
