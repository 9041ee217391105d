"""The one type for bodies, hands and faces: what it takes, its 17 points, its box, and landmarks by hand."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from mediapipe.framework.formats.landmark_pb2 import NormalizedLandmark, NormalizedLandmarkList

from models.pose.poses import Pose
from models.pose.skeletons import SKELETONS


def keypoints(n: int) -> np.ndarray:
    """Point i at (10 i, i), sure to i / 100."""
    return np.array([(10 * i, i, i / 100) for i in range(n)], np.float32)


def marks(*places: tuple[float, float], n: int = 21, **about: float) -> NormalizedLandmarkList:
    """These places first, the others at (0, 0)."""
    rest = [(0.0, 0.0)] * (n - len(places))
    return NormalizedLandmarkList(landmark=[NormalizedLandmark(x=x, y=y, **about) for x, y in (*places, *rest)])


@pytest.mark.parametrize("kind", SKELETONS)
def test_a_pose_has_the_points_of_its_skeleton(kind: str) -> None:
    n = len(SKELETONS[kind].names)
    assert Pose(keypoints(n), 1.0, kind).skeleton is SKELETONS[kind]
    with pytest.raises(ValueError, match=rf"of a {kind} must be float32 \({n}, 3\), got float32 \({n - 1}, 3\)"):
        Pose(keypoints(n - 1), 1.0, kind)


def test_keypoints_are_float32_with_a_score() -> None:
    with pytest.raises(ValueError, match=r"got float64 \(33, 3\)"):
        Pose(keypoints(33).astype(np.float64), 1.0)
    with pytest.raises(ValueError, match=r"got float32 \(33, 2\)"):
        Pose(keypoints(33)[:, :2], 1.0)


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_a_score_lies_in_0_to_1(score: float) -> None:
    with pytest.raises(ValueError, match="score must lie in"):
        Pose(keypoints(33), score)


def test_a_side_is_left_or_right_or_none() -> None:
    assert [Pose(keypoints(21), 1.0, "hand21", side=side).side for side in ("left", "right", None)] == [
        "left",
        "right",
        None,
    ]
    with pytest.raises(ValueError, match="left or right, got 'up'"):
        Pose(keypoints(21), 1.0, "hand21", side="up")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError, match="tail9"):
        Pose(keypoints(9), 1.0, "tail9")


def test_a_pose_does_not_change() -> None:
    pose = Pose(keypoints(33), 1.0)
    with pytest.raises(FrozenInstanceError):
        pose.score = 0.5  # type: ignore[misc]


def test_the_17_points_of_coco_by_hand() -> None:
    pose = Pose(keypoints(33), 0.5, id=7)
    # COCO: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles; left before right
    numbers = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]
    assert pose.coco17().tolist() == keypoints(33)[numbers].tolist()
    reduced = pose.as_coco17()
    assert (reduced.kind, reduced.id, reduced.score) == ("coco17", 7, 0.5)
    assert reduced.coco17().tolist() == pose.coco17().tolist(), "of 17 points they are all"
    assert reduced.as_coco17().keypoints.tolist() == reduced.keypoints.tolist()
    assert pose.keypoints.tolist() == keypoints(33).tolist(), "the pose it came from is as it was"


@pytest.mark.parametrize("kind", ["hand21", "face468", "face478"])
def test_only_a_body_has_coco_points(kind: str) -> None:
    with pytest.raises(ValueError, match=f"a {kind} has no COCO keypoints"):
        Pose(keypoints(len(SKELETONS[kind].names)), 1.0, kind).coco17()


def test_landmarks_by_hand() -> None:
    pose = Pose.from_landmarks(marks((0.5, 0.25), (-0.1, 1.5)), 640, 480, score=0.8, kind="hand21", side="left", id=3)
    assert pose.keypoints[0].tolist() == [320, 120, 1], "mediapipe says of a hand's points nothing: each has 1"
    assert pose.keypoints[1].tolist() == pytest.approx([-64, 720, 1])
    assert (pose.score, pose.kind, pose.side, pose.id) == (0.8, "hand21", "left", 3)


def test_a_landmarks_visibility_is_its_score() -> None:
    pose = Pose.from_landmarks(marks((0.5, 0.5), n=33, visibility=0.25), 100, 100, score=1.0)
    assert pose.keypoints[0].tolist() == [50, 50, 0.25]
    hidden = Pose.from_landmarks(marks(n=33, visibility=0.0), 100, 100, score=1.0)
    assert np.all(hidden.keypoints[:, 2] == 0), "0 is a visibility, too"


def test_landmarks_far_out_and_visibilities_past_1_are_brought_back() -> None:
    pose = Pose.from_landmarks(marks((1e30, -1e30), n=33, visibility=1.5), 100, 100, score=1.0)
    assert pose.keypoints[0].tolist() == [1e6, -1e6, 1]
    assert pose.keypoints.dtype == np.float32


def test_landmarks_of_another_skeleton_are_refused() -> None:
    with pytest.raises(ValueError, match=r"of a body33 must be float32 \(33, 3\), got float32 \(21, 3\)"):
        Pose.from_landmarks(marks(), 100, 100, score=1.0)
