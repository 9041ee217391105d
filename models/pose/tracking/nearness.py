"""How near two poses of a kind are: whether both are one person's."""

from collections.abc import Iterable

import numpy as np

from models.pose.poses import Pose

SAME_DISTANCE = {"body33": 0.13, "hand21": 0.3, "face478": 0.3}
"""Up to which mean distance of their points, in parts of their size, two poses are one's."""


def box_of(pose: Pose) -> tuple[np.ndarray, float]:
    """The middle (x, y) and the longer side of the box around all its points, in pixels."""
    xy = pose.keypoints[:, :2]
    low, high = xy.min(0), xy.max(0)
    return (low + high) / 2, float((high - low).max())


def distance(one: Pose, other: Pose) -> float:
    """The mean distance of the points of two poses of a kind, weighted by how visible they are in both: where legs
    behind a table are is a guess. In parts of the smaller one's size."""
    weight = np.minimum(one.keypoints[:, 2], other.keypoints[:, 2]) + 1e-3
    apart = np.hypot(*(one.keypoints - other.keypoints)[:, :2].T)
    return float((apart * weight).sum() / weight.sum() / max(min(box_of(one)[1], box_of(other)[1]), 1e-6))


def is_new(pose: Pose, others: Iterable[Pose]) -> bool:
    """Whether it is none of the others."""
    return all(distance(pose, other) > SAME_DISTANCE[pose.kind] for other in others)


def each_once(poses: Iterable[Pose]) -> list[Pose]:
    """The first of those that are one's."""
    once: list[Pose] = []
    for pose in poses:
        if is_new(pose, once):
            once.append(pose)
    return once
