"""Lines grow over what belongs to them and over nothing else."""

import numpy as np

from models.ocr_line_ends import to_their_ends

SCORES = np.array([0.6, 0.9], np.float32)


def box(left: float, right: float, top: float = 40, bottom: float = 60) -> np.ndarray:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def paper(*letters: tuple[int, int], top: int = 45, bottom: int = 55) -> np.ndarray:
    """100 × 400, with ink in rows 45 to 55 from column a up to b."""
    rgb = np.full((100, 400, 3), 255, np.uint8)
    for begin, end in letters:
        rgb[top:bottom, begin:end] = 0
    return rgb


def grown(rgb: np.ndarray, *boxes: np.ndarray) -> list[tuple[float, float]]:
    found, scores = to_their_ends(rgb, np.stack(boxes), SCORES[: len(boxes)])
    assert len(found) == len(scores)
    return [(float(one[:, 0].min()), float(one[:, 0].max())) for one in found]


def test_ink_close_by_is_taken_in_with_a_margin() -> None:
    assert grown(paper((105, 130), (135, 160), (164, 172)), box(100, 162)) == [(100, 176)]


def test_ink_a_wide_gap_away_is_not() -> None:
    assert grown(paper((105, 130), (135, 160), (175, 190)), box(100, 162)) == [(100, 162)]


def test_a_tables_rule_is_not() -> None:
    rgb = paper((105, 130), (135, 160))
    rgb[:, 165] = 0
    assert grown(rgb, box(100, 162)) == [(100, 162)]


def test_what_goes_on_and_on_is_not() -> None:
    assert grown(paper((105, 130), (135, 399)), box(100, 162)) == [(100, 162)]


def test_two_parts_that_meet_become_one_with_the_higher_score() -> None:
    rgb = paper((105, 130), (135, 160), (164, 176), (180, 200), (206, 230))
    found, scores = to_their_ends(rgb, np.stack([box(100, 162), box(178, 235)]), SCORES)
    assert len(found) == 1 and scores.tolist() == [np.float32(0.9)]
    assert found[0][:, 0].min() == 100 and found[0][:, 0].max() == 235


def test_neighbours_that_need_no_growing_stay_apart() -> None:
    rgb = paper((105, 130), (135, 157), (185, 200), (206, 230))
    assert grown(rgb, box(100, 162), box(180, 235)) == [(100, 162), (180, 235)]


def test_a_line_on_end_grows_along_itself() -> None:
    rgb = np.ascontiguousarray(np.rot90(paper((105, 130), (135, 160), (164, 172)), -1))
    standing = np.array([(40, 100), (60, 100), (60, 162), (40, 162)], np.float32)
    found, _ = to_their_ends(rgb, standing[None], SCORES[:1])
    assert found[0][:, 1].min() == 100 and abs(found[0][:, 1].max() - 176) <= 2


def test_of_no_lines_none() -> None:
    found, scores = to_their_ends(paper(), np.empty((0, 4, 2), np.float32), np.empty(0, np.float32))
    assert found.shape == (0, 4, 2) and scores.shape == (0,)
