"""What keypoints are called and how they are joined: plain data, by the name of a skeleton."""

import itertools
from dataclasses import dataclass


@dataclass(frozen=True)
class Skeleton:
    """The n keypoints' names in order, the bones as pairs of their numbers, and which of them mirror each other."""

    names: tuple[str, ...]
    bones: tuple[tuple[int, int], ...]
    pairs: tuple[tuple[int, int], ...] = ()  # (left, right)


_BODY = (
    "nose",
    "left eye (inner)",
    "left eye",
    "left eye (outer)",
    "right eye (inner)",
    "right eye",
    "right eye (outer)",
    "left ear",
    "right ear",
    "mouth (left)",
    "mouth (right)",
    "left shoulder",
    "right shoulder",
    "left elbow",
    "right elbow",
    "left wrist",
    "right wrist",
    "left pinky",
    "right pinky",
    "left index finger",
    "right index finger",
    "left thumb",
    "right thumb",
    "left hip",
    "right hip",
    "left knee",
    "right knee",
    "left ankle",
    "right ankle",
    "left heel",
    "right heel",
    "left foot index",
    "right foot index",
)

COCO17 = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""Where the 17 keypoints of COCO (Lin et al. 2014) and PoseNet stand among BlazePose's 33, in COCO's order."""

_COCO = tuple(_BODY[index] for index in COCO17)


def _pairs(names: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    return tuple(
        (index, names.index(name.replace("left", "right"))) for index, name in enumerate(names) if "left" in name
    )


def _named(names: tuple[str, ...], *chains: str) -> tuple[tuple[int, int], ...]:
    bones = []
    for chain in chains:
        steps = [names.index(name) for name in chain.split(" > ")]
        bones += list(itertools.pairwise(steps))
    return tuple(bones)


_TRUNK = (
    "left shoulder > right shoulder > right hip > left hip > left shoulder",
    "left shoulder > left elbow > left wrist",
    "right shoulder > right elbow > right wrist",
    "left hip > left knee > left ankle",
    "right hip > right knee > right ankle",
)
_ENDS = tuple(
    chain.replace("left", side)
    for side in ("left", "right")
    for chain in (
        "left wrist > left pinky > left index finger > left wrist > left thumb",
        "left ankle > left heel > left foot index > left ankle",
        "nose > left eye (inner) > left eye > left eye (outer) > left ear",
    )
)
FINGERS = ("thumb", "index finger", "middle finger", "ring finger", "pinky")
_JOINTS = {"thumb": ("CMC", "MCP", "IP", "tip")} | dict.fromkeys(FINGERS[1:], ("MCP", "PIP", "DIP", "tip"))
_HAND = ("wrist", *(f"{finger} {joint}" for finger in FINGERS for joint in _JOINTS[finger]))

SKELETONS: dict[str, Skeleton] = {
    "body33": Skeleton(_BODY, _named(_BODY, *_TRUNK, *_ENDS, "mouth (left) > mouth (right)"), _pairs(_BODY)),
    "coco17": Skeleton(
        _COCO,
        _named(_COCO, *_TRUNK, "left ear > left eye > nose > right eye > right ear"),
        _pairs(_COCO),
    ),
    "hand21": Skeleton(
        _HAND,
        (
            *_named(_HAND, "wrist > thumb CMC > thumb MCP > thumb IP > thumb tip"),
            *_named(_HAND, "wrist > index finger MCP > middle finger MCP > ring finger MCP > pinky MCP > wrist"),
            *_named(_HAND, *(" > ".join(f"{finger} {joint}" for joint in _JOINTS[finger]) for finger in FINGERS[1:])),
        ),
    ),
    # the mesh's names say nothing; its lines are mediapipe's own table, see models/pose/face.py
    "face468": Skeleton(tuple(f"point {index}" for index in range(468)), ()),
    "face478": Skeleton(tuple(f"point {index}" for index in range(478)), ()),
}
