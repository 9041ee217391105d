"""Copy the pose: how alike two bodies stand, wherever and however large they are in their pictures.

Each joint is compared by the direction of the bone that leads on from it, such as the forearm from the elbow, and by
its angle. Both use the same ruler for a difference of d degrees: agreement = max(0, 2 cos d - 1), which is 1 at no
difference, 0.93 at 15°, 0.41 at 45° and 0 from 60° on. A joint's agreement is the mean of the two, or the direction's
alone where the angle can't be measured in both; the torso has a direction only. Then

    score = 100 (Σ w agreement / Σ w)³        w: the lowest score of the keypoints that make the joint's bone

over the joints seen in both. The cube, because most poses share most joints: two people who both stand upright on two
legs agree by more than half whatever their arms do.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from models.errors import BadInput
from models.pose.angles import angle_between, angles
from models.pose.poses import Pose
from models.pose.skeletons import SKELETONS

_NAMES = SKELETONS["coco17"].names
_BONES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "torso": (("left hip", "right hip"), ("left shoulder", "right shoulder")),  # from the middle to the middle
    **{
        f"{side} {joint}": ((f"{side} {joint}",), (f"{side} {end}",))
        for joint, end in {"shoulder": "elbow", "elbow": "wrist", "hip": "knee", "knee": "ankle"}.items()
        for side in ("left", "right")
    },
}
_MIN_JOINTS = 4  # joints: both arms, which is what a camera on a desk sees


@dataclass(frozen=True)
class Match:
    """How alike a pose and its target are.

    `score` is 0..100, and 0 when fewer than four joints are seen in both. `by_joint` is 0..100 for each joint that was
    compared and for the "torso", by the names of the pose's own left and right. `missing` are the keypoints that the
    target shows and the pose does not. `mirrored` whether the target's mirror image fitted better.
    """

    score: float
    by_joint: dict[str, float]
    missing: tuple[str, ...] = ()
    mirrored: bool = False


def similarity(pose: Pose, target: Pose, min_score: float = 0.3, mirror: bool = False) -> Match:
    """By the formula at the top of this file. Symmetrical: swapping the two does not change the score. `mirror` also
    allows the target's mirror image, which is what people copy who see themselves in a mirror. Keypoints below
    `min_score` are not seen. Raises ValueError for hands and faces."""
    pose, target = pose.as_coco17(), target.as_coco17()
    as_it_is = _match(pose, target, min_score, mirrored=False)
    if not mirror:
        return as_it_is
    other = _match(pose, _mirror_image(target), min_score, mirrored=True)
    return other if other.score > as_it_is.score else as_it_is


def _match(pose: Pose, target: Pose, min_score: float, mirrored: bool) -> Match:
    bones, target_bones = _bones(pose, min_score), _bones(target, min_score)
    bends, target_bends = angles(pose, min_score), angles(target, min_score)
    agreement, weight = {}, {}
    for joint in _BONES:
        if joint not in bones or joint not in target_bones:
            continue
        (way, certainty), (target_way, target_certainty) = bones[joint], target_bones[joint]
        apart = angle_between(way, target_way)
        if apart is None:
            continue
        parts = [_agreement(apart)]
        bend, target_bend = bends.get(joint), target_bends.get(joint)
        if bend is not None and target_bend is not None:
            parts.append(_agreement(bend - target_bend))
        agreement[joint] = sum(parts) / len(parts)
        weight[joint] = min(certainty, target_certainty)
    total = sum(weight.values())
    score = 0.0
    if len(agreement) >= _MIN_JOINTS and total > 0:
        score = 100 * (sum(agreement[joint] * weight[joint] for joint in agreement) / total) ** 3
    return Match(
        score,
        {joint: 100 * value for joint, value in agreement.items()},
        tuple(name for name in _needed() if _score(pose, name) < min_score <= _score(target, name)),
        mirrored,
    )


def _agreement(degrees: float) -> float:
    return max(0.0, 2 * float(np.cos(np.radians(degrees))) - 1)


def _needed() -> Iterable[str]:
    used = {name for start, end in _BONES.values() for name in (*start, *end)}
    return (name for name in _NAMES if name in used)


def _score(pose: Pose, name: str) -> float:
    return float(pose.keypoints[_NAMES.index(name), 2])


def _bones(pose: Pose, min_score: float) -> dict[str, tuple[np.ndarray, float]]:
    """By joint: the way along its bone, float64 (2,) in pixels, and how sure its keypoints are."""
    ways = {}
    for joint, (start, end) in _BONES.items():
        from_, to = (
            pose.keypoints[[_NAMES.index(name) for name in names]].astype(np.float64) for names in (start, end)
        )
        certainty = float(min(from_[:, 2].min(), to[:, 2].min()))
        if certainty >= min_score:
            ways[joint] = (to[:, :2].mean(0) - from_[:, :2].mean(0), certainty)
    return ways


def _mirror_image(pose: Pose) -> Pose:
    """The same pose with left and right exchanged."""
    order = list(range(len(_NAMES)))
    for left, right in SKELETONS["coco17"].pairs:
        order[left], order[right] = right, left
    return replace(pose, keypoints=pose.keypoints[order] * np.array([-1, 1, 1], np.float32))


TARGET_SIDE = 480
"""Targets are drawn for a picture of this many pixels each way."""


def target_from(pose: Pose, min_score: float = 0.3) -> Pose:
    """Somebody's pose as a target of one's own: a coco17 fitted into TARGET_SIDE × TARGET_SIDE pixels. Raises BadInput
    when too little of the body is seen to be copied, ValueError for hands and faces."""
    body = pose.as_coco17().points_only()
    seen = body.keypoints[:, 2] >= min_score
    if len(_match(body, body, min_score, mirrored=False).by_joint) < _MIN_JOINTS:
        unseen = ", ".join(name for name in _needed() if _score(body, name) < min_score) or "nothing"
        raise BadInput(
            "Too little of this body is seen to make a target of it: at least both arms are needed, from the shoulders "
            f"to the wrists. Not seen: {unseen}. Step back from the camera or turn towards it."
        )
    low, high = body.keypoints[seen, :2].min(0), body.keypoints[seen, :2].max(0)
    scale = 0.92 * TARGET_SIDE / float((high - low).max())
    keypoints = body.keypoints.copy()
    keypoints[:, :2] = (keypoints[:, :2] - (low + high) / 2) * scale + TARGET_SIDE / 2
    return replace(body, keypoints=keypoints, id=None)


# Parts of a body's height, from Drillis & Contini, "Body segment parameters", 1966
_SHOULDER_HEIGHT, _SHOULDER_WIDTH, _HIP_HEIGHT, _HIP_WIDTH = 0.818, 0.259, 0.530, 0.191
_LENGTHS = (0.186, 0.146, 0.245, 0.246)  # upper arm, forearm, thigh, shin
_FACE = {"nose": (0, 0.90), "eye": (0.018, 0.92), "ear": (0.045, 0.915)}  # sideways, height
_STATURE, _FLOOR = 400, 465  # pixels

Limbs = tuple[float, float, float, float]


def _figure(left: Limbs, right: Limbs) -> Pose:
    """A stick figure that faces the camera, so that its left is on the picture's right. For each side the directions
    of upper arm, forearm, thigh and shin in degrees: 0 hangs straight down, 90 points out to that side, 180 up; below
    0 or above 180 it points across the body."""
    points: dict[str, tuple[float, float]] = {}
    for side, outwards, limbs in (("left", 1, left), ("right", -1, right)):
        for part, (x, y) in _FACE.items():
            points["nose" if part == "nose" else f"{side} {part}"] = (outwards * x, y)
        points[f"{side} shoulder"] = (outwards * _SHOULDER_WIDTH / 2, _SHOULDER_HEIGHT)
        points[f"{side} hip"] = (outwards * _HIP_WIDTH / 2, _HIP_HEIGHT)
        chain = (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
        for (start, end), degrees, length in zip(chain, limbs, _LENGTHS, strict=True):
            x, y = points[f"{side} {start}"]
            turn = np.radians(degrees)
            points[f"{side} {end}"] = (x + outwards * length * np.sin(turn), y - length * np.cos(turn))
    body = np.array([(*points[name], 1) for name in _NAMES])
    lowest = body[:, 1].min()
    body[:, 0] = TARGET_SIDE / 2 + _STATURE * body[:, 0]
    body[:, 1] = _FLOOR - _STATURE * (body[:, 1] - lowest)
    return Pose(body.astype(np.float32), 1.0, "coco17")


TARGETS: dict[str, Pose] = {
    "T": _figure((90, 90, 3, 0), (90, 90, 3, 0)),
    "Y": _figure((140, 140, 3, 0), (140, 140, 3, 0)),
    "Arms up": _figure((178, 178, 3, 0), (178, 178, 3, 0)),
    "Hands on hips": _figure((45, -45, 3, 0), (45, -45, 3, 0)),
    "Strong": _figure((90, 190, 3, 0), (90, 190, 3, 0)),
    "Star": _figure((115, 115, 30, 30), (115, 115, 30, 30)),
    "Tree": _figure((155, 215, 3, 0), (155, 215, 40, -65)),
    "Warrior": _figure((90, 90, 80, 0), (90, 90, 45, 45)),
    "Disco": _figure((150, 140, 12, 5), (45, -45, 20, 20)),
}
"""Poses to copy, by name: coco17 in TARGET_SIDE × TARGET_SIDE pixels, every score 1."""
