"""The one type for bodies, hands and faces: what it takes, its 17 points, its box, and landmarks by hand."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from models.pose.poses import Pose
from models.pose.skeletons import SKELETONS


def keypoints(n: int) -> np.ndarray:
    """Point i at (10 i, i), sure to i / 100."""
    return np.array([(10 * i, i, i / 100) for i in range(n)], np.float32)


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


def test_world_points_are_as_many_as_keypoints_and_a_mask_is_flat() -> None:
    pose = Pose(keypoints(33), 1.0, world=np.zeros((33, 3), np.float32), mask=np.zeros((4, 5), np.uint8))
    assert pose.as_coco17().world is not None and pose.as_coco17().world.shape == (17, 3)
    with pytest.raises(ValueError, match=r"world must be float32 \(33, 3\), got float32 \(21, 3\)"):
        Pose(keypoints(33), 1.0, world=np.zeros((21, 3), np.float32))
    with pytest.raises(ValueError, match=r"mask must be uint8 \(H, W\), got float32"):
        Pose(keypoints(33), 1.0, mask=np.zeros((4, 5), np.float32))


def test_in_a_mirror_left_and_right_change_their_names_and_twice_is_none() -> None:
    world = np.arange(99, dtype=np.float32).reshape(33, 3)
    mask = np.arange(6, dtype=np.uint8).reshape(2, 3)
    body = Pose(keypoints(33), 1.0, world=world, mask=mask)
    other = body.mirrored(640)
    left, right = (body.skeleton.names.index(f"{side} shoulder") for side in ("left", "right"))
    assert other.keypoints[left].tolist() == [640 - 10 * right, right, np.float32(right / 100)]
    assert other.world is not None and other.world[left].tolist() == [-world[right, 0], *world[right, 1:]]
    assert other.mask is not None and other.mask.tolist() == [[2, 1, 0], [5, 4, 3]]
    again = other.mirrored(640)
    assert np.allclose(again.keypoints, body.keypoints, atol=1e-4) and np.array_equal(again.world, world)
    assert Pose(keypoints(21), 1.0, "hand21", side="left").mirrored(9).side == "right"
    with pytest.raises(ValueError, match="a face478 cannot be mirrored"):
        Pose(keypoints(478), 1.0, "face478").mirrored(640)
