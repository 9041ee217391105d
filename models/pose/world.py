"""World points as one sees people: upright, several of them side by side.

The landmark network estimates them from one picture, in metres around the hips of a body or the middle of a hand, with
x to the picture's right, y down and z away from the camera (GHUM, Xu et al. 2020, fitted to pictures for training).
"""

from collections.abc import Sequence

import numpy as np

from models.pose.poses import Pose


def upright(world: np.ndarray, *, mirrored: bool = False) -> np.ndarray:
    """World points float32 (n, 3) as x to the right, y away from the camera and z up, in metres; with the x axis turned
    round where the picture is `mirrored`."""
    x, down, away = world.T
    return np.stack((-x if mirrored else x, away, -down), axis=1)


def side_by_side(poses: Sequence[Pose], apart_m: float, *, mirrored: bool = False) -> list[np.ndarray | None]:
    """`upright` for each of these poses, None for one without world points: in the order in which they stand in the
    picture from left to right, `apart_m` metres between two, the row's middle at x = 0. How far apart they really are
    is not in their world points."""
    there = [number for number, pose in enumerate(poses) if pose.world is not None]
    there.sort(key=lambda number: poses[number].keypoints[:, 0].mean(), reverse=mirrored)
    placed: list[np.ndarray | None] = [None] * len(poses)
    for place, number in enumerate(there):
        world = poses[number].world
        assert world is not None
        shift = apart_m * (place - (len(there) - 1) / 2)
        placed[number] = upright(world, mirrored=mirrored) + np.array((shift, 0, 0), np.float32)
    return placed
