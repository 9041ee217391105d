"""A network that was never shown a box finds where its names are strong."""

import numpy as np
import pytest

from models.detector.boxes import iou
from models.detector.class_maps import MapDetector, Rules
from models.detector.settling import Wanted
from models.pictures.variants import samples_of

CUP = np.array([[100, 25, 480, 330]])  # by eye, of the sample's 600 × 400 pixels


def test_the_cup_is_named_and_roughly_boxed(by_maps: MapDetector) -> None:
    rgb = samples_of("detector")["coffee"].load()
    found = Wanted(0.15).of(by_maps.find(rgb))
    assert found.names[0] == "cup" and found.size_wh == (600, 400)
    assert iou(found.boxes[:1], CUP)[0, 0] > 0.3
    mirrored = by_maps.predict(np.ascontiguousarray(rgb[:, ::-1]))
    assert mirrored.names[0] == "cup"


def test_the_sliders_do_what_they_say(by_maps: MapDetector) -> None:
    rgb = samples_of("detector")["coffee"].load()
    look, strict = by_maps.look(rgb, Rules()), by_maps.look(rgb, Rules(names=1, share=0.8))
    assert (
        look.names[0] == strict.names[0] == "cup" and len(strict.names) == 1 and look.heat.shape[0] == len(look.names)
    )
    area = [np.prod(of.after.boxes[0, 2:] - of.after.boxes[0, :2]) for of in (look, strict)]
    assert area[1] < area[0], "a higher share of the peak makes a smaller piece"
    assert len(by_maps.look(rgb, Rules(min_peak=0.9)).before) <= len(look.before)
    assert len(look.after) <= len(look.before)


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (480, 640)])
def test_a_picture_of_nothing_has_few_or_no_boxes(by_maps: MapDetector, shape: tuple[int, int]) -> None:
    found = by_maps.find(np.full((*shape, 3), 128, np.uint8))
    assert found.size_wh == shape[::-1] and len(found) < 10
