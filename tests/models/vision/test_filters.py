"""Steps on neighbourhoods: as OpenCV does it plainly, and what each is good for."""

import cv2
import numpy as np
import pytest
from skimage.filters import sobel

from models.vision.chain import link_of
from models.vision.filters import KERNELS, divided
from models.vision.step import grey_of
from tests.models.vision.plainly import PICTURES, applied, furthest, plainly

SETTINGS = [
    ("noise", {}),
    ("noise", {"kind": "salt and pepper", "strength": 40}),
    *(("denoise", {"how": how, "size": 7}) for how in ("median", "mean", "Gauss", "bilateral")),
    *(("kernel", {"kernel": text, "divide": "by nothing", "plus": 10}) for text in KERNELS.values()),
    ("kernel", {"kernel": KERNELS["blur of 5"]}),
    *(("sobel", {"way": way}) for way in ("both", "left to right", "top to bottom")),
    ("canny", {}),
    ("canny", {"low": 300, "high": 100}),
    *(("morphology", {"how": how, "shape": "disc"}) for how in ("erode", "dilate", "open", "close", "gradient")),
    ("morphology", {"shape": "cross", "size": 9}),
]


@pytest.mark.parametrize("rgb", PICTURES.values(), ids=PICTURES)
@pytest.mark.parametrize(("name", "values"), SETTINGS, ids=str)
def test_each_step_is_opencv_called_plainly(name: str, values: dict, rgb: np.ndarray) -> None:
    link = link_of(name, values)
    assert furthest(applied(link, rgb), plainly(link, rgb)) == 0


def test_only_the_median_ignores_single_black_and_white_pixels() -> None:
    for rgb in PICTURES.values():
        noisy = applied(link_of("noise", {"kind": "salt and pepper"}), rgb)
        cleaned = {
            how: cv2.PSNR(rgb, applied(link_of("denoise", {"how": how}), noisy)) for how in ("median", "mean", "Gauss")
        }
        assert cleaned["median"] > 2 + max(cleaned["mean"], cleaned["Gauss"])


def test_a_kernel_is_divided_by_its_sum_unless_that_is_0() -> None:
    assert divided(link_of("kernel", {"kernel": KERNELS["blur"]}).values).sum() == pytest.approx(1)
    assert divided(link_of("kernel", {"kernel": KERNELS["edges"]}).values).sum() == 0


def test_sobel_is_steep_where_scikit_image_finds_it_steep() -> None:
    for rgb in PICTURES.values():
        grey = grey_of(rgb)
        ours = applied(link_of("sobel"), rgb)[2:-2, 2:-2, 0].astype(float)
        theirs = np.minimum(255, sobel(grey.astype(float))[2:-2, 2:-2] * 4 * np.sqrt(2))
        assert np.abs(ours - np.rint(theirs)).max() <= 1


def test_the_same_noise_comes_again() -> None:
    rgb = PICTURES["cat 640x480"]
    assert (applied(link_of("noise"), rgb) == applied(link_of("noise"), rgb)).all()
