"""Faces: a mesh of 478 points with the irises and 52 blendshapes, several at once, on stills and on streams.

MediaPipe's face landmarker (Kartynnik et al. 2019, Grishchenko et al. 2020). Its detector is made for somebody within
two metres: of 40 photographed people it finds 19 in the whole picture and 38 by parts of it.
"""

from functools import cache
from pathlib import Path

from models.pose import task_files
from models.pose.tracking import landmarkers
from models.pose.tracking.finder import Finder
from models.runtime.report import Report


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


def load_face(path: Path | None, report: Report) -> Face:
    """From the task file at `path`, by default the package's."""
    report("Starting MediaPipe", None)
    return Face(task_files.path_of(task_files.FACE, path))
