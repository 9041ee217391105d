"""World points upright and side by side: on people whose places are known."""

import numpy as np

from models.pose.poses import Pose
from models.pose.skeletons import SKELETONS
from models.pose.world import side_by_side, upright

NAMES = SKELETONS["body33"].names
NOSE, LEFT_WRIST, LEFT_HIP, RIGHT_HIP, LEFT_ANKLE = map(
    NAMES.index, ("nose", "left wrist", "left hip", "right hip", "left ankle")
)


def standing(x: float = 0.0) -> Pose:
    """Somebody who looks into the camera at `x` pixels, the left arm stretched towards it."""
    world = np.zeros((33, 3), np.float32)  # mediapipe's: x to the picture's right, y down, z away from the camera
    world[[NOSE, LEFT_ANKLE, LEFT_WRIST]] = (0, -0.6, -0.1), (0.1, 0.8, 0), (0.2, -0.4, -0.7)
    world[[LEFT_HIP, RIGHT_HIP]] = (0.1, 0, 0), (-0.1, 0, 0)
    keypoints = np.full((33, 3), (x, 0, 1), np.float32)
    return Pose(keypoints, 1.0, world=world)


def test_the_head_is_up_the_feet_are_down_and_what_is_stretched_to_the_camera_is_near() -> None:
    x, away, up = upright(standing().world).T
    assert up[NOSE] > 0 > up[LEFT_ANKLE] and np.isclose(up[NOSE] - up[LEFT_ANKLE], 1.4)
    assert away[LEFT_WRIST] == away.min() < 0
    assert x[LEFT_HIP] > x[RIGHT_HIP], "the person's left is on the right of the camera's picture"


def test_a_mirror_swaps_the_sides_and_nothing_else() -> None:
    plain, mirrored = upright(standing().world), upright(standing().world, mirrored=True)
    assert np.array_equal(mirrored, plain * (-1, 1, 1))


def test_people_stand_in_the_order_of_the_picture() -> None:
    poses = [standing(500), standing(20), standing(200)]
    hips = [points[[LEFT_HIP, RIGHT_HIP], 0].mean() for points in side_by_side(poses, 1.0)]
    assert np.allclose(hips, (1, -1, 0))
    mirrored = [points[[LEFT_HIP, RIGHT_HIP], 0].mean() for points in side_by_side(poses, 1.0, mirrored=True)]
    assert np.allclose(mirrored, (-1, 1, 0))


def test_who_has_no_world_points_takes_no_place() -> None:
    without = Pose(np.zeros((33, 3), np.float32), 1.0)
    nobody, there = side_by_side([without, standing()], 1.0)
    assert nobody is None and np.array_equal(there, upright(standing().world))
