"""Boxes: kept within the picture, the surest first, and of those that overlap the surest stays."""

import numpy as np
import pytest

from models.detector.boxes import Found, iou, suppress

A, B, C = [0.0, 0.0, 0.5, 0.5], [0.05, 0.0, 0.55, 0.5], [0.6, 0.6, 1.0, 1.0]


def test_boxes_are_cut_at_the_edges_and_sorted() -> None:
    found = Found.from_shares(np.array([C, [-0.5, 0, 2, 1]]), ("cup", "cat"), np.array([0.2, 0.9]), (200, 100))
    assert found.names == ("cat", "cup") and np.rint(found.boxes).tolist() == [[0, 0, 200, 100], [120, 60, 200, 100]]
    assert found.chosen(0.5).names == ("cat",) and found.chosen(0, {"cup"}).names == ("cup",)
    assert (
        found.counts() == {"cat": 1, "cup": 1}
        and len(Found.from_shares(np.empty((0, 4)), (), np.empty(0), (9, 9))) == 0
    )


def test_what_is_no_box_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 1 boxes"):
        Found(np.zeros((2, 4)), ("cup",), np.zeros(1), (9, 9))
    with pytest.raises(ValueError, match="before its left"):
        Found(np.array([[5.0, 0, 4, 1]]), ("cup",), np.zeros(1), (9, 9))


def test_overlap_is_what_both_cover_over_what_either_does() -> None:
    table = iou(np.array([A, C]), np.array([A, B, [0.25, 0.25, 0.75, 0.75]]))
    assert table == pytest.approx(np.array([[1, 0.45 / 0.55, 1 / 7], [0, 0, 0.0225 / 0.3875]]))
    assert iou(np.zeros((1, 4)), np.zeros((1, 4)))[0, 0] == 0, "a box of no size overlaps nothing"


def test_of_overlapping_boxes_the_surest_stays_within_its_group() -> None:
    boxes, scores = np.array([B, A, C]), np.array([0.5, 0.9, 0.1])
    assert suppress(boxes, scores, 0.5).tolist() == [1, 2]
    assert suppress(boxes, scores, 0.5, np.array([0, 1, 0])).tolist() == [1, 0, 2]
    assert suppress(boxes, scores, 0.9).tolist() == [1, 0, 2]


def test_the_browser_is_told_pixels_names_scores_and_numbers() -> None:
    found = Found(np.array([[1.26, 2, 3, 4]]), ("cup",), np.array([0.5]), (9, 9), np.array([7]))
    assert found.to_browser() == {"kind": "detections", "things": [[1.3, 2, 3, 4, "cup", 0.5, 7]]}


def test_a_part_of_a_surer_box_goes_where_that_is_asked() -> None:
    boxes, scores = np.array([A, [0.1, 0.1, 0.2, 0.2], [0.4, 0.4, 0.6, 0.6]]), np.array([0.9, 0.5, 0.4])
    assert suppress(boxes, scores, 0.5).tolist() == [0, 1, 2]
    assert suppress(boxes, scores, 0.5, max_part=0.9).tolist() == [0, 2]
