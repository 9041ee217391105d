"""Steps on each pixel: as OpenCV does it plainly, and right where the answer is known."""

import numpy as np
import pytest
from skimage.filters import threshold_otsu

from models.vision.chain import link_of
from models.vision.colours import BLINDNESS, SPACES
from models.vision.step import grey_of
from tests.models.vision.plainly import PICTURES, applied, furthest, plainly

SETTINGS = [
    ("grey", {}),
    ("grey", {"red": 1, "green": 0.5, "blue": 0}),
    *(("channel", {"channel": name}) for name in SPACES),
    ("equalise", {}),
    ("equalise", {"how": "tiles (CLAHE)", "clip": 4, "tiles": 5}),
    ("threshold", {}),
    ("threshold", {"how": "fixed", "level": 90}),
    ("threshold", {"how": "mean of a window", "window": 15, "below": 3}),
    ("threshold", {"how": "weighted mean of a window"}),
    ("screen", {}),
    ("screen", {"key": "#7a1f10", "reach": 40, "behind": "#ffffff"}),
]


@pytest.mark.parametrize("rgb", PICTURES.values(), ids=PICTURES)
@pytest.mark.parametrize(("name", "values"), SETTINGS, ids=str)
def test_each_step_is_opencv_called_plainly(name: str, values: dict, rgb: np.ndarray) -> None:
    link = link_of(name, values)
    assert furthest(applied(link, rgb), plainly(link, rgb)) == 0


@pytest.mark.parametrize("rgb", PICTURES.values(), ids=PICTURES)
@pytest.mark.parametrize("kind", BLINDNESS)
def test_colour_blindness_is_within_a_level_of_plain_floats(kind: str, rgb: np.ndarray) -> None:
    link = link_of("blindness", {"kind": kind})
    assert furthest(applied(link, rgb), plainly(link, rgb)) <= 1


def test_grey_stays_grey_for_every_eye() -> None:
    grey = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    for kind in BLINDNESS:
        assert furthest(applied(link_of("blindness", {"kind": kind}), grey), grey) <= 1


def test_otsus_level_is_scikit_images() -> None:
    for rgb in PICTURES.values():
        link = link_of("threshold")
        said = link.step.numbers(rgb, applied(link, rgb), link.given)
        assert abs(int(said["Otsu's level"]) - threshold_otsu(grey_of(rgb))) <= 1


def test_a_green_wall_goes_and_what_stands_before_it_stays() -> None:
    rgb = np.full((40, 60, 3), (10, 170, 70), np.uint8)
    rgb[10:30, 20:40] = (200, 150, 130)
    out = applied(link_of("screen", {"behind": "#0000ff"}), rgb)
    assert (out[0, 0] == (0, 0, 255)).all() and (out[10:30, 20:40] == (200, 150, 130)).all()
