"""A picture as waves: all of them give it back, slow ones its shapes, erased ones are gone."""

import numpy as np
import pytest

from models.vision.chain import link_of
from models.vision.frequencies import SIDE, mask_of, spectrum
from models.vision.step import grey_of, in_colour
from tests.models.vision.plainly import PICTURES, applied, furthest, plainly

every_picture = pytest.mark.parametrize("rgb", PICTURES.values(), ids=PICTURES)


@every_picture
@pytest.mark.parametrize(
    "values", [{}, {"from": 10, "to": 60}, {"from": 5, "to": 100}, {"to": 90, "erased": [16, 500, 529, 562]}], ids=str
)
def test_the_step_is_opencv_called_plainly(values: dict, rgb: np.ndarray) -> None:
    link = link_of("fourier", values)
    assert furthest(applied(link, rgb), plainly(link, rgb)) <= 1


@every_picture
def test_all_waves_together_are_the_picture(rgb: np.ndarray) -> None:
    assert furthest(applied(link_of("fourier", {"to": 100}), rgb), in_colour(grey_of(rgb))) <= 1


@every_picture
def test_without_its_slow_waves_a_picture_loses_more_than_without_its_fast_ones(rgb: np.ndarray) -> None:
    grey = in_colour(grey_of(rgb)).astype(float)
    slow, fast = (applied(link_of("fourier", values), rgb) for values in ({"to": 14}, {"from": 14, "to": 100}))
    assert np.abs(slow - grey).mean() < np.abs(fast - grey).mean() / 2


@pytest.mark.parametrize("shape", [(64, 96), (65, 97), (33, 64)])
def test_an_erased_wave_goes_with_its_mirror_image_and_the_mean_stays(shape: tuple[int, int]) -> None:
    mask = mask_of(shape, {"from": 0, "to": 100, "erased": tuple(range(SIDE))})
    height, width = shape
    assert not mask[0].any() and mask[height // 2, width // 2]
    inner = mask[1 - height % 2 :, 1 - width % 2 :]
    assert (inner == inner[::-1, ::-1]).all()


def test_stripes_are_two_bright_points_and_can_be_erased() -> None:
    stripes = np.zeros((128, 128, 3), np.uint8)
    stripes[:] = np.where(np.arange(128) % 8 < 4, 200, 50)[None, :, None]
    found = spectrum(grey_of(stripes))
    assert found[64, 64 + 16] > 200 and found[64 + 16, 64] == 0
    cells = [16 * SIDE + column for column in range(SIDE) if abs(column - 16) > 1]
    out = applied(link_of("fourier", {"to": 100, "erased": cells}), stripes)
    assert out.std() < 5 < stripes.std()
