"""Digits as the network gets them: drawings centred as MNIST's, photographs of paper, and what it says of them."""

import cv2
import numpy as np
import pytest

from models.digits.bundled import Digits
from models.digits.reading import Reading, ink_of, prepared


def written(digit: int, side: int = 200, thickness: int = 14, at: tuple[int, int] = (60, 150)) -> np.ndarray:
    """Ink, float32 (side, side): a digit in OpenCV's simplest letters."""
    ink = np.zeros((side, side), np.uint8)
    cv2.putText(ink, str(digit), at, cv2.FONT_HERSHEY_SIMPLEX, 4.5, 255, thickness, cv2.LINE_AA)
    return ink.astype(np.float32) / 255


@pytest.mark.parametrize("at", [(10, 110), (90, 190), (50, 150)])
@pytest.mark.parametrize("thickness", [8, 18])
def test_a_drawing_is_scaled_and_its_mass_put_in_the_middle(at: tuple[int, int], thickness: int) -> None:
    seen = prepared(written(3, at=at, thickness=thickness))
    assert seen is not None and seen.shape == (28, 28) and seen.dtype == np.float32 and seen.max() == 1
    rows, columns = (np.flatnonzero(seen.max(axis=axis) > 0.1) for axis in (1, 0))
    assert max(np.ptp(rows), np.ptp(columns)) in (18, 19)
    y, x = np.mgrid[:28, :28]
    assert abs((seen * y).sum() / seen.sum() - 13.5) < 1 and abs((seen * x).sum() / seen.sum() - 13.5) < 1


@pytest.mark.parametrize("ink", [np.zeros((112, 112)), np.zeros((0, 0)), np.pad(np.ones((2, 2)), 55)])
def test_hardly_any_ink_is_nothing(ink: np.ndarray) -> None:
    assert prepared(ink) is None


@pytest.mark.parametrize("ink", [np.ones((112, 112)), np.pad(np.ones((100, 2)), ((6, 6), (55, 55)))])
def test_any_blot_is_made_ready(ink: np.ndarray) -> None:
    seen = prepared(ink)
    assert seen is not None and np.isfinite(seen).all() and seen.max() <= 1


def photograph(ink: np.ndarray, *, dark: bool, seed: int = 0) -> np.ndarray:
    """Of paper on a table, uint8 (300, 400, 3): a shadow from one side, grain, and something at the edge."""
    dice = np.random.default_rng(seed)
    paper = np.linspace(235, 150, 400)[None].repeat(300, 0)
    small = cv2.resize(ink, (150, 150), interpolation=cv2.INTER_AREA)
    place = np.zeros((300, 400))
    place[75:225, 125:275] = small
    grey = paper * (1 - 0.75 * place) if dark else 40 + 180 * place
    grey[:, :20] = 20
    return np.clip(grey + dice.normal(0, 4, grey.shape), 0, 255).astype(np.uint8)[..., None].repeat(3, 2)


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("digit", [0, 2, 3, 5, 8])
def test_a_digit_on_a_photograph_is_read(digits: Digits, digit: int, dark: bool) -> None:
    seen = prepared(ink_of(photograph(written(digit), dark=dark)))
    assert seen is not None and digits.reader.read(seen).best == digit


def test_bare_paper_has_no_digit() -> None:
    assert prepared(ink_of(photograph(np.zeros((200, 200), np.float32), dark=True))) is None
    assert prepared(ink_of(np.zeros((1, 1, 3), np.uint8))) is None


def test_a_reading_has_its_maps_and_is_told_to_the_browser(digits: Digits) -> None:
    seen = prepared(written(7))
    assert seen is not None
    reading = digits.reader.read(seen)
    told = reading.to_browser()
    assert sum(told["probabilities"]) == pytest.approx(1, abs=0.01) and len(told["maps"]) == 5
    assert [one.shape[1] for one in reading.maps] == [28, 28, 14, 14, 7]
    assert digits.reader.probabilities(seen[None])[0] == pytest.approx(reading.probabilities, abs=1e-5)


def test_covering_the_stroke_costs_and_covering_nothing_does_not(digits: Digits) -> None:
    seen = prepared(written(4))
    assert seen is not None
    lost = digits.reader.looked_at(seen, digits.reader.read(seen).best)
    assert lost.shape == (28, 28) and 0 <= lost.min() <= lost.max() <= 1
    assert lost[:4, :4].max() < lost.max()


@pytest.mark.parametrize("shape", [(27, 28), (28,)])
def test_what_cannot_be_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Reading(np.zeros(shape), np.full(10, 0.1))
    with pytest.raises(ValueError, match="sum"):
        Reading(np.zeros((28, 28)), np.full(10, 0.3))
