"""The network's maps of pictures of any size."""

import numpy as np
import pytest

from models.cache import ModelCache
from models.taught.maps import Maps
from models.taught.scenes import scene


@pytest.fixture(scope="module")
def maps() -> Maps:
    return ModelCache(10**9).get("lite0-maps")


@pytest.mark.parametrize(("size", "cells"), [((480, 640), (20, 28)), ((640, 480), (28, 20)), ((9, 900), (2, 28))])
def test_a_picture_of_any_shape_gets_a_column_per_16_pixels(
    maps: Maps, size: tuple[int, int], cells: tuple[int, int]
) -> None:
    assert maps.cells(np.zeros((*size, 3), np.uint8)).shape == (*cells, 472)


def test_the_maps_follow_what_is_moved(maps: Maps) -> None:
    rgb = np.full((448, 448, 3), 120, np.uint8)
    left, right = rgb.copy(), rgb.copy()
    patch = scene(0)[0][:96, :96]
    left[160:256, 96:192], right[160:256, 288:384] = patch, patch
    empty = maps.cells(rgb)
    place = [np.abs(maps.cells(one) - empty)[..., :40].sum(axis=(0, 2)).argmax() for one in (left, right)]
    assert place[1] - place[0] == pytest.approx(12, abs=2)
