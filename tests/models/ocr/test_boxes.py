"""Results of reading: what they promise, and what they refuse."""

import numpy as np
import pytest

from models.ocr.boxes import Code, Detection, Reading, TextBox, Word

SQUARE = np.float32([[10, 20], [110, 20], [110, 40], [10, 40]])


def reading(*boxes: TextBox) -> Reading:
    return Reading(np.zeros((50, 200, 3), np.uint8), boxes)


@pytest.mark.parametrize(
    "kind", [lambda p: Word("a", 0.5, p), lambda p: TextBox(p, "a", 0.5), lambda p: Code("QR code", "a", p)]
)
@pytest.mark.parametrize("polygon", [SQUARE[:3], SQUARE.astype(np.float64), SQUARE.ravel()])
def test_a_polygon_is_four_corners_in_float32(kind, polygon) -> None:
    with pytest.raises(ValueError, match=r"float32 \(4, 2\), got"):
        kind(polygon)


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_a_score_is_a_share(score: float) -> None:
    with pytest.raises(ValueError, match=r"0\.\.1"):
        TextBox(SQUARE, "a", score)


def test_a_box_knows_its_bounds_and_its_height_across_the_line() -> None:
    turned = np.float32([[40, 110], [40, 10], [60, 10], [60, 110]])  # read from bottom to top
    assert TextBox(SQUARE, "a", 1).xyxy == (10, 20, 110, 40) and TextBox(SQUARE, "a", 1).height == 20
    assert TextBox(turned, "a", 1).xyxy == (40, 10, 60, 110) and TextBox(turned, "a", 1).height == 20


def test_a_detection_has_a_heat_map_and_as_many_polygons_as_scores() -> None:
    heat = np.zeros((4, 6), np.float32)
    Detection(heat, SQUARE[None], np.float32([0.5]))
    with pytest.raises(ValueError, match=r"\(2, 4, 2\), got \(1, 4, 2\)"):
        Detection(heat, SQUARE[None], np.float32([0.5, 0.6]))
    with pytest.raises(ValueError, match="heat must be float32"):
        Detection(heat.astype(np.uint8), SQUARE[None], np.float32([0.5]))


def test_a_readings_score_is_the_mean_over_letters_not_over_lines() -> None:
    assert reading(TextBox(SQUARE, "abc", 1.0), TextBox(SQUARE, "d", 0.6)).score == pytest.approx(0.9)
    assert reading().score == 0
