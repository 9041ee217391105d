"""The pose tracker's people, faces and hands as boxes."""

from collections.abc import Sequence

import numpy as np

from models.detector.boxes import Found
from models.pose.poses import MIN_PRESENCE, Pose

NAMES = {"body33": "person", "coco17": "person", "hand21": "hand", "face468": "face", "face478": "face"}


def people_in(poses: Sequence[Pose], size_wh: tuple[int, int]) -> Found:
    """A box around the visible points of each, in a picture of that width and height."""
    boxes, names, scores = [], [], []
    for pose in poses:
        points = pose.keypoints[pose.keypoints[:, 2] >= MIN_PRESENCE, :2]
        if len(points) > 1:
            boxes.append(np.concatenate((points.min(axis=0), points.max(axis=0))) / (size_wh * 2))
            names.append(NAMES[pose.kind])
            scores.append(min(1.0, float(pose.score)))
    return Found.from_shares(np.array(boxes), names, np.array(scores), size_wh)
