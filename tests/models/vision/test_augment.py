"""Nine versions of a picture: alike to a person, of its size, and changed."""

import cv2
import numpy as np
import pytest

from models.vision.augment import VERSIONS, versions
from models.vision.chain import link_of
from tests.models.vision.plainly import PICTURES, applied, furthest


def test_each_version_is_changed_and_of_the_same_size() -> None:
    for rgb in PICTURES.values():
        made = dict(zip(VERSIONS, versions(rgb, 0.3), strict=True))
        assert len(made) == 9 and all(other.shape == rgb.shape for other in made.values())
        assert (made.pop("as it is") == rgb).all() and all((other != rgb).any() for other in made.values())
        assert (made["mirrored"] == rgb[:, ::-1]).all()
        assert made["darker"].mean() < rgb.mean() < made["brighter"].mean()


def test_the_grid_has_the_size_of_the_picture() -> None:
    rgb = PICTURES["coffee 321x203"]
    out = applied(link_of("augment"), rgb)
    assert np.abs(out[:67, :107].mean() - rgb.mean()) < 5, "the first of the nine is the picture itself"


@pytest.mark.parametrize("rgb", PICTURES.values(), ids=PICTURES)
def test_each_version_is_opencv_called_plainly(rgb: np.ndarray) -> None:
    height, width = rgb.shape[:2]

    def turned(degrees: float, scale: float) -> np.ndarray:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
        return cv2.warpAffine(rgb, turn, (width, height), borderMode=cv2.BORDER_REFLECT)

    cv2.setRNGSeed(1)
    noise = cv2.randn(np.empty(rgb.shape, np.int16), 0, 24)
    plain = {
        "as it is": rgb,
        "mirrored": cv2.flip(rgb, 1),
        "its middle": turned(0, 1.4),
        "smaller": turned(0, 1 / 1.4),
        "turned": turned(12, 1),
        "brighter": cv2.convertScaleAbs(rgb, alpha=1.4),
        "darker": cv2.convertScaleAbs(rgb, alpha=1 / 1.8),
        "paler": cv2.addWeighted(rgb, 0.6, np.full_like(rgb, 128), 0.4, 0),
        "with grain": cv2.add(rgb, noise, dtype=cv2.CV_8U),
    }
    for name, made in zip(VERSIONS, versions(rgb, 0.4), strict=True):
        assert furthest(made, plain[name]) <= 1, name
