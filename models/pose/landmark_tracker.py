"""What hands and faces share: a detector and a landmark network, and a tracker for each stream.

The detector proposes regions, the landmark network reads the points in each and says where to look in the next frame.
mediapipe's own graph keeps that "where" inside, so every stream would need a graph of its own (85 MB for hands, 30 for
faces). Here the graph remembers nothing and `Tracker` does: any number of streams share one graph and cannot mix.
"""

import threading
import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np
from mediapipe.python.solution_base import SolutionBase

from models.pictures.arrays import check
from models.pose.one_euro import OneEuro
from models.pose.poses import Pose

MAX_OVERLAP = 0.5  # intersection over union of two regions that hold different hands; mediapipe's own bound
SEARCH_EVERY = 3  # frames between two searches for newcomers while somebody is tracked: searching is the costly half
MAX_LOST_FRAMES = 10  # frames for which somebody who was lost keeps their id
SMOOTHING = (0.05, 80.0)  # cut-off in Hz and beta of the One-Euro filter: those of mediapipe's pose graph
FRAME_S = 1 / 15  # what smoothing takes for the time between frames where no time is given: the app's rate

_GRAPH = """
input_stream: "searched"
input_stream: "image"
input_stream: "roi"
input_side_packet: "{option}"
node {{ calculator: "{detector}" input_stream: "IMAGE:searched" {detector_option}
       output_stream: "DETECTIONS:detections" }}
node {{ calculator: "ImagePropertiesCalculator" input_stream: "IMAGE:searched" output_stream: "SIZE:searched_size" }}
node {{ calculator: "BeginLoopDetectionCalculator" input_stream: "ITERABLE:detections"
       input_stream: "CLONE:searched_size" output_stream: "ITEM:detection" output_stream: "CLONE:detection_size"
       output_stream: "BATCH_END:end" }}
node {{ calculator: "{detection_to_roi}" input_stream: "DETECTION:detection"
       input_stream: "IMAGE_SIZE:detection_size" output_stream: "ROI:found_roi" }}
node {{ calculator: "EndLoopNormalizedRectCalculator" input_stream: "ITEM:found_roi" input_stream: "BATCH_END:end"
       output_stream: "ITERABLE:found" }}
node {{ calculator: "ImagePropertiesCalculator" input_stream: "IMAGE:image" output_stream: "SIZE:size" }}
node {{ calculator: "{landmarker}" input_stream: "IMAGE:image" input_stream: "ROI:roi"
       input_side_packet: "{option_tag}:{option}" output_stream: "LANDMARKS:landmarks" {extra} }}
node {{ calculator: "{landmarks_to_roi}" input_stream: "LANDMARKS:landmarks" input_stream: "IMAGE_SIZE:size"
       output_stream: "ROI:next_roi" }}
"""


@dataclass(frozen=True)
class Landmarks:
    """What the landmark network read in one region: points float32 (n, 2) in 0..1 of the picture's width and height,
    how sure it is in 0..1, the region to look at next, and for a hand how likely in 0..1 it is the person's right."""

    points: np.ndarray
    score: float
    roi: Any
    right: float | None


class Graph:
    """A detector and a landmark network of mediapipe, without memory. Safe to call from any thread, one at a time.

    `parts` fill in the graph above; `option` is the name and value of what both networks ask for; `presence` is the
    stream inside the graph that says how sure the landmark network is.
    """

    def __init__(self, parts: dict[str, str], option: tuple[str, Any], presence: str) -> None:
        name, value = option
        outputs = ["found", "landmarks", "next_roi", presence] + (["handedness"] if parts["extra"] else [])
        self._presence = presence
        self._lock = threading.Lock()
        self._solution = SolutionBase(
            graph_config=_GRAPH.format(option=name, option_tag=name.upper(), **parts),
            side_inputs={name: value},
            outputs=outputs,
        )
        # its callbacks hold the solution, where Python's collector cannot see it
        weakref.finalize(self, self._solution.close).atexit = False

    def detect(self, rgb: np.ndarray) -> list[Any]:
        """Regions (mediapipe's NormalizedRect) where the detector sees one, the best first."""
        return self._run(searched=rgb).found or []

    def landmarks(self, rgb: np.ndarray, roi: Any) -> Landmarks | None:
        """What is in that region, None if the landmark network sees none there."""
        seen = self._run(image=rgb, roi=roi)
        if seen.landmarks is None or seen.next_roi is None:
            return None
        points = np.array([(mark.x, mark.y) for mark in seen.landmarks.landmark], np.float32)
        if not np.isfinite(points).all():
            return None
        right = None
        if handedness := getattr(seen, "handedness", None):
            best = handedness.classification[0]
            # mediapipe takes the picture for a mirror's; ours are as the camera saw them, so its left is a right
            right = best.score if best.label == "Left" else 1 - best.score
        score = min(1.0, max(0.0, getattr(seen, self._presence)))
        return Landmarks(points, score, seen.next_roi, right)

    def _run(self, **inputs: Any) -> Any:
        with self._lock:
            return self._solution.process(inputs)


def read_only(rgb: np.ndarray) -> np.ndarray:
    """The picture as mediapipe wants it, which takes read-only ones without a copy. Raises ValueError."""
    check(rgb)
    picture = np.ascontiguousarray(rgb).view()
    picture.flags.writeable = False
    return picture


