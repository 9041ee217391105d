"""The angles at a body's joints, as the camera sees them: flat, so that an arm stretched towards it looks bent."""

import math

import numpy as np

from models.pose.poses import Pose
from models.pose.skeletons import SKELETONS

_SIDES = ("left", "right")
_CHAINS = {
    "shoulder": ("elbow", "shoulder", "hip"),
    "elbow": ("shoulder", "elbow", "wrist"),
    "wrist": ("elbow", "wrist", "index finger"),
    "hip": ("shoulder", "hip", "knee"),
    "knee": ("hip", "knee", "ankle"),
    "ankle": ("knee", "ankle", "foot index"),
}

JOINTS: dict[str, tuple[str, str, str]] = {
    f"{side} {joint}": (f"{side} {before}", f"{side} {corner}", f"{side} {after}")
    for joint, (before, corner, after) in _CHAINS.items()
    for side in _SIDES
}
"""A joint's angle lies at the second of three keypoints, between the ways to the first and to the third."""


def joints_of(kind: str) -> tuple[str, ...]:
    """The joints whose keypoints a skeleton has: twelve of a body33, eight of a coco17 (it has no fingers and no
    toes), none of a hand or a face."""
    names = SKELETONS[kind].names
    return tuple(joint for joint, points in JOINTS.items() if set(points) <= set(names))


def angles(pose: Pose, min_score: float = 0.5) -> dict[str, float | None]:
    """Degrees in 0..180 for each of `joints_of(pose.kind)`: 180 is a straight arm or leg, and for a shoulder an arm
    straight up. None where one of its keypoints scores less than `min_score` or two of them coincide. Mirroring the
    coordinates changes nothing."""
    names = pose.skeleton.names
    measured: dict[str, float | None] = {}
    for joint in joints_of(pose.kind):
        first, corner, last = pose.keypoints[[names.index(name) for name in JOINTS[joint]]].astype(np.float64)
        seen = min(first[2], corner[2], last[2]) >= min_score
        measured[joint] = angle_between(first[:2] - corner[:2], last[:2] - corner[:2]) if seen else None
    return measured


def angle_between(a: np.ndarray, b: np.ndarray) -> float | None:
    """Degrees in 0..180 between two vectors of two numbers, None if one has no direction."""
    if not (np.isfinite(a).all() and np.isfinite(b).all() and a.any() and b.any()):
        return None
    # unlike the arc cosine of the dot product alone, exact near 0 and 180 degrees too
    cross, dot = a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]
    return math.degrees(math.atan2(abs(cross), dot))
