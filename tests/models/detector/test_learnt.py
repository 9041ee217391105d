"""Boxes from the learnt heads: on the samples, mirrored too; pictures of nothing; the files."""

import numpy as np
import pytest

from models.detector.boxes import iou
from models.detector.learnt import CLASSIFIER, FOLDER, BoxFinder, decoded
from models.detector.naming import NameHead
from models.detector.settling import Wanted
from models.pictures.variants import samples_of

THINGS = {  # by eye, in pixels of the sample
    "coffee": ("cup", [100, 25, 480, 330]),
    "motorcycle": ("motorcycle", [90, 120, 640, 480]),
    "cat": ("cat", [60, 0, 400, 300]),
}


@pytest.mark.parametrize("name", THINGS)
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_things_of_the_samples_are_named_and_boxed(by_heads: BoxFinder, name: str, mirrored: bool) -> None:
    rgb, (thing, box) = samples_of("detector")[name].load(), THINGS[name]
    found = Wanted().of(by_heads.find(np.ascontiguousarray(rgb[:, ::-1]) if mirrored else rgb))
    assert found.names[0] == thing
    left, top, right, bottom = box
    wanted = np.array([[rgb.shape[1] - right, top, rgb.shape[1] - left, bottom] if mirrored else box])
    assert iou(found.boxes[:1], wanted)[0, 0] > 0.4, "a box that is right, if roughly"


def test_the_classifier_can_name_them_too(by_heads: BoxFinder) -> None:
    found = Wanted().of(by_heads.predict(samples_of("detector")["coffee"].load(), named_by=CLASSIFIER))
    assert found.names[0] == "cup"


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (480, 640)])
def test_a_picture_of_nothing_has_nothing_sure(by_heads: BoxFinder, shape: tuple[int, int]) -> None:
    assert len(Wanted(0.6).of(by_heads.find(np.full((*shape, 3), 128, np.uint8)))) == 0


def test_distances_become_boxes() -> None:
    level = np.full((1, 6, 2, 4), -20, np.float32)
    level[0, :, 1, 2] = 20, 20, 0.5, 0.25, 1, 0.5
    boxes, scores = decoded(level)
    assert boxes.tolist() == [[2 / 4, 1.25 / 2, 3.5 / 4, 1]] and scores[0] > 0.99


def test_the_files_are_small_and_the_names_come_through(tmp_path) -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 4_000_000
    head = NameHead.load(FOLDER / "names.safetensors")
    head.save(tmp_path / "again.safetensors")
    assert NameHead.load(tmp_path / "again.safetensors").names == head.names and len(head.names) == 81
