"""Angles at joints: cases by hand, and what must not change them."""

import math

import numpy as np
import pytest

from models.pose.angles import JOINTS, angle_between, angles, joints_of
from models.pose.poses import Pose
from models.pose.skeletons import SKELETONS

Places = dict[str, tuple[float, float]]
STANDING: Places = {
    "left shoulder": (120, 100),
    "left elbow": (120, 160),
    "left wrist": (180, 160),  # the forearm is level: a right angle at the elbow
    "left index finger": (200, 180),
    "left hip": (120, 220),
    "left knee": (120, 300),
    "left ankle": (120, 380),  # the leg is straight
    "left foot index": (150, 380),
    "right shoulder": (80, 100),
    "right elbow": (20, 100),  # the arm points straight out
    "right wrist": (50, 100),  # and is folded to half its length: 0 degrees
    "right index finger": (50, 70),
    "right hip": (80, 220),
    "right knee": (40, 220),  # a level thigh, the shin hangs down
    "right ankle": (40, 300),
    "right foot index": (40, 330),
}


def pose_of(places: Places, kind: str = "body33", scores: dict[str, float] | None = None) -> Pose:
    names = SKELETONS[kind].names
    keypoints = [
        (*places.get(name, (0, 0)), (scores or {}).get(name, 1.0 if name in places else 0.0)) for name in names
    ]
    return Pose(np.array(keypoints, np.float32), 1.0, kind)


EXPECTED = {
    "left elbow": 90,
    "left shoulder": 0,
    "left wrist": 135,
    "left hip": 180,
    "left knee": 180,
    "left ankle": 90,
    "right elbow": 0,
    "right shoulder": 90,
    "right wrist": 90,
    "right hip": 90,
    "right knee": 90,
    "right ankle": 180,
}


def moved(pose: Pose, matrix: list[list[float]], shift: tuple[float, float] = (0, 0)) -> Pose:
    keypoints = pose.keypoints.astype(np.float64)
    keypoints[:, :2] = keypoints[:, :2] @ np.array(matrix).T + shift
    return Pose(keypoints.astype(np.float32), pose.score, pose.kind)


def test_angles_worked_out_by_hand() -> None:
    assert angles(pose_of(STANDING)) == pytest.approx(EXPECTED, abs=1e-9)


def test_the_17_points_give_the_same_angles_without_wrists_and_ankles() -> None:
    expected = {joint: angle for joint, angle in EXPECTED.items() if "wrist" not in joint and "ankle" not in joint}
    assert angles(pose_of(STANDING).as_coco17()) == pytest.approx(expected, abs=1e-9)
    assert set(joints_of("coco17")) == set(expected) and len(expected) == 8


def test_every_joint_of_a_body_and_none_of_a_hand_or_a_face() -> None:
    assert joints_of("body33") == tuple(JOINTS) and len(JOINTS) == 12
    assert joints_of("hand21") == joints_of("face478") == ()
    assert angles(Pose(np.ones((21, 3), np.float32), 1.0, "hand21")) == {}


@pytest.mark.parametrize(
    "matrix",
    [
        pytest.param([[-1, 0], [0, 1]], id="mirrored, names kept"),
        pytest.param([[3.5, 0], [0, 3.5]], id="larger"),
        pytest.param([[math.cos(1), -math.sin(1)], [math.sin(1), math.cos(1)]], id="turned"),
    ],
)
def test_mirroring_size_place_and_rotation_change_no_angle(matrix: list[list[float]]) -> None:
    found = angles(moved(pose_of(STANDING), matrix, (321, -54)))
    assert found == pytest.approx(EXPECTED, abs=0.01)


def test_left_stays_left_in_a_mirrored_picture() -> None:
    found = angles(moved(pose_of(STANDING), [[-1, 0], [0, 1]]))
    assert found["left knee"] == pytest.approx(180) and found["right knee"] == pytest.approx(90)


def test_a_keypoint_below_the_score_takes_exactly_its_joints_away() -> None:
    found = angles(pose_of(STANDING, scores=dict.fromkeys(STANDING, 0.6) | {"left wrist": 0.59}), min_score=0.6)
    assert {joint for joint, angle in found.items() if angle is None} == {"left elbow", "left wrist"}


def test_keypoints_on_top_of_each_other_have_no_angle() -> None:
    found = angles(pose_of(STANDING | {"left wrist": STANDING["left elbow"]}))
    assert {joint for joint, angle in found.items() if angle is None} == {"left elbow", "left wrist"}


def test_a_coordinate_that_is_no_number_has_no_angle() -> None:
    found = angles(pose_of(STANDING | {"right ankle": (math.nan, 300)}))
    assert found["right knee"] is None and found["left knee"] == pytest.approx(180)


@pytest.mark.parametrize("degrees", [0, 1e-5, 0.001, 30, 89.999, 90, 179.99999, 180])
def test_the_angle_between_two_directions_is_exact_all_the_way(degrees: float) -> None:
    a, b = np.array([2.0, 0.0]), 5 * np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])
    assert angle_between(a, b) == pytest.approx(degrees, abs=1e-9)
    assert angle_between(b, a) == pytest.approx(degrees, abs=1e-9)
