"""Sample pictures changed: nothing is lost where nothing should be."""

import numpy as np
import pytest

from models.pictures.variants import GREY, OWN, covered, in_pieces, on_grey, upside_down

RGB = np.arange(40 * 60 * 3, dtype=np.uint32).reshape(40, 60, 3).astype(np.uint8)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_pieces_are_put_elsewhere_and_none_is_lost(n: int) -> None:
    cut = in_pieces(RGB, n)
    assert cut.shape == RGB.shape
    assert (cut == RGB).all() == (n == 1)
    assert (np.sort(cut, axis=None) == np.sort(RGB, axis=None)).all()


def test_quarters_are_swapped_crosswise() -> None:
    assert (in_pieces(RGB, 2)[:20, :30] == RGB[20:, 30:]).all()
    with pytest.raises(ValueError):
        in_pieces(RGB, 0)


def test_a_small_picture_lies_in_the_middle_of_grey() -> None:
    small = on_grey(np.full_like(RGB, 255), 0.5)
    assert small.shape == RGB.shape
    assert (small[10:30, 15:45] == 255).all() and (small[:10] == GREY).all() and (small[:, 45:] == GREY).all()


def test_paper_lies_where_it_was_put_and_the_picture_stays() -> None:
    before = RGB.copy()
    paper = covered(RGB, 10, 5, 30, 20)
    assert (paper[5:20, 10:30] == 235).all() and (paper[20:] == RGB[20:]).all() and (before == RGB).all()


def test_upside_down_twice_is_the_picture() -> None:
    assert (upside_down(upside_down(RGB)) == RGB).all() and (upside_down(RGB)[0, 0] == RGB[-1, -1]).all()


def test_each_sample_opens() -> None:
    for samples in OWN.values():
        for sample in samples:
            rgb = sample.load()
            assert rgb.dtype == np.uint8 and rgb.shape[2] == 3
