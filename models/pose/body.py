"""Body poses by BlazePose: 33 points each of one to five people, in a picture or on a stream.

The bundled full model runs as two graphs of our own (body_graphs.py), so that several people and many streams
share one copy; the `.task` files lite, full and heavy run by mediapipe's Tasks API. Both remember nothing: a stream's
memory is its `PoseTracker`.
"""

import math
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import mediapipe
import numpy as np
from mediapipe.framework.formats import landmark_pb2
from mediapipe.tasks import python as tasks
from mediapipe.tasks.python import vision

from models.pose.body_graphs import Detection, Frame, PoseGraphs, Region, Seen, mirrored, size_of
from models.pose.body_tracker import SAME_PERSON_DISTANCE, PoseTracker, Sighting, distance
from models.pose.poses import MAX_PEOPLE, Pose, check_people
from models.runtime.report import Report

# Distances and shifts are parts of the person's size, scores and presences lie in 0..1.
MIN_SCORE_UNCONFIRMED = 0.7  # of the detector in the whole picture; nobody checks again: 65 of 70 such are people
MIN_CONFIRMED_PRESENCE = 0.6  # this and the next three: chosen on half of the COCO boxes of tests/bench/people.py
MAX_SHIFT = 0.042  # of the points between a picture and its mirror image …
SHIFT_BY_SCORE = 0.06  # … and so much more per detector score above 0.5
MAX_FIRST_SHIFT = 0.1  # at the first try: 98 % of those who are confirmed lie below it
MIN_PART_SCORE, MIN_PART_PRESENCE = 0.68, 0.9  # in a part of a stream's picture: text and rockets reach less
MAX_SECOND_SHIFT = 0.012  # of head and shoulders between the first look at them and the second …
MIN_SECOND_VISIBILITY = 0.95  # … and how visible they are then
PART_SIDES = (1.0, 0.67)  # of the parts of a picture that are searched, in parts of its shorter side
SMALL_PART_SIDES = (0.45,)  # … and in stills
MIN_PART_PIXELS = 64  # of a side; the detector would only see blur
MAX_NECK_DISTANCE = 0.08  # two necks that are nearer are one: of one person they are within 0.06
MIN_FOLLOWED_PRESENCE = 0.8  # of somebody followed; below it the detector is asked too: empty places reach 0.75

_UPPER = slice(0, 13)  # head and shoulders


def parts_of(width: int, height: int, sides: Sequence[float] = PART_SIDES) -> list[Region]:
    """Squares that cover a picture, each overlapping the next by half: large ones, then smaller. `sides` are theirs, in
    parts of the picture's shorter side.

    At most 6 in a row: they overlap less on a banner, and from 6:1 on they leave gaps.
    """
    sizes = [side for part in sides if (side := int(part * min(width, height))) >= MIN_PART_PIXELS]
    squares = [(x, y, side, side) for side in sizes for y in _starts(height, side) for x in _starts(width, side)]
    return [square for square in squares if square[2:] != (width, height)]  # which would be the whole once more


def _starts(length: int, side: int) -> list[int]:
    count = min(6, math.ceil(2 * (length - side) / side) + 1)
    return [round(index * (length - side) / max(1, count - 1)) for index in range(count)]


