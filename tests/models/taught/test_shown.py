"""Masks as files."""

import io

import numpy as np
from PIL import Image

from models.pictures.drawing import rgb_of
from models.taught.boxes import Box
from models.taught.project import COLOURS
from models.taught.shown import cut_out, layer, npz, png

MASK = np.array([[0, 1], [2, 0]], np.uint8)


def test_a_png_has_the_class_numbers_and_an_npz_the_names() -> None:
    assert (np.array(Image.open(io.BytesIO(png(MASK, COLOURS)))) == MASK).all()
    with np.load(io.BytesIO(npz(MASK, ["a", "b", "c"]))) as file:
        assert (file["mask"] == MASK).all() and list(file["names"]) == ["a", "b", "c"]


def test_the_layer_has_each_classs_colour() -> None:
    assert tuple(layer(MASK, COLOURS)[0, 1, :3]) == rgb_of(COLOURS[1])


def test_the_smallest_box_shows_a_pixel() -> None:
    assert cut_out(np.zeros((10, 10, 3), np.uint8), Box(0.99, 0.99, 1, 1, "a")).size
