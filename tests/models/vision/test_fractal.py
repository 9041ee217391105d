"""A fractal in three ways: the same counts, and right where they are known."""

import numpy as np
import pytest

from models.vision.fractal import View, by_numpy, by_python, by_torch, coloured

VIEWS = [
    View(width=40, height=30),
    View(x=-0.74, y=0.12, reach=0.01, width=33, height=20),
    View(x=0, width=30, is_julia=True),
]


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_all_ways_count_the_same(view: View) -> None:
    counts = by_python(view)
    assert (by_numpy(view) == counts).all() and (by_torch(view) == counts).all()


def test_the_middle_never_escapes_and_the_far_corner_at_once() -> None:
    view = View(x=0, y=0, reach=2, width=41, height=41)
    counts = by_numpy(view)
    assert counts[20, 20] == view.steps and counts[0, 0] <= 1
    picture = coloured(counts, view.steps)
    assert picture.dtype == np.uint8 and not picture[20, 20].any() and picture[0, 0].any()


@pytest.mark.parametrize(
    "wrong", [{"width": 0}, {"width": 10_000, "height": 10_000}, {"steps": 10_000}, {"reach": 0}, {"x": float("nan")}]
)
def test_what_would_take_for_ever_or_is_nowhere_is_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match="expected"):
        View(**wrong)
