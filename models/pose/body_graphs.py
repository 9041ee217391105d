"""The BlazePose networks inside mediapipe, as two graphs without a memory: find somebody, and find their points.

mediapipe's own `Pose` keeps one person's state inside its graph: about 115 MB for every stream. Its two halves run
here apart and stateless, so one copy serves all streams; models/pose/body_tracker.py keeps what a stream must remember.
Bazarevsky et al. 2020, BlazePose: on-device real-time body pose tracking.
"""

import math
import threading
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import mediapipe
import numpy as np
from google.protobuf import text_format
from mediapipe.framework import calculator_pb2
from mediapipe.framework.formats import rect_pb2

from models.pictures.arrays import check, scaled
from models.pose.poses import Pose

MAX_SIDE = 1280  # pixels of the longer side that the graphs get: they scale it to 224×224 and 256×256
MIN_DEVIATION = 2.0  # standard deviation of a channel, of 255; below it there is nothing to see, in the dark it was 3.3
ROI_SCALE = 1.25  # mediapipe's margin around the circle that holds a person

_PRESENCE = "poselandmarkbyroicpu__tensorstoposelandmarksandsegmentation__pose_presence_score"
_DETECT = """
    input_stream: "image" output_stream: "detections"
    node {
      calculator: "PoseDetectionCpu"
      input_stream: "IMAGE:image" output_stream: "DETECTIONS:detections"
    }
"""
_LANDMARKS = """
    input_stream: "image" input_stream: "roi" output_stream: "landmarks" output_stream: "circle"
    node {
      calculator: "PoseLandmarkByRoiCpu"
      input_stream: "IMAGE:image" input_stream: "ROI:roi"
      output_stream: "LANDMARKS:landmarks" output_stream: "AUXILIARY_LANDMARKS:circle"
    }
"""

Region = tuple[int, int, int, int]
"""x, y, width, height in pixels."""


@dataclass(frozen=True)
class Detection:
    """Where the detector saw somebody, in pixels of the whole picture: about the neck (the middle of its box), and the
    person's circle as float32 (2, 2): its middle, between the hips, and a point on it in the direction of the head."""

    score: float
    neck: np.ndarray
    circle: np.ndarray

    def mirrored(self, width: int) -> "Detection":
        """The same in the mirror image of a picture that is so many pixels wide."""
        return Detection(self.score, mirrored(self.neck, width), mirrored(self.circle, width))


@dataclass(frozen=True)
class Seen:
    """One person and their circle (float32 (2, 2), see Detection), which says where to look in the next frame."""

    pose: Pose
    circle: np.ndarray

    def mirrored(self, width: int) -> "Seen":
        """The same in the mirror image of a picture that is so many pixels wide: left and right change their names."""
        keypoints = self.pose.keypoints.copy()
        keypoints[:, 0] = width - keypoints[:, 0]
        for pair in self.pose.skeleton.pairs:
            keypoints[list(pair)] = keypoints[list(reversed(pair))]
        return Seen(replace(self.pose, keypoints=keypoints), mirrored(self.circle, width))


def mirrored(points: np.ndarray, width: int) -> np.ndarray:
    """Points (n, 2) or (2,) in the mirror image of a picture that is so many pixels wide."""
    return (points * [-1, 1] + [width, 0]).astype(np.float32)


def size_of(circle: np.ndarray) -> float:
    """How large a person with this circle is, in pixels: the side of the square that mediapipe looks at."""
    return 2 * ROI_SCALE * math.dist(*circle)


class Frame:
    """One picture on its way through the graphs; larger ones are made smaller once."""

    def __init__(self, rgb: np.ndarray) -> None:
        self.height, self.width = check(rgb)
        self.scale = min(1.0, MAX_SIDE / max(self.height, self.width))
        self.rgb = scaled(rgb, self.scale)
        self.packet = _packet(self.rgb)

    @cached_property
    def mirrored(self) -> "Frame":
        """Its mirror image."""
        other = copy(self)
        other.rgb = np.ascontiguousarray(self.rgb[:, ::-1])
        other.packet = _packet(other.rgb)
        return other

    def is_bare(self, region: Region) -> bool:
        """Whether that part of `rgb` is of one colour, so that nobody need search it."""
        x, y, width, height = region
        _, deviation = cv2.meanStdDev(self.rgb[y : y + height, x : x + width])
        return bool(deviation.max() < MIN_DEVIATION)


