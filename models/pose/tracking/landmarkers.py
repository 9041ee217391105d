"""MediaPipe's landmarkers (Tasks API) as one class: a picture in, `Pose`s out, for bodies, hands and faces.

Bazarevsky et al. 2020 (BlazePose), Zhang et al. 2020 (hands), Grishchenko et al. 2020 (faces). Each of a landmarker's
calls runs on a thread of its own without the interpreter's lock.
"""

import atexit
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np

from models.pictures.arrays import check, scaled
from models.pose.poses import Pose


@contextmanager
def _without_matplotlib() -> Iterator[None]:
    """MediaPipe imports it for one drawing function: 0.5 s and 30 MB, so while it is imported there is none."""
    names = [name for name in ("matplotlib", "matplotlib.pyplot") if name not in sys.modules]
    sys.modules.update({name: ModuleType(name) for name in names})
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


with _without_matplotlib():
    import mediapipe
    from mediapipe.tasks.python import BaseOptions
    from mediapipe.tasks.python import vision as vision

MAX_SIDE = 1280  # pixels of the longer side that a landmarker gets: its networks see 256×256 at most


@dataclass(frozen=True)
class Kind:
    """One of MediaPipe's landmarkers: its class and options, what its options are called, how its results are read;
    whether it calms the points of one on a stream, and whether it can give masks."""

    name: str
    task: Any
    options: Any
    counted: str
    read: Callable[[Any, int, int], list[Pose]]
    more: dict[str, Any]
    calms_one: bool
    has_masks: bool = False


def _keypoints(marks: Any, width: int, height: int, scored: bool = False) -> np.ndarray:
    points = [(mark.x * width, mark.y * height, (mark.visibility or 0.0) if scored else 1.0) for mark in marks]
    return np.clip(np.array(points, np.float32), [-1e6, -1e6, 0], [1e6, 1e6, 1]).astype(np.float32)


def _world(marks: Any) -> np.ndarray:
    return np.array([(mark.x, mark.y, mark.z) for mark in marks], np.float32)


def _bodies(result: Any, width: int, height: int) -> list[Pose]:
    """A point's score is its visibility. Tasks keeps the network's presence to itself, so `Pose.score` is the mean
    presence of the points inside the picture."""
    poses = []
    masks = result.segmentation_masks or [None] * len(result.pose_landmarks)
    for marks, world, mask in zip(result.pose_landmarks, result.pose_world_landmarks, masks, strict=True):
        inside = [mark.presence or 0.0 for mark in marks if 0 <= mark.x <= 1 and 0 <= mark.y <= 1]
        score = float(np.clip(np.mean(inside), 0, 1)) if inside else 0.0
        keypoints = _keypoints(marks, width, height, scored=True)
        poses.append(Pose(keypoints, score, world=_world(world), mask=_mask(mask, width, height)))
    return poses


def _mask(image: Any, width: int, height: int) -> np.ndarray | None:
    if image is None:
        return None
    share = image.numpy_view().squeeze()
    mask = cv2.convertScaleAbs(share, alpha=255)
    return mask if mask.shape == (height, width) else cv2.resize(mask, (width, height))


def _hands(result: Any, width: int, height: int) -> list[Pose]:
    """`Pose.score` is how sure the network is of the side, the only score that Tasks gives of a hand."""
    poses = []
    for marks, world, sides in zip(result.hand_landmarks, result.hand_world_landmarks, result.handedness, strict=True):
        side = sides[0].category_name.lower()  # the person's own in a picture as the camera saw it
        score = float(np.clip(sides[0].score, 0, 1))
        poses.append(Pose(_keypoints(marks, width, height), score, "hand21", side=side, world=_world(world)))
    return poses


def _faces(result: Any, width: int, height: int) -> list[Pose]:
    """Tasks gives no score of a face: it is 1."""
    return [
        Pose(_keypoints(marks, width, height), 1.0, "face478", blendshapes={c.category_name: c.score for c in shapes})
        for marks, shapes in zip(result.face_landmarks, result.face_blendshapes, strict=True)
    ]


BODY = Kind("pose", vision.PoseLandmarker, vision.PoseLandmarkerOptions, "num_poses", _bodies, {}, True, True)
HAND = Kind("hand", vision.HandLandmarker, vision.HandLandmarkerOptions, "num_hands", _hands, {}, False)
FACE = Kind(
    "face",
    vision.FaceLandmarker,
    vision.FaceLandmarkerOptions,
    "num_faces",
    _faces,
    {"output_face_blendshapes": True},
    calms_one=True,
)


class Landmarker:
    """One landmarker, for single pictures or, with `stream`, for the frames of one stream: it follows whom it knows,
    and calms the points of a single body or face. Any thread may call; callers take turns.

    A body's takes about 70 MB, a hand's 20, a face's 10, and each four threads, until `close` or until nobody holds it.
    """

    def __init__(
        self,
        kind: Kind,
        path: Path,
        count: int,
        *,
        stream: bool = False,
        masks: bool = False,
        min_detection: float = 0.5,
        min_presence: float = 0.5,
    ) -> None:
        self._kind, self._stream = kind, stream
        more = kind.more | ({"output_segmentation_masks": True} if masks else {})
        self._task = kind.task.create_from_options(
            kind.options(
                base_options=BaseOptions(model_asset_path=str(path)),
                running_mode=vision.RunningMode.VIDEO if stream else vision.RunningMode.IMAGE,
                **{
                    kind.counted: count,
                    f"min_{kind.name}_detection_confidence": min_detection,
                    f"min_{kind.name}_presence_confidence": min_presence,
                },
                **more,
            )
        )
        self._lock = threading.Lock()
        # the task closes itself when it is collected, and waits for its thread, which may be the one that collects
        self._close = weakref.finalize(self, _close_in_background, self._task, self._lock)
        self._close.atexit = False
        _open.add(self._task)

    def __call__(self, rgb: np.ndarray, at_ms: int = 0) -> list[Pose]:
        """Who is in uint8 (H, W, 3), nobody once it is closed. `at_ms` of a stream's frames must rise. Raises
        ValueError for another shape."""
        height, width = check(rgb)
        small = np.ascontiguousarray(scaled(rgb, min(1.0, MAX_SIDE / max(height, width))))
        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=small)
        with self._lock:
            if not self._close.alive:
                return []
            result = self._task.detect_for_video(image, at_ms) if self._stream else self._task.detect(image)
        return self._kind.read(result, width, height)

    def close(self) -> None:
        """Give its memory and threads back, after the call in hand."""
        self._close()


_open: "weakref.WeakSet[Any]" = weakref.WeakSet()


@atexit.register
def _leave_open() -> None:
    """At the process's end they go with it: closing them then would only print errors."""
    for task in _open:
        task._handle = None


def _close_in_background(task: Any, lock: threading.Lock) -> None:
    def close() -> None:
        with lock:
            task.close()

    threading.Thread(target=close, name="close landmarker", daemon=True).start()
