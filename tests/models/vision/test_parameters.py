"""Parameters keep within their bounds, whatever a link says; kernels that are none are refused in words."""

import numpy as np
import pytest

from models.errors import BadInput
from models.vision.filters import KERNELS
from models.vision.parameters import Cells, Choice, Colour, Matrix, Slider, kernel_of

ODD = [None, "x", [], {}, True, float("nan"), float("inf"), -1e300, "1"]


@pytest.mark.parametrize(
    ("slider", "given", "kept"),
    [
        (Slider("n", "", 0, 10, 3), 7, 7),
        (Slider("n", "", 0, 10, 3), 7.6, 8),
        (Slider("n", "", 0, 10, 3), 99, 10),
        (Slider("n", "", 3, 15, 5, 2), 8, 7),
        (Slider("n", "", 3, 15, 5, 2), 0, 3),
        (Slider("n", "", 0, 1, 0.3, 0.01), 0.123, 0.12),
    ],
)
def test_a_slider_stands_at_the_nearest_number(slider: Slider, given: float, kept: float) -> None:
    assert slider.read(given) == kept and isinstance(slider.read(given), int if slider.is_whole else float)


@pytest.mark.parametrize("given", ODD)
def test_what_fits_nowhere_is_the_default(given: object) -> None:
    odd = Slider("n", "", 3, 15, 5, 2)
    assert 3 <= odd.read(given) <= 15 and odd.read(given) % 2 == 1
    assert Choice("c", "", ("a", "b")).read(given) == "a"
    assert Colour("c", "", "#00b140").read(given) == "#00b140"
    assert Matrix("k", "", KERNELS["blur"]).read(given) == KERNELS["blur"]
    assert Cells("e", "", 4).read(given) == ()


def test_cells_come_once_and_in_order() -> None:
    assert Cells("e", "", 4).read([5, 3, 5, 16, -1, "2", True]) == (3, 5)
    assert Cells("e", "", 4).read(list(range(17))) == ()


@pytest.mark.parametrize("text", KERNELS.values(), ids=KERNELS)
def test_a_kernel_is_read(text: str) -> None:
    assert kernel_of(text).shape in ((3, 3), (5, 5)) and kernel_of(text).dtype == np.float32
    assert (kernel_of(text.replace(" ", ", ")) == kernel_of(text)).all()


@pytest.mark.parametrize(
    "text",
    ["", "1 2", "1 2\n3 4", "1 2 3\n4 5 6", "a b c\nd e f\ng h i", "nan 1 1\n" * 3, "1e9 1 1\n" * 3, "1 1 1\n" * 4],
)
def test_what_is_no_kernel_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadInput, match=r"kernel|too large|none"):
        kernel_of(text)
