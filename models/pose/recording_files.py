"""Reads recordings of poses from a file that anybody may have made: every word of it is checked, nothing is run.

The formats are JSON and CSV as models/pose/recording.py writes them. Raises BadInput, in words that name the place, for
anything else; the limits here hold for what is written too.
"""

import csv
import itertools
import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from models.errors import BadInput
from models.pose.poses import Pose
from models.pose.skeletons import SKELETONS

MAX_FRAMES = 20_000
MAX_POINTS = 600_000  # 20 minutes of one body at 15 fps; less than MAX_TEXT as CSV, so that what we write can be read
MAX_POSES = {"hand21": 10} | dict.fromkeys(("body33", "coco17", "face468", "face478"), 5)  # in one frame
MAX_TEXT = 50_000_000  # characters
MAX_SECONDS = 86_400
MAX_PIXEL = 1e6

COLUMNS = ("time", "person", "kind", "point", "x", "y", "score", "pose_score", "id", "side", "width", "height")
"""Of the CSV: a row per keypoint, in the order of its skeleton. `time` in seconds, `person` counts a frame's poses
from 0, `id` is empty where nobody was tracked. A frame with nobody in it is a row with its time alone."""

FORMAT = "limelight-poses"
VERSION = 1

ReadFrame = tuple[str, float, list[Pose], tuple[int, int]]
"""A frame: where in the file it stands, seconds, poses, width and height of the picture."""

_ADVICE = "Upload a recording that was saved here, unchanged."


