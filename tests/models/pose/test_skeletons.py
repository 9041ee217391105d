"""Skeletons are whole: names told apart, bones and pairs that point at them, and nothing left unconnected."""

import pytest
from mediapipe.tasks.python import vision
from mediapipe.tasks.python.vision import hand_landmarker

from models.pose.skeletons import COCO17, SKELETONS, Skeleton

skeletons = pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=SKELETONS)
drawn = pytest.mark.parametrize("kind", ["body33", "coco17", "hand21"])


@skeletons
def test_names_are_told_apart_and_bones_join_two_points_once(skeleton: Skeleton) -> None:
    n = len(skeleton.names)
    assert len(set(skeleton.names)) == n
    assert all(a != b and 0 <= a < n and 0 <= b < n for a, b in skeleton.bones)
    assert len({frozenset(bone) for bone in skeleton.bones}) == len(skeleton.bones)


@pytest.mark.parametrize("kind, points", [("body33", 33), ("coco17", 17), ("hand21", 21)])
def test_a_skeleton_has_the_points_its_name_says(kind: str, points: int) -> None:
    assert len(SKELETONS[kind].names) == points


@pytest.mark.parametrize("points", [468, 478])
def test_a_face_has_numbered_points_and_no_bones(points: int) -> None:
    face = SKELETONS[f"face{points}"]
    assert (face.names[0], face.names[-1]) == ("point 0", f"point {points - 1}")
    assert len(face.names) == points and face.bones == () and face.pairs == ()


@pytest.mark.parametrize("kind", ["body33", "coco17"])
def test_every_left_point_of_a_body_mirrors_its_right_one(kind: str) -> None:
    skeleton = SKELETONS[kind]
    for left, right in skeleton.pairs:
        assert "left" in skeleton.names[left]
        assert skeleton.names[right] == skeleton.names[left].replace("left", "right")
    alone = set(range(len(skeleton.names))) - {number for pair in skeleton.pairs for number in pair}
    assert [skeleton.names[number] for number in alone] == ["nose"]


@pytest.mark.parametrize("kind", ["body33", "coco17"])
def test_a_body_has_the_same_bones_on_both_sides(kind: str) -> None:
    skeleton = SKELETONS[kind]
    other = dict(skeleton.pairs) | {right: left for left, right in skeleton.pairs}
    bones = {frozenset(bone) for bone in skeleton.bones}
    assert {frozenset(other.get(number, number) for number in bone) for bone in bones} == bones


@drawn
def test_every_point_has_a_bone(kind: str) -> None:
    skeleton = SKELETONS[kind]
    assert {number for bone in skeleton.bones for number in bone} == set(range(len(skeleton.names)))


def test_the_points_of_a_body_are_in_blazeposes_order() -> None:
    def plain(name: str) -> str:
        return name.lower().replace("(", "").replace(")", "").replace(" finger", "").replace(" ", "_")

    theirs = [mark.name.lower() for mark in vision.PoseLandmark]
    ours = [plain(name) for name in SKELETONS["body33"].names]
    assert [sorted(name.split("_")) for name in ours] == [sorted(name.split("_")) for name in theirs]


def test_the_points_of_a_hand_are_in_mediapipes_order_and_so_are_its_bones() -> None:
    ours = [name.upper().replace(" ", "_") for name in SKELETONS["hand21"].names]
    assert ours == [mark.name for mark in hand_landmarker.HandLandmark]
    bones = {frozenset(bone) for bone in SKELETONS["hand21"].bones}
    assert bones == {frozenset((one.start, one.end)) for one in vision.HandLandmarksConnections.HAND_CONNECTIONS}


def test_the_17_points_are_cocos_in_its_order() -> None:
    coco = (
        "nose, left eye, right eye, left ear, right ear, left shoulder, right shoulder, left elbow, right elbow, "
        "left wrist, right wrist, left hip, right hip, left knee, right knee, left ankle, right ankle"
    )
    assert SKELETONS["coco17"].names == tuple(coco.split(", "))
    assert tuple(SKELETONS["body33"].names[number] for number in COCO17) == SKELETONS["coco17"].names


def test_a_bone_joins_knee_and_ankle_and_none_joins_knee_and_elbow() -> None:
    for kind in ("body33", "coco17"):
        skeleton = SKELETONS[kind]
        bones = {frozenset((skeleton.names[a], skeleton.names[b])) for a, b in skeleton.bones}
        assert {"left knee", "left ankle"} in bones and {"left hip", "right hip"} in bones
        assert {"left knee", "left elbow"} not in bones and {"left knee", "right knee"} not in bones
