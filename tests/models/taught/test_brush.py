"""Labels of pixels taught by strokes."""

import numpy as np
import pytest

from models.cache import ModelCache
from models.errors import BadInput
from models.taught import brush
from models.taught.brush import Stroke
from models.taught.maps import Maps


@pytest.fixture(scope="module")
def maps() -> Maps:
    return ModelCache(10**9).get("lite0-maps")


def test_two_strokes_part_a_picture_and_others_like_it(maps: Maps) -> None:
    rgb = np.full((240, 320, 3), (40, 90, 160), np.uint8)
    rgb[:, 160:] = (200, 120, 40)
    strokes = [Stroke(0, ((0.02, 0.2), (0.45, 0.8))), Stroke(3, ((0.55, 0.2), (0.98, 0.8)))]
    head = brush.fit([(brush.columns_of(maps, rgb), strokes)])
    mask = head.mask(brush.columns_of(maps, rgb[:, ::-1].copy()), (320, 240))
    assert mask.shape == (240, 320) and (mask[:, :140] == 3).mean() > 0.95 and (mask[:, 180:] == 0).mean() > 0.95


def test_one_class_alone_is_said_in_words(maps: Maps) -> None:
    columns = brush.columns_of(maps, np.zeros((64, 64, 3), np.uint8))
    for strokes in ([], [Stroke(1, ((0.5, 0.5),))]):
        with pytest.raises(BadInput, match="one class"):
            brush.fit([(columns, strokes)])


@pytest.mark.parametrize("wrong", [(9, ((0, 0),)), (0, ()), (0, ((0, 0),), 0.0)])
def test_a_stroke_that_cannot_be_is_refused(wrong: tuple) -> None:
    with pytest.raises(ValueError, match="stroke"):
        Stroke(*wrong)


def test_an_edge_is_known_as_what_lies_within(maps: Maps) -> None:
    random = np.random.default_rng(0)
    rgb = random.integers(0, 256, (320, 320, 3), np.uint8)  # the same everywhere but for chance
    columns = brush.columns_of(maps, rgb)
    within = columns[40:-40, 40:-40].reshape(-1, columns.shape[2])
    mean, spread = within.mean(axis=0), within.std(axis=0) + 1e-3
    for edge in (columns[:, :2], columns[:, -2:], columns[:2], columns[-2:]):
        away = abs(edge.reshape(-1, columns.shape[2]).mean(axis=0) - mean) / spread
        assert np.median(away) < 0.35 and (away > 1.5).mean() < 0.05
