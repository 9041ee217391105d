"""How near two poses are, worked out by hand."""

import numpy as np
import pytest

from models.pose.poses import Pose
from models.pose.tracking.nearness import box_of, distance, each_once, is_new


def body(x: float, size: float = 200) -> Pose:
    spread = np.linspace(-size / 2, size / 2, 33)
    return Pose(np.column_stack((x + spread, 100 + spread / 2, np.ones(33))).astype(np.float32), 1.0)


def test_distances_are_in_parts_of_the_smaller_one() -> None:
    middle, side = box_of(body(50))
    assert middle == pytest.approx([50, 100]) and side == pytest.approx(200)
    assert distance(body(50), body(70)) == pytest.approx(0.1)
    assert distance(body(50, 100), body(50, 100)) == 0
    assert distance(body(50, 100), body(70, 100)) == pytest.approx(0.2)


def test_each_is_counted_once_the_first_of_them() -> None:
    first, again, other = body(50), body(60), body(150)
    assert [pose is kept for pose, kept in zip(each_once([first, again, other]), (first, other), strict=True)]
    assert not is_new(again, [other, first]) and is_new(other, [first, again])


def test_a_pose_in_one_point_is_near_nothing() -> None:
    assert distance(Pose(np.zeros((33, 3), np.float32), 1.0), body(50)) > 1
