"""A head learnt from a few boxes."""

import numpy as np
import pytest

from models.cache import ModelCache
from models.errors import BadInput
from models.taught.boxes import average_precision
from models.taught.head import BoxHead, fit
from models.taught.maps import Maps
from models.taught.scenes import scene


@pytest.fixture(scope="module")
def maps() -> Maps:
    return ModelCache(10**9).get("lite0-maps")


@pytest.fixture(scope="module")
def head(maps: Maps) -> BoxHead:
    return fit(maps, [scene(n) for n in range(6)])


def test_it_finds_the_things_in_other_pictures(maps: Maps, head: BoxHead) -> None:
    tests = [scene(100 + n) for n in range(4)]
    assert average_precision([(boxes, head.find(maps.cells(rgb))) for rgb, boxes in tests]) > 0.8


def test_a_picture_without_things_has_none(maps: Maps, head: BoxHead) -> None:
    assert head.find(maps.cells(np.full((480, 640, 3), 128, np.uint8)), 0.5) == []


def test_one_class_alone_is_enough(maps: Maps) -> None:
    def cups(number: int) -> tuple:
        rgb, boxes = scene(number)
        return rgb, [box for box in boxes if box.name == "Cup"]

    found = fit(maps, [cups(n) for n in range(4)]).find(maps.cells(scene(50)[0]), 0.5)
    assert {box.name for box in found} == {"Cup"}


def test_nothing_drawn_is_said_in_words(maps: Maps) -> None:
    with pytest.raises(BadInput, match="No box"):
        fit(maps, [(scene(0)[0], [])])
