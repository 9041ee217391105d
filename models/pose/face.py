"""Faces: a mesh of 468 points, with the irises 478, several at once, on stills and on streams.

MediaPipe Face Mesh (Kartynnik et al. 2019; with irises and better lips and eyes Grishchenko et al. 2020) from the
files inside the mediapipe package: the detector BlazeFace and the mesh network. The detector is the full-range one,
where mediapipe's own Face Mesh takes the short-range one: on photographs of 40 people it found 38 faces against 21, and
none where there is none, for 3 ms of a search against 1.3. landmark_tracker.py describes how streams share a graph.
"""

from functools import cache
from pathlib import Path

import numpy as np
from mediapipe.python.solutions import face_mesh_connections

from models.pose.landmark_tracker import Graph, Tracker, pose_of, read_only, search
from models.pose.poses import Pose, check_people
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


class Face:
    """Finds faces. `predict` for stills, a `tracker` for each stream; both from any thread.

    With `refine` poses are "face478": irises, and lips and eyes that follow better; without it "face468".
    """

    def __init__(self, refine: bool = True) -> None:
        self._kind = "face478" if refine else "face468"
        self._graph = Graph(
            {
                "detector": "FaceDetectionFullRangeCpu",
                "detector_option": "",
                "detection_to_roi": "FaceDetectionFrontDetectionToRoi",
                "landmarker": "FaceLandmarkCpu",
                "landmarks_to_roi": "FaceLandmarkLandmarksToRoi",
                "extra": "",
            },
            ("with_attention", refine),
            "facelandmarkcpu__face_presence_score",
        )

    def predict(self, rgb: np.ndarray, people: int = 1) -> list[Pose]:
        """The faces of at most `people` (1 to 5) in a uint8 (H, W, 3) picture.

        A pose's `score` is the mesh network's for a face being there; single points have none, so each
        gets 1. Raises ValueError for any other picture or number.
        """
        check_people(people)
        seen = search(self._graph, read_only(rgb), people, [])
        return [pose_of(face, self._kind, rgb.shape[1], rgb.shape[0]) for face in seen]

    def tracker(self, people: int = 1, smooth: bool = True) -> Tracker:
        """For one stream: rgb → list[Pose] with ids, and smoothed by default."""
        check_people(people)
        return Tracker(self._graph, self._kind, people, smooth)


@cache
def lines(kind: str) -> tuple[tuple[int, int], ...]:
    """What to draw of a "face468" or "face478": pairs of point numbers, smaller first, each line once: lips, eyes,
    brows and outline, and the irises where the face has them. From mediapipe's face_mesh_connections. Raises
    ValueError for anything else."""
    if kind not in ("face468", "face478"):
        raise ValueError(f"a mesh has face468 or face478, got {kind}")
    irises = face_mesh_connections.FACEMESH_IRISES if kind == "face478" else frozenset()
    return tuple(sorted({(min(line), max(line)) for line in face_mesh_connections.FACEMESH_CONTOURS | irises}))


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


def load_face(path: Path | None, report: Report, refine: bool = True) -> Face:
    """MediaPipe Face Mesh from inside the mediapipe package: no file needed, `path` is not used."""
    report("Warming up", None)
    face = Face(refine)
    face.predict(np.zeros((64, 64, 3), np.uint8))
    return face
