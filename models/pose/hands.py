"""Hands: 21 points each and whose hand it is, several people at once, on stills and on streams.

MediaPipe Hands (Zhang et al. 2020) from the files inside the mediapipe package.
"""

from pathlib import Path

import numpy as np

from models.pose.landmark_tracker import Graph, Tracker, pose_of, read_only, search
from models.pose.poses import Pose, check_people
from models.pose.skeletons import FINGERS
from models.runtime.report import Report

STRAIGHT = 130.0  # degrees at a joint from which on a finger counts as straight there


class Hands:
    """Finds hands. `predict` for stills, a `tracker` for each stream; both from any thread."""

    def __init__(self) -> None:
        self._graph = Graph(
            {
                "detector": "PalmDetectionCpu",
                "detector_option": 'input_side_packet: "MODEL_COMPLEXITY:model_complexity"',
                "detection_to_roi": "PalmDetectionDetectionToRoi",
                "landmarker": "HandLandmarkCpu",
                "landmarks_to_roi": "HandLandmarkLandmarksToRoi",
                "extra": 'output_stream: "HANDEDNESS:handedness"',
            },
            ("model_complexity", 1),
            "handlandmarkcpu__hand_presence_score",
        )

    def predict(self, rgb: np.ndarray, people: int = 1) -> list[Pose]:
        """The hands of `people` (1 to 5) people, two each at most, in a uint8 (H, W, 3) picture: "hand21" poses.

        A pose's `score` is the network's for a hand being there, `side` the person's own left or right if the picture
        is not mirrored. Raises ValueError for any other picture or number.
        """
        check_people(people)
        seen = search(self._graph, read_only(rgb), 2 * people, [])
        return [pose_of(hand, "hand21", rgb.shape[1], rgb.shape[0]) for hand in seen]

    def tracker(self, people: int = 1, smooth: bool = True) -> Tracker:
        """For one stream: rgb → list[Pose] with ids, and smoothed by default."""
        check_people(people)
        return Tracker(self._graph, "hand21", 2 * people, smooth)


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
    """MediaPipe Hands, full models, from inside the mediapipe package: no file needed, `path` is not used."""
    report("Warming up", None)
    hands = Hands()
    hands.predict(np.zeros((64, 64, 3), np.uint8))
    return hands
