"""Faces: a mesh of 478 points with the irises and 52 blendshapes, several at once, on stills and on streams.

MediaPipe's face landmarker (Kartynnik et al. 2019, Grishchenko et al. 2020). Its detector is made for somebody within
two metres: of 40 photographed people it finds 19 in the whole picture and 38 by parts of it.
"""

from functools import cache
from pathlib import Path

import numpy as np

from models.pose import task_files
from models.pose.poses import Pose
from models.pose.tracking import landmarkers
from models.pose.tracking.finder import Finder
from models.runtime.report import Report

# Points of the mesh. Left and right are the person's own.
NOSE_TIP = 1
RIGHT_CHEEK, LEFT_CHEEK = 234, 454  # where the face's outline is widest
INNER_LIPS = (13, 14)  # upper, lower
MOUTH_CORNERS = (78, 308)  # right, left, where the inner lips meet
# p1 to p6 of Soukupová & Čech: corner, two of the upper lid, corner, two of the lower lid on the way back
RIGHT_EYE = (33, 160, 158, 133, 153, 144)
LEFT_EYE = (263, 387, 385, 362, 380, 373)
# their aspect ratio; on 15 photographs of faces turned by at most 0.3: 0.14 and 0.15 cast down, 0.20 to 0.39 open
EYE_SHUT, EYE_WIDE = 0.1, 0.4


class Face(Finder):
    """Finds faces: "face478" poses with blendshapes. `score` is 1: MediaPipe gives none."""

    kind = landmarkers.FACE


@cache
def lines(kind: str) -> tuple[tuple[int, int], ...]:
    """What to draw of a "face468" or "face478": pairs of point numbers, smaller first, each line once: lips, eyes,
    brows and outline, and the irises where the face has them. From MediaPipe's FaceLandmarksConnections. Raises
    ValueError for anything else."""
    if kind not in ("face468", "face478"):
        raise ValueError(f"a mesh has face468 or face478, got {kind}")
    mesh = landmarkers.vision.FaceLandmarksConnections
    joined = list(mesh.FACE_LANDMARKS_CONTOURS)
    if kind == "face478":
        joined += [*mesh.FACE_LANDMARKS_LEFT_IRIS, *mesh.FACE_LANDMARKS_RIGHT_IRIS]
    return tuple(sorted({(min(line.start, line.end), max(line.start, line.end)) for line in joined}))


def expressions(pose: Pose) -> dict[str, float]:
    """Four measures of a face, ratios and no shares, all independent of its size, place and tilt.

    - "mouth open": gap between the inner lips / width of the mouth inside; 0 closed, about 0.5 to 1 wide open
    - "left eye open", "right eye open" (the person's own): the eye aspect ratio of Soukupová & Čech 2016,
      (|p2 − p6| + |p3 − p5|) / (2 |p1 − p4|): height to width, about 0.1 shut, 0.2 to 0.4 open; larger where the face
      is turned away, which narrows the eye
    - "turn": where the nose's tip stands between the cheeks, −1 at the person's right one, 0 in the middle, 1 at the
      left one: how far and to which of their own sides the head is turned

    A face without width measures 0. Raises ValueError for anything but a face.
    """
    if not pose.kind.startswith("face"):
        raise ValueError(f"expressions belong to a face, got a {pose.kind}")
    xy = pose.keypoints[:, :2].astype(np.float64)

    def distance(a: int, b: int) -> float:
        return float(np.linalg.norm(xy[a] - xy[b]))

    def aspect(p1: int, p2: int, p3: int, p4: int, p5: int, p6: int) -> float:
        return _ratio(distance(p2, p6) + distance(p3, p5), 2 * distance(p1, p4))

    across = xy[LEFT_CHEEK] - xy[RIGHT_CHEEK]
    middle = (xy[LEFT_CHEEK] + xy[RIGHT_CHEEK]) / 2
    turn = _ratio(2 * float((xy[NOSE_TIP] - middle) @ across), float(across @ across))
    return {
        "mouth open": _ratio(distance(*INNER_LIPS), distance(*MOUTH_CORNERS)),
        "left eye open": aspect(*LEFT_EYE),
        "right eye open": aspect(*RIGHT_EYE),
        "turn": min(1.0, max(-1.0, turn)),
    }


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def load_face(path: Path | None, report: Report) -> Face:
    """From the task file at `path`, by default the package's."""
    report("Starting MediaPipe", None)
    return Face(task_files.path_of(task_files.FACE, path))
