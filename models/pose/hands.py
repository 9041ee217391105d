"""Hands: 21 points each and whose hand it is, several people at once, on stills and on streams.

MediaPipe's hand landmarker (Zhang et al. 2020).
"""

from pathlib import Path

import numpy as np

from models.pose import task_files
from models.pose.poses import Pose
from models.pose.skeletons import FINGERS
from models.pose.tracking import landmarkers
from models.pose.tracking.finder import Finder
from models.runtime.report import Report

STRAIGHT = 130.0  # degrees at a joint from which on a finger counts as straight there


class Hands(Finder):
    """Finds hands, two of a person: "hand21" poses. `side` is the person's own left or right if the picture is not
    mirrored, `score` how sure the network is of that side: MediaPipe gives no other."""

    kind = landmarkers.HAND
    per_person = 2
    margin = 3.0
    search_every = 3  # a look at a part that shows none takes half as long as following one


def fingers_up(pose: Pose) -> dict[str, bool]:
    """Which fingers of a "hand21" are stretched out, by name from thumb to pinky, however the hand is turned.

    A finger is out when it is straight at its middle joint (130° or more between knuckle, PIP and tip) and its tip is
    farther from the wrist than that joint; a thumb when it is straight at its IP joint and its tip is farther from the
    pinky's knuckle than that joint, which a thumb laid across the palm is not. It judges by the picture alone, so a
    finger that points at the camera may pass for bent. Raises ValueError for anything but a hand.
    """
    if pose.kind != "hand21":
        raise ValueError(f"fingers belong to a hand21, got a {pose.kind}")
    xy = pose.keypoints[:, :2]
    up = {}
    for number, finger in enumerate(FINGERS):
        first, middle, last, tip = range(1 + 4 * number, 5 + 4 * number)
        if finger == "thumb":
            straight, joint, away = _angle(xy[middle], xy[last], xy[tip]), last, 17
        else:
            straight, joint, away = _angle(xy[first], xy[middle], xy[tip]), middle, 0
        farther = np.linalg.norm(xy[tip] - xy[away]) > np.linalg.norm(xy[joint] - xy[away])
        up[finger] = bool(straight >= STRAIGHT and farther)
    return up


def _angle(a: np.ndarray, corner: np.ndarray, b: np.ndarray) -> float:
    """Degrees between the ways from `corner` to `a` and to `b`, 0 to 180; 0 where a way has no length."""
    (ax, ay), (bx, by) = a - corner, b - corner
    return float(np.degrees(np.arctan2(abs(ax * by - ay * bx), ax * bx + ay * by)))


def load_hands(path: Path | None, report: Report) -> Hands:
    """From the task file at `path`, by default the package's."""
    report("Starting MediaPipe", None)
    return Hands(task_files.path_of(task_files.HANDS, path))