class BlazePose:
    """The bundled model. Safe to call from any thread; callers take turns.

    `Pose.score` is the landmark network's presence, never under 0.5; a keypoint's score is its visibility. The detector
    is made for one person near by, so where the whole picture shows fewer people than asked for, parts of it are
    searched too, and mirror images: 0.4 to 0.9 s for a photograph of nobody.
    """

    def __init__(self, graphs: PoseGraphs) -> None:
        self._graphs = graphs

    def predict(self, rgb: np.ndarray, people: int = 1) -> list[Pose]:
        """Up to `people` (1 to 5) in uint8 (H, W, 3), the best first. Raises ValueError for another shape."""
        check_people(people)
        frame = Frame(rgb)
        whole = self._search(frame, None, False) + self._search(frame, None, True)
        found: list[Seen] = []
        for detection in whole:
            if detection.score >= MIN_SCORE_UNCONFIRMED and _is_wanted(detection, found, people):
                _append_new(found, self._graphs.landmarks(frame, detection.circle))
        if len(found) < people:
            for detection in _each_once(whole + self._search_parts(frame)):
                if _is_wanted(detection, found, people):
                    _append_new(found, self._confirm(frame, detection))
        return sorted((seen.pose for seen in found), key=lambda pose: -pose.score)

    def tracker(self, people: int = 1, smooth: bool = True) -> PoseTracker:
        """The memory of one stream, to be called with its frames."""
        check_people(people)
        return PoseTracker(self, people, smooth)

    def inspect(self, rgb: np.ndarray, people: int, followed: Sequence[np.ndarray], turn: int) -> list[Sighting]:
        """For a tracker: follow those who were there, and search while there is room for more.

        A search takes a third to a half of the time that following one person takes, so each frame searches one part;
        with nobody in sight the whole picture every time.
        """
        frame = Frame(rgb)
        found: list[Seen] = []
        sightings: list[Sighting] = []
        doubtful: list[tuple[int, Seen]] = []
        for number, circle in enumerate(followed[:people]):
            seen = self._graphs.landmarks(frame, circle)
            if seen is None or not _is_new(seen, found):
                continue  # gone, or slid onto somebody who is known for longer
            if seen.pose.score < MIN_FOLLOWED_PRESENCE:
                doubtful.append((number, seen))
            else:
                found.append(seen)
                sightings.append(Sighting(seen, number))
        known = len(found)
        if doubtful or not found:
            self._add(found, frame, people, None)
        if people > 1 and len(found) < people:
            regions = [None, *parts_of(frame.rgb.shape[1], frame.rgb.shape[0])]
            self._add(found, frame, people, regions[turn % len(regions)])
        newcomers = found[known:]
        for number, seen in doubtful:
            again = next((one for one in newcomers if distance(one, seen) <= SAME_PERSON_DISTANCE), None)
            if again:
                newcomers.remove(again)
                sightings.append(Sighting(again, number))
            elif len(found) < people:
                found.append(seen)
                sightings.append(Sighting(seen, number))
        return sightings + [Sighting(seen) for seen in newcomers]

    def _add(self, found: list[Seen], frame: Frame, people: int, region: Region | None) -> None:
        """Append those whom one more search of a stream finds to `found`, up to `people`."""
        for detection in self._graphs.detect(frame, region):
            if _is_wanted(detection, found, people):
                seen = self._graphs.landmarks(frame, detection.circle)
                if seen and (region is None or self._is_steady(frame, detection, seen)):
                    _append_new(found, seen)

    def _is_steady(self, frame: Frame, detection: Detection, seen: Seen) -> bool:
        """Whether what a stream saw in a part of a picture is a person, by at most one more look (`_confirm` takes
        up to four): a person's points stay, other things' go elsewhere (0.02 of the size and more)."""
        if seen.pose.score < MIN_PART_PRESENCE or detection.score >= MIN_PART_SCORE:
            return seen.pose.score >= MIN_PART_PRESENCE
        again = self._graphs.landmarks(frame, seen.circle)
        if again is None or distance(seen, again, _UPPER) > MAX_SECOND_SHIFT:
            return False
        return bool(again.pose.keypoints[_UPPER, 2].min() > MIN_SECOND_VISIBILITY)

    def _search_parts(self, frame: Frame) -> list[Detection]:
        """Who is seen in the parts of a picture: in each large one and in its mirror image, in the small ones by turns,
        for they are most of the work, and whoever is in one is in its neighbours too."""
        height, width = frame.rgb.shape[:2]
        parts = [(part, mirror) for part in parts_of(width, height) for mirror in (False, True)]
        parts += [(part, bool(number % 2)) for number, part in enumerate(parts_of(width, height, SMALL_PART_SIDES))]
        return [one for part, mirror in parts if not frame.is_bare(part) for one in self._search(frame, part, mirror)]

    def _search(self, frame: Frame, region: Region | None, in_mirror: bool) -> list[Detection]:
        """Who is seen in a part of a picture, or in its mirror image: the detector prefers one way of facing."""
        if not in_mirror:
            return self._graphs.detect(frame, region)
        if region is not None:
            x, y, width, height = region
            region = frame.rgb.shape[1] - x - width, y, width, height
        return [one.mirrored(frame.width) for one in self._graphs.detect(frame.mirrored, region)]

    def _confirm(self, frame: Frame, detection: Detection) -> Seen | None:
        """The person there, or None, for fur, text and cells are taken for one too.

        The points are found in the picture and in its mirror image, and once more from where these say the person is: a
        person's points agree, other things' lie elsewhere in the mirror.
        """
        first = [seen for seen in self._both_ways(frame, detection.circle) if seen]
        if not first or _shift(*first) > MAX_FIRST_SHIFT:
            return None
        one, other = self._both_ways(frame, np.mean([seen.circle for seen in first], axis=0))
        if one is None or other is None or min(one.pose.score, other.pose.score) < MIN_CONFIRMED_PRESENCE:
            return None
        if _shift(one, other) > MAX_SHIFT + SHIFT_BY_SCORE * (detection.score - 0.5):
            return None
        keypoints = (one.pose.keypoints + other.pose.keypoints) / 2
        pose = replace(one.pose, keypoints=keypoints, score=(one.pose.score + other.pose.score) / 2)
        return Seen(pose, (one.circle + other.circle) / 2)

    def _both_ways(self, frame: Frame, circle: np.ndarray) -> tuple[Seen | None, Seen | None]:
        """Who is in that circle, as seen in the picture and in its mirror image."""
        other = self._graphs.landmarks(frame.mirrored, mirrored(circle, frame.width))
        return self._graphs.landmarks(frame, circle), other and other.mirrored(frame.width)


def _shift(one: Seen, other: Seen | None = None) -> float:
    """How far two sights of a person lie apart, in parts of their size; 0 of one alone. Head and shoulders count twice:
    hidden legs may wander."""
    return 0.0 if other is None else distance(one, other) + distance(one, other, _UPPER)