def json_frames(text: str) -> Iterator[ReadFrame]:
    """The frames of what `Recording.to_json` wrote. Raises BadInput, some of it only while it is read."""
    _check_length(text)
    # each number follows a comma or a bracket: without this, 50 MB of brackets would become a gigabyte of lists
    if text.count(",") + text.count("[") + text.count("{") > 4 * MAX_POINTS:
        raise too_much()
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput(f"This file is not JSON, or it was cut off. {_ADVICE}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BadInput(f'This JSON is not a recording: "format" should be "{FORMAT}". {_ADVICE}')
    if data.get("version") != VERSION:
        raise BadInput(f"This recording is not of version {VERSION}, the only one that can be read. Record it anew.")
    frames = data.get("frames")
    if not isinstance(frames, list):
        raise BadInput(f'This recording has no list of "frames". {_ADVICE}')
    size = (_whole(data.get("width"), "width", "The file"), _whole(data.get("height"), "height", "The file"))
    return _json_frames(frames, size)


def csv_frames(text: str) -> Iterator[ReadFrame]:
    """The frames of what `Recording.to_csv` wrote. Raises BadInput, some of it only while it is read."""
    _check_length(text)
    rows = _csv_rows(text)
    if tuple(next(rows, ("", []))[1]) != COLUMNS:
        raise BadInput(f"This CSV is not a recording: its columns should be {','.join(COLUMNS)}. {_ADVICE}")
    return _csv_frames(rows)


def malformed(where: str, what: str) -> BadInput:
    """The error for a recording that says something it must not, and where."""
    return BadInput(f"This recording cannot be read. {where}: {what}. {_ADVICE}")


def too_much() -> BadInput:
    """The error for a recording larger than the limits above."""
    return BadInput(
        f"This recording is too long: at most {MAX_FRAMES:,} frames, {MAX_POINTS:,} keypoints and "
        f"{MAX_SECONDS // 3600} hours can be read. Upload a shorter one."
    )


def _check_length(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise BadInput(f"This recording has more than {MAX_TEXT // 1_000_000} MB. Upload a shorter one.")


def _short(value: Any) -> str:
    """A value in a message: strangers can nest a list so deep that Python cannot write it out."""
    return repr(value)[:40] if isinstance(value, str | int | float | None) else f"a {type(value).__name__}"


def _number(value: Any, name: str, where: str, low: float, high: float) -> float:
    """A number in low..high, from JSON or from a cell. Raises BadInput."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not low <= number <= high:
        raise malformed(where, f"{name} should be a number from {low:.12g} to {high:.12g}, not {_short(value)}")
    return number


def _whole(value: Any, name: str, where: str) -> int:
    number = _number(value, name, where, 0, 2**31)
    if number != int(number):
        raise malformed(where, f"{name} should be a whole number, not {number}")
    return int(number)


def _kind(kind: Any, where: str) -> str:
    if not isinstance(kind, str) or kind not in SKELETONS:
        raise malformed(where, f"kind should be one of {', '.join(SKELETONS)}, not {_short(kind)}")
    return kind


_LIMITS = {"x": (-MAX_PIXEL, MAX_PIXEL), "y": (-MAX_PIXEL, MAX_PIXEL), "score": (0.0, 1.0)}


def _pose(where: str, kind: str, keypoints: Sequence[Any], score: Any, number: Any, side: Any) -> Pose:
    if side not in ("left", "right", None):
        raise malformed(where, f"side should be left or right, not {_short(side)}")
    names = itertools.cycle(_LIMITS)
    values = [_number(value, name, where, *_LIMITS[name]) for value, name in zip(keypoints, names, strict=False)]
    return Pose(
        np.array(values, np.float32).reshape(-1, 3),
        _number(score, "the score of a pose", where, 0, 1),
        kind,
        None if number is None else _whole(number, "id", where),
        side,
    )


def _json_frames(frames: list[Any], size: tuple[int, int]) -> Iterator[ReadFrame]:
    for index, frame in enumerate(frames, 1):
        where = f"Frame {index}"
        if not isinstance(frame, dict) or not isinstance(frame.get("poses"), list):
            raise malformed(where, 'it should have a "time" and a list of "poses"')
        poses = []
        for pose in frame["poses"]:
            if not isinstance(pose, dict) or not isinstance(pose.get("keypoints"), list):
                raise malformed(where, 'each pose should have a list of "keypoints"')
            kind, keypoints = _kind(pose.get("kind"), where), pose["keypoints"]
            expected = 3 * len(SKELETONS[kind].names)
            if len(keypoints) != expected:
                raise malformed(where, f"a {kind} should have {expected} numbers, not {len(keypoints)}")
            poses.append(_pose(where, kind, keypoints, pose.get("score"), pose.get("id"), pose.get("side")))
        yield where, _number(frame.get("time"), "time", where, 0, MAX_SECONDS), poses, size


def _lines(text: str) -> Iterator[str]:
    """Line by line without a copy of all, none so long that its commas could become a list of millions."""
    start = int(text.startswith("\ufeff"))  # what Excel writes first
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start : min(end, start + 400)]
        start = end


def _csv_rows(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each row that is not blank, with the words for where it is."""
    reader = csv.reader(_lines(text))
    try:
        yield from ((f"Line {reader.line_num}", row) for row in reader if row)
    except csv.Error as error:
        raise malformed(f"Line {reader.line_num}", str(error)) from None


def _csv_frames(rows: Iterator[tuple[str, list[str]]]) -> Iterator[ReadFrame]:
    found: ReadFrame | None = None
    for where, row in rows:
        if len(row) != len(COLUMNS):
            raise malformed(where, f"it should have {len(COLUMNS)} columns, not {len(row)}")
        time, person, kind, *_ = row
        score, number, side, width, height = row[7:]
        seconds = _number(time, "time", where, 0, MAX_SECONDS)
        if found is None or not person or person == "0" or seconds != found[1]:
            if found is not None:
                yield found
            found = (where, seconds, [], (_whole(width, "width", where), _whole(height, "height", where)))
        if not person:  # nobody was seen
            continue
        poses = found[2]
        if person != str(len(poses)):
            raise malformed(where, f"person should be {len(poses)}, not {_short(person)}")
        names = SKELETONS[_kind(kind, where)].names
        block = [row, *(other for _, other in itertools.islice(rows, len(names) - 1))]
        if [other[3:4] for other in block] != [[name] for name in names] or any(
            other[:3] != row[:3] or other[7:] != row[7:] for other in block
        ):
            raise malformed(where, f"it should be followed by all {len(names)} points of a {kind} in their order")
        keypoints = [cell for other in block for cell in other[4:7]]
        poses.append(_pose(where, kind, keypoints, score, number or None, side or None))
    if found is not None:
        yield found
