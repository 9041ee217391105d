"""The picture of heat map and offsets shows what the words beside it say."""

import numpy as np

from models.pose.posenet_picture import _WRIST, best_cell, heat, heatmap_and_offsets


def test_the_framed_cell_is_the_one_the_wrist_is_in() -> None:
    column, row = best_cell()
    assert (column, row) == (int(_WRIST[0]), int(_WRIST[1]))
    values = heat()
    assert values.shape == (8, 9) and values[row, column] == values.max() <= 1
    assert values[row, column] > values[row, column - 1] > values[row, column - 3]


def test_the_offset_is_long_enough_to_be_seen_and_stays_in_the_cell() -> None:
    column, row = best_cell()
    offset = np.array(_WRIST) - (column + 0.5, row + 0.5)
    assert 0.2 < np.hypot(*offset) < 0.5 and np.abs(offset).max() < 0.4


def test_it_is_the_same_picture_each_time_and_nobody_can_write_on_it() -> None:
    first = heatmap_and_offsets()
    heatmap_and_offsets.cache_clear()
    assert (first == heatmap_and_offsets()).all()
    assert first.shape == (940, 1840, 3) and first.dtype == np.uint8
    assert not first.flags.writeable


def test_it_has_a_paper_of_its_own_so_that_dark_pages_do_not_matter() -> None:
    rgb = heatmap_and_offsets()
    for edge in (rgb[:8], rgb[-8:], rgb[:, :8], rgb[:, -8:]):
        assert (edge == rgb[0, 0]).all(), "nothing is cut off at an edge"
    assert rgb[0, 0].min() > 230