class PoseGraphs:
    """Both graphs of the bundled full model. Safe to call from any thread; each graph serves one caller at a time,
    because a second copy gave no more frames per second on 2 cores and takes 70 MB."""

    def __init__(self) -> None:
        self._detect = _Graph(_DETECT, {"detections": mediapipe.packet_getter.get_proto_list})
        self._landmarks = _Graph(
            _LANDMARKS,
            {
                "landmarks": mediapipe.packet_getter.get_proto,
                "circle": mediapipe.packet_getter.get_proto,
                _PRESENCE: mediapipe.packet_getter.get_float,
            },
        )

    def detect(self, frame: Frame, region: Region | None = None) -> list[Detection]:
        """Who is there, best first; with `region` (x, y, width, height, pixels of `frame.rgb`), looking at that only.

        The detector is made for one near person: in a whole picture it misses people that it finds in a part of it.
        """
        packet, left, top, (height, width) = frame.packet, 0, 0, frame.rgb.shape[:2]
        if region:
            left, top, width, height = region
            packet = _packet(frame.rgb[top : top + height, left : left + width])
        found = []
        for detection in self._detect(image=packet).get("detections", ()):
            location = detection.location_data
            points = np.array([(point.x, point.y) for point in location.relative_keypoints[:2]], np.float32)
            box = location.relative_bounding_box
            neck = np.array([box.xmin + box.width / 2, box.ymin + box.height / 2], np.float32)
            to_pixels = np.array([width, height], np.float32)
            corner = np.array([left, top], np.float32)
            neck, circle = ((xy * to_pixels + corner) / frame.scale for xy in (neck, points))
            found.append(Detection(float(detection.score[0]), neck, circle))
        return sorted(found, key=lambda one: -one.score)

    def landmarks(self, frame: Frame, circle: np.ndarray) -> Seen | None:
        """The person inside `circle`, or None where the network sees nobody (presence under 0.5).

        `Pose.score` is that presence; a keypoint's score is its visibility: in the picture and not hidden.
        """
        height, width = frame.rgb.shape[:2]
        size = size_of(circle) * frame.scale
        if not 1 < size < 10 * max(height, width):  # also false for nan
            return None
        (x, y), (head_x, head_y) = circle * frame.scale
        roi = rect_pb2.NormalizedRect(
            x_center=x / width,
            y_center=y / height,
            width=size / width,
            height=size / height,
            rotation=math.pi / 2 - math.atan2(y - head_y, head_x - x),
        )
        got = self._landmarks(image=frame.packet, roi=mediapipe.packet_creator.create_proto(roi))
        if "landmarks" not in got:
            return None
        score = min(1.0, max(0.0, got[_PRESENCE]))
        pose = Pose.from_landmarks(got["landmarks"], frame.width, frame.height, score=score)
        points = [(mark.x * frame.width, mark.y * frame.height) for mark in got["circle"].landmark[:2]]
        return Seen(pose, np.array(points, np.float32))


class _Graph:
    """A mediapipe graph without state, one call at a time."""

    def __init__(self, text: str, outputs: Mapping[str, Callable[[Any], Any]]) -> None:
        # a subgraph's inner streams, such as the presence, can only be watched once it is written out
        mediapipe.resource_util.set_resource_dir(str(Path(mediapipe.__file__).parents[1]))
        written_out = mediapipe.ValidatedGraphConfig()
        written_out.initialize(graph_config=text_format.Parse(text, calculator_pb2.CalculatorGraphConfig()))
        self._config = calculator_pb2.CalculatorGraphConfig.FromString(written_out.binary_config)
        self._outputs = outputs
        self._lock = threading.Lock()
        self._start()

    def _start(self) -> None:
        self._packets: dict[str, Any] = {}
        self._number = 0
        self._graph = mediapipe.CalculatorGraph(graph_config=self._config)
        for name in self._outputs:
            self._graph.observe_output_stream(name, self._packets.__setitem__)
        self._graph.start_run({})

    def __call__(self, **inputs: Any) -> dict[str, Any]:
        """The outputs that came, by name."""
        with self._lock:
            self._packets.clear()
            self._number += 1
            try:
                for name, packet in inputs.items():
                    self._graph.add_packet_to_input_stream(name, packet.at(self._number))
                self._graph.wait_until_idle()
            except Exception:
                self._start()  # a graph that failed once refuses everything that follows
                raise
            return {name: self._outputs[name](packet) for name, packet in self._packets.items()}


def _packet(rgb: np.ndarray) -> Any:
    image = np.ascontiguousarray(rgb)
    return mediapipe.packet_creator.create_image_frame(image_format=mediapipe.ImageFormat.SRGB, data=image)
