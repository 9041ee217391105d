"""A picture taken apart: what the browser says was rubbed out is grey, and nothing else."""

import numpy as np

from components.classifier.apart import CELLS, rubbed_out
from models.pictures.variants import GREY

RGB = np.random.default_rng(0).integers(0, 100, (101, 150, 3), dtype=np.uint8)


def test_all_cells_are_the_whole_picture_and_none_leaves_it() -> None:
    before = RGB.copy()
    assert (rubbed_out(RGB, []) == RGB).all()
    assert (rubbed_out(RGB, list(range(CELLS**2))) == GREY).all()
    assert (before == RGB).all()


def test_a_cell_lies_where_it_is_drawn() -> None:
    out = rubbed_out(RGB, [CELLS - 1])  # the last of the first row
    grey = (out == GREY).all(axis=2)
    assert grey[0, -1] and not grey[0, 0] and not grey[-1, -1]
    assert grey.sum() == (101 // CELLS) * (150 - 150 * (CELLS - 1) // CELLS)