def _is_wanted(detection: Detection, found: Sequence[Seen], people: int) -> bool:
    return len(found) < people and not any(_has_that_neck(seen, detection) for seen in found)


def _each_once(detections: Iterable[Detection]) -> list[Detection]:
    """The best first; without those that see a neck where a better one does."""
    best: list[Detection] = []
    for one in sorted(detections, key=lambda detection: -detection.score):
        if all(math.dist(one.neck, other.neck) >= MAX_NECK_DISTANCE * _smaller(one, other) for other in best):
            best.append(one)
    return best


def _smaller(one: Seen | Detection, other: Seen | Detection) -> float:
    return min(size_of(one.circle), size_of(other.circle))


def _has_that_neck(seen: Seen, detection: Detection) -> bool:
    nose, shoulders = seen.pose.keypoints[0, :2], seen.pose.keypoints[[11, 12], :2].mean(0)
    return math.dist((nose + shoulders) / 2, detection.neck) < MAX_NECK_DISTANCE * _smaller(seen, detection)


def _append_new(found: list[Seen], seen: Seen | None) -> None:
    if seen is not None and _is_new(seen, found):
        found.append(seen)


def _is_new(seen: Seen, others: Iterable[Seen]) -> bool:
    return all(distance(seen, other) > SAME_PERSON_DISTANCE for other in others)


class LandmarkerTask:
    """A pose landmarker from a `.task` file, by mediapipe's Tasks API. Any thread may call; callers take turns.

    The API does not report the pose's presence, so `Pose.score` is the mean presence of those keypoints that lie inside
    the picture; a keypoint's score is its visibility. It finds people in the whole picture only.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._landmarkers = {1: self._open(1)}  # for 1 and for 5 people: with 5, everybody in sight costs time

    def _open(self, people: int) -> vision.PoseLandmarker:
        options = tasks.BaseOptions(model_asset_path=str(self._path))
        # of several people the detector is sure of one only; who of the others is there, the presence decides
        detection, presence = (0.5, 0.5) if people == 1 else (0.3, 0.8)
        return vision.PoseLandmarker.create_from_options(
            vision.PoseLandmarkerOptions(
                base_options=options,
                num_poses=people,
                min_pose_detection_confidence=detection,
                min_pose_presence_confidence=presence,
            )
        )

    def predict(self, rgb: np.ndarray, people: int = 1) -> list[Pose]:
        """Up to `people` (1 to 5) in uint8 (H, W, 3), the best first. Raises ValueError for another shape."""
        check_people(people)
        found = sorted(self._see(Frame(rgb), people), key=lambda seen: -seen.pose.score)
        return [seen.pose for seen in found]

    def tracker(self, people: int = 1, smooth: bool = True) -> PoseTracker:
        """The memory of one stream, to be called with its frames."""
        check_people(people)
        return PoseTracker(self, people, smooth)

    def inspect(self, rgb: np.ndarray, people: int, followed: Sequence[np.ndarray], turn: int) -> list[Sighting]:
        """For a tracker: everybody anew in each frame."""
        return [Sighting(seen) for seen in self._see(Frame(rgb), people)]

    def _see(self, frame: Frame, people: int) -> list[Seen]:
        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(frame.rgb))
        several = 1 if people == 1 else MAX_PEOPLE
        with self._lock:
            if several not in self._landmarkers:
                self._landmarkers[several] = self._open(several)
            landmarks = self._landmarkers[several].detect(image).pose_landmarks
        found: list[Seen] = []
        for marks in landmarks:
            inside = [mark.presence for mark in marks if 0 <= mark.x <= 1 and 0 <= mark.y <= 1]
            message = landmark_pb2.NormalizedLandmarkList(landmark=[mark.to_pb2() for mark in marks])
            score = float(np.clip(np.mean(inside), 0, 1)) if inside else 0.0
            pose = Pose.from_landmarks(message, frame.width, frame.height, score=score)
            _append_new(found, Seen(pose, _circle(pose)))
        return found[:people]


def _circle(pose: Pose) -> np.ndarray:
    """About the circle that the landmark network gives: around the hips, twice as wide as the trunk is long."""
    shoulders, hips = pose.keypoints[[11, 12], :2].mean(0), pose.keypoints[[23, 24], :2].mean(0)
    return np.stack((hips, hips + 2 * (shoulders - hips)))


def load_blazepose(path: Path | None, report: Report) -> BlazePose:
    """BlazePose full, from mediapipe's package; `path` is not used."""
    report("Starting mediapipe", None)
    model = BlazePose(PoseGraphs())
    report("Warming up", None)
    model._graphs.landmarks(Frame(np.zeros((64, 64, 3), np.uint8)), np.array([[32, 32], [32, 12]], np.float32))
    return model


def load_landmarker(path: Path | None, report: Report) -> LandmarkerTask:
    """A pose landmarker from the `.task` file at `path`. Raises RuntimeError where mediapipe cannot use it."""
    if path is None:
        raise ValueError("a pose landmarker needs the path of its .task file")
    report("Starting mediapipe", None)
    return LandmarkerTask(path)
