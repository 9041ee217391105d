"""Kinds: what is kept of a picture, and that its features say the same wherever in the picture a thing is."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models.cache import ModelCache
from models.errors import BadImage
from models.pictures.images import sample_pictures
from models.pose.poses import Pose
from models.teachable.kinds import (
    KINDS,
    SIDE,
    body_features,
    features,
    hand_features,
    opened,
    sample_jpeg,
    square,
    thumb,
)

PICTURES, BODY, HAND = KINDS["pictures"], KINDS["body"], KINDS["hand"]


@pytest.fixture(scope="module")
def cache() -> ModelCache:
    return ModelCache(10**9)


def picture(name: str) -> np.ndarray:
    return next(s for s in sample_pictures() if s.name == name).load()


@pytest.mark.parametrize("size", [(100, 300), (300, 100), (SIDE, SIDE), (225, 224), (1, 1)])
def test_a_square_is_the_middle_of_any_picture(size: tuple[int, int]) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    found = square(rgb)
    assert found.shape == (SIDE, SIDE, 3) and found.dtype == np.uint8
    side = min(size)
    top, left = (size[0] - side) // 2, (size[1] - side) // 2
    again = square(rgb[top : top + side, left : left + side])
    assert np.array_equal(found, again)


def test_a_square_is_what_pillow_makes_of_it_to_one_level() -> None:
    rgb = picture("coffee")[:400, 100:500]
    pillow = np.asarray(Image.fromarray(rgb).resize((SIDE, SIDE), Image.Resampling.BILINEAR)).astype(int)
    assert np.abs(square(rgb).astype(int) - pillow).max() <= 1


def test_a_picture_that_is_none_is_refused() -> None:
    for wrong in (np.zeros((5, 5), np.uint8), np.zeros((5, 5, 3), np.float32), np.zeros((0, 5, 3), np.uint8)):
        with pytest.raises(ValueError, match="picture must be"):
            square(wrong)


def test_features_come_from_what_is_kept(cache: ModelCache) -> None:
    model, rgb = cache.get(PICTURES.model), picture("cat")
    jpeg = sample_jpeg(PICTURES, rgb)
    again = features(PICTURES, model, opened(jpeg))
    fresh = features(PICTURES, model, rgb)
    assert again is not None and fresh is not None and again.shape == (PICTURES.size,)
    cosine = again @ fresh / np.linalg.norm(again) / np.linalg.norm(fresh)
    assert cosine > 0.98, "a JPEG of the square says nearly the same as the frame itself"
    assert np.array_equal(features(PICTURES, model, opened(jpeg)), again)


def test_a_thumb_is_small_and_square() -> None:
    with Image.open(io.BytesIO(thumb(sample_jpeg(BODY, picture("coffee")), 64))) as image:
        assert image.size == (64, 64) and image.format == "JPEG"


def test_something_that_is_no_jpeg_is_no_sample() -> None:
    with pytest.raises(BadImage):
        opened(b"\xff\xd8\xffnothing")


def test_a_body_says_the_same_wherever_and_however_large_it_is(cache: ModelCache) -> None:
    model, astronaut = cache.get(BODY.model), picture("astronaut")
    found = features(BODY, model, astronaut)
    assert found is not None and found.shape == (BODY.size,) and found.dtype == np.float32
    wider = np.full((700, 900, 3), 255, np.uint8)
    wider[150:662, 300:812] = astronaut
    moved = features(BODY, model, wider)
    assert moved is not None
    upper = slice(0, 2 * 13)  # head and shoulders, which are really in the picture
    assert np.abs(found[upper] - moved[upper]).max() < 0.15


def test_a_picture_of_nobody_has_no_features(cache: ModelCache) -> None:
    grey = np.full((240, 320, 3), 128, np.uint8)
    assert features(BODY, cache.get(BODY.model), grey) is None
    assert features(HAND, cache.get(HAND.model), grey) is None


def pose(kind: str, n: int, **about: Any) -> Pose:
    points = np.random.default_rng(1).uniform(100, 300, (n, 3)).astype(np.float32)
    points[:, 2] = 1
    return Pose(points, 1.0, kind, **about)


def moved(one: Pose, scale: float, way: tuple[float, float], mirrored: bool = False, **about: Any) -> Pose:
    points = one.keypoints.copy()
    points[:, :2] = points[:, :2] * scale * ((-1, 1) if mirrored else (1, 1)) + way
    return Pose(points.astype(np.float32), 1.0, one.kind, **about)


def test_points_are_measured_from_the_body_in_its_own_size() -> None:
    for one, measure in ((pose("body33", 33), body_features), (pose("hand21", 21, side="right"), hand_features)):
        same = moved(one, 1.7, (40, -20), side=one.side)
        assert np.allclose(measure(one), measure(same), atol=1e-4)


def test_points_that_are_not_seen_count_for_nothing() -> None:
    one = pose("body33", 33)
    one.keypoints[27:, 2] = 0
    other = Pose(one.keypoints.copy(), 1.0, "body33")
    other.keypoints[27:, :2] += 50
    assert np.array_equal(body_features(one), body_features(other))


def test_a_left_hand_teaches_what_a_right_one_does() -> None:
    right = pose("hand21", 21, side="right")
    left = moved(right, 1.0, (640, 0), mirrored=True, side="left")
    assert np.allclose(hand_features(right), hand_features(left), atol=1e-4)