def overlap(a: Any, b: Any) -> float:
    """Intersection over union of two regions in 0..1, their rotation left aside as mediapipe does."""
    across = min(a.x_center + a.width / 2, b.x_center + b.width / 2)
    across -= max(a.x_center - a.width / 2, b.x_center - b.width / 2)
    down = min(a.y_center + a.height / 2, b.y_center + b.height / 2)
    down -= max(a.y_center - a.height / 2, b.y_center - b.height / 2)
    both = max(across, 0) * max(down, 0)
    either = a.width * a.height + b.width * b.height - both
    return both / either if either > 0 else 0.0


@dataclass(eq=False)
class _Track:
    """One hand or face over time."""

    id: int
    seen: Landmarks
    filter: OneEuro
    right: float | None
    lost: int = 0  # frames since it was last seen


class Tracker:
    """The hands or faces of one stream, in the order in which they came: rgb → list[Pose] with ids.

    All its memory is here: a region, an id and a filter per hand or face (a few kB). One thread at a time. The size of
    the frames may change. `close` forgets everybody.
    """

    def __init__(self, graph: Graph, kind: str, max_count: int, smooth: bool) -> None:
        self._graph, self._kind, self._max_count, self._smooth = graph, kind, max_count, smooth
        self._tracks: list[_Track] = []
        self._frames = self._ids = 0
        self._at: float | None = None

    def __call__(self, rgb: np.ndarray, at: float | None = None) -> list[Pose]:
        """Who is in the next frame, uint8 (H, W, 3). `at` is its time in seconds, for smoothing; without it frames
        count as 1/15 s apart, so that the same frames give the same poses. Raises ValueError for anything else."""
        picture = read_only(rgb)
        passed = FRAME_S if at is None or self._at is None else min(1.0, max(1e-3, at - self._at))
        self._at = at
        present: list[_Track] = []
        for track in self._tracks:
            # of somebody lost only the place is known; the detector has to find them again
            seen = None if track.lost else self._graph.landmarks(picture, track.seen.roi)
            if seen and not any(overlap(seen.roi, other.seen.roi) > MAX_OVERLAP for other in present):
                track.seen = seen
                present.append(track)
            else:
                track.lost += 1
        if len(present) < self._max_count and (not present or self._frames % SEARCH_EVERY == 0):
            for seen in search(
                self._graph, picture, self._max_count - len(present), [track.seen.roi for track in present]
            ):
                present.append(self._track_of(seen))
        self._frames += 1
        self._tracks = [track for track in self._tracks if track.lost <= MAX_LOST_FRAMES]
        return [self._pose(track, rgb.shape[1], rgb.shape[0], passed) for track in self._tracks if not track.lost]

    def close(self) -> None:
        """Forget everybody; whoever comes next gets a new id."""
        self._tracks = []

    def _track_of(self, seen: Landmarks) -> _Track:
        """The track of somebody lost near there, or a new one."""
        lost = [track for track in self._tracks if track.lost]
        near = max(lost, key=lambda track: overlap(track.seen.roi, seen.roi), default=None)
        if near is None or overlap(near.seen.roi, seen.roi) == 0:
            self._ids += 1
            near = _Track(self._ids, seen, OneEuro(*SMOOTHING), seen.right)
            self._tracks.append(near)
        near.seen, near.lost, near.filter, near.right = seen, 0, OneEuro(*SMOOTHING), seen.right
        return near

    def _pose(self, track: _Track, width: int, height: int, passed: float) -> Pose:
        seen = track.seen
        if not self._smooth:
            return pose_of(seen, self._kind, width, height, track.id)
        pixels = np.array([width, height])
        size = (seen.roi.width * width + seen.roi.height * height) / 2
        points = (track.filter(seen.points * pixels, passed, max(size, 1e-6)) / pixels).astype(np.float32)
        if track.right is not None and seen.right is not None:
            track.right += 0.2 * (seen.right - track.right)  # a single doubtful frame does not swap the sides
        return pose_of(Landmarks(points, seen.score, seen.roi, track.right), self._kind, width, height, track.id)


def search(graph: Graph, picture: np.ndarray, max_count: int, known: list[Any]) -> list[Landmarks]:
    """At most `max_count` hands or faces outside of the `known` regions, the detector's best first."""
    found: list[Landmarks] = []
    taken = list(known)
    for roi in graph.detect(picture):
        if len(found) == max_count:
            break
        if any(overlap(roi, other) > MAX_OVERLAP for other in taken):
            continue
        seen = graph.landmarks(picture, roi)
        if seen and not any(overlap(seen.roi, other.roi) > MAX_OVERLAP for other in found):
            found.append(seen)
            taken += [roi, seen.roi]
    return found


def pose_of(seen: Landmarks, kind: str, width: int, height: int, id: int | None = None) -> Pose:
    """In pixels of a picture of that size. mediapipe scores no single point: each gets 1."""
    keypoints = np.ones((len(seen.points), 3), np.float32)
    keypoints[:, :2] = seen.points * (width, height)
    side = None if seen.right is None else "right" if seen.right > 0.5 else "left"
    return Pose(keypoints, seen.score, kind, id, side)
