"""Copy the pose: the score's formula by hand, what must not change it, and that the targets are possible bodies."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from models.errors import BadInput
from models.pose.angles import angles
from models.pose.matching import TARGET_SIDE, TARGETS, similarity, target_from
from models.pose.poses import Pose
from models.pose.skeletons import COCO17, SKELETONS

NAMES = SKELETONS["coco17"].names
T = TARGETS["T"]
JOINTS = {f"{side} {joint}" for side in ("left", "right") for joint in ("shoulder", "elbow", "hip", "knee")} | {"torso"}
SEGMENTS = (("shoulder", "elbow"), ("elbow", "wrist"), ("shoulder", "hip"), ("hip", "knee"), ("knee", "ankle"))
PAIRS = list(itertools.combinations(TARGETS, 2))
LEGS = tuple(f"{side} {part}" for part in ("hip", "knee", "ankle") for side in ("left", "right"))


def at(pose: Pose, name: str) -> np.ndarray:
    """float64 (2,): x and y of a keypoint."""
    return pose.keypoints[NAMES.index(name), :2].astype(np.float64)


def with_scores(pose: Pose, scores: dict[str, float]) -> Pose:
    keypoints = pose.keypoints.copy()
    for name, score in scores.items():
        keypoints[NAMES.index(name), 2] = score
    return replace(pose, keypoints=keypoints)


def swung(pose: Pose, side: str, degrees: float) -> Pose:
    """The pose with one whole arm turned about its shoulder."""
    turn = math.radians(degrees)
    keypoints = pose.keypoints.astype(np.float64)
    shoulder = at(pose, f"{side} shoulder")
    for name in ("elbow", "wrist"):
        dx, dy = at(pose, f"{side} {name}") - shoulder
        place = (dx * math.cos(turn) - dy * math.sin(turn), dx * math.sin(turn) + dy * math.cos(turn))
        keypoints[NAMES.index(f"{side} {name}"), :2] = shoulder + place
    return replace(pose, keypoints=keypoints.astype(np.float32))


def mirror_image(pose: Pose) -> Pose:
    """What the same body looks like in a mirror: left is right."""
    keypoints = pose.keypoints.copy()
    for left, right in SKELETONS["coco17"].pairs:
        keypoints[[left, right]] = keypoints[[right, left]]
    keypoints[:, 0] = 1000 - keypoints[:, 0]
    return replace(pose, keypoints=keypoints)


def agreement(degrees: float) -> float:
    return max(0, 2 * math.cos(math.radians(degrees)) - 1)


class TestScore:
    @pytest.mark.parametrize("name", TARGETS)
    def test_a_pose_is_entirely_like_itself(self, name: str) -> None:
        match = similarity(TARGETS[name], TARGETS[name])
        assert match.score == pytest.approx(100)
        assert set(match.by_joint) == JOINTS and min(match.by_joint.values()) == pytest.approx(100)
        assert match.missing == () and not match.mirrored

    @pytest.mark.parametrize("degrees", [0, 15, -30, 45, 59])
    def test_one_arm_turned_worked_out_by_hand(self, degrees: float) -> None:
        match = similarity(swung(T, "left", degrees), T)
        # the upper arm is off in direction and in its angle to the body, the forearm in direction alone
        shoulder, elbow = agreement(degrees), (agreement(degrees) + 1) / 2
        assert match.by_joint["left shoulder"] == pytest.approx(100 * shoulder, abs=0.1)
        assert match.by_joint["left elbow"] == pytest.approx(100 * elbow, abs=0.1)
        assert match.by_joint["right elbow"] == pytest.approx(100)
        assert match.score == pytest.approx(100 * ((7 + shoulder + elbow) / 9) ** 3, abs=0.1)

    def test_unsure_keypoints_weigh_less(self) -> None:
        unsure = with_scores(swung(T, "left", 45), {"left wrist": 0.4})
        shoulder, elbow = agreement(45), (agreement(45) + 1) / 2
        assert similarity(unsure, T).score == pytest.approx(100 * ((7 + shoulder + 0.4 * elbow) / 8.4) ** 3, abs=0.1)

    def test_further_off_scores_less(self) -> None:
        scores = [similarity(swung(T, "left", degrees), T).score for degrees in range(0, 60, 5)]
        assert all(before > after for before, after in itertools.pairwise(scores))

    def test_people_who_copy_well_score_well(self) -> None:
        almost = swung(swung(T, "left", 10), "right", 10)
        assert similarity(almost, T).score > 90

    def test_arms_down_instead_of_out_is_clearly_different(self) -> None:
        arms_down = swung(swung(T, "left", 90), "right", -90)
        assert similarity(arms_down, T).score < 35

    def test_upside_down_only_the_joints_angles_are_left(self) -> None:
        keypoints = T.keypoints * np.array([-1, -1, 1], np.float32)
        # half of each of eight joints, nothing of the torso
        assert similarity(replace(T, keypoints=keypoints), T).score == pytest.approx(100 * (4 / 9) ** 3, abs=0.01)

    def test_it_is_symmetrical(self) -> None:
        for pair, mirror in itertools.product(PAIRS, (False, True)):
            one, other = (
                with_scores(TARGETS[pair[0]], {"left knee": 0.1}),
                with_scores(TARGETS[pair[1]], {"right wrist": 0.5}),
            )
            there, back = similarity(one, other, mirror=mirror), similarity(other, one, mirror=mirror)
            assert there.score == pytest.approx(back.score, abs=1e-3), pair

    @pytest.mark.parametrize("name", ["T", "Warrior"])
    @pytest.mark.parametrize("scale, shift", [(0.2, (0, 0)), (3.7, (-900, 500))])
    def test_place_and_size_change_nothing(self, name: str, scale: float, shift: tuple[float, float]) -> None:
        keypoints = TARGETS[name].keypoints * np.array([scale, scale, 1], np.float32)
        keypoints[:, :2] += np.array(shift, np.float32)
        moved = replace(TARGETS[name], keypoints=keypoints.astype(np.float32))
        assert similarity(moved, TARGETS[name]).score == pytest.approx(100, abs=0.01)
        for other in TARGETS.values():
            assert similarity(moved, other).score == pytest.approx(similarity(TARGETS[name], other).score, abs=0.05)

    def test_leaning_over_is_another_pose(self) -> None:
        lying = T.keypoints[:, [1, 0, 2]] * np.array([1, -1, 1], np.float32)  # turned by 90 degrees
        assert similarity(replace(T, keypoints=lying), T).score < 15

    def test_33_points_are_compared_like_17(self) -> None:
        keypoints = np.zeros((33, 3), np.float32)
        keypoints[list(COCO17)] = T.keypoints
        assert similarity(Pose(keypoints, 1.0), T).score == pytest.approx(100)

    def test_a_hand_is_no_body(self) -> None:
        with pytest.raises(ValueError, match="COCO"):
            similarity(Pose(np.ones((21, 3), np.float32), 1.0, "hand21"), T)


class TestMirrorImage:
    def test_it_counts_only_where_it_may(self) -> None:
        disco = TARGETS["Disco"]
        image = mirror_image(disco)
        assert similarity(image, disco).score < 50
        match = similarity(image, disco, mirror=True)
        assert match.score == pytest.approx(100, abs=0.01) and match.mirrored

    def test_the_pose_itself_still_counts(self) -> None:
        match = similarity(TARGETS["Disco"], TARGETS["Disco"], mirror=True)
        assert match.score == pytest.approx(100) and not match.mirrored

    def test_joints_are_named_by_the_poses_own_left_and_right(self) -> None:
        disco = TARGETS["Disco"]
        match = similarity(swung(mirror_image(disco), "left", 40), disco, mirror=True)
        assert match.mirrored and min(match.by_joint, key=match.by_joint.__getitem__) == "left shoulder"


class TestMissing:
    def test_what_the_target_shows_and_the_pose_does_not(self) -> None:
        match = similarity(with_scores(T, {"right ankle": 0.29, "nose": 0, "left knee": 0.3}), T)
        assert match.missing == ("right ankle",)
        assert set(match.by_joint) == JOINTS - {"right knee"}
        assert match.score == pytest.approx(100)

    def test_at_a_desk_the_arms_alone_are_compared(self) -> None:
        desk = with_scores(T, dict.fromkeys(LEGS, 0.0))
        match = similarity(desk, T)
        assert match.score == pytest.approx(100) and len(match.by_joint) == 4
        assert set(match.missing) == set(LEGS)
        assert similarity(desk, TARGETS["Y"]).score < 40

    def test_less_than_both_arms_is_too_little(self) -> None:
        match = similarity(with_scores(T, dict.fromkeys((*LEGS, "left wrist"), 0.0)), T)
        assert match.score == 0 and match.missing
        assert similarity(with_scores(T, dict.fromkeys(NAMES, 0.0)), T, min_score=0).score == 0

    def test_what_the_target_lacks_is_not_asked_of_the_pose(self) -> None:
        own = with_scores(T, dict.fromkeys(LEGS, 0.0))
        match = similarity(with_scores(T, {"left wrist": 0.0}), own)
        assert match.missing == ("left wrist",)

    def test_keypoints_on_top_of_each_other_are_not_compared(self) -> None:
        keypoints = T.keypoints.copy()
        keypoints[NAMES.index("left wrist")] = keypoints[NAMES.index("left elbow")]
        match = similarity(replace(T, keypoints=keypoints), T)
        assert set(match.by_joint) == JOINTS - {"left elbow"} and match.score == pytest.approx(100)


class TestTargetFrom:
    def test_ones_own_pose_fits_the_targets_picture_and_is_still_the_same_pose(self) -> None:
        keypoints = TARGETS["Warrior"].keypoints * np.array([2.5, 2.5, 1], np.float32) + np.array(
            [900, -70, 0], np.float32
        )
        own = target_from(replace(TARGETS["Warrior"], keypoints=keypoints.astype(np.float32), id=4))
        assert own.kind == "coco17" and own.id is None
        assert own.keypoints[:, :2].min() > 0 and own.keypoints[:, :2].max() < TARGET_SIDE
        assert np.ptp(own.keypoints[:, :2], axis=0).max() == pytest.approx(0.92 * TARGET_SIDE, abs=0.1)
        assert similarity(own, TARGETS["Warrior"]).score == pytest.approx(100, abs=0.01)

    def test_what_is_not_seen_does_not_decide_the_size(self) -> None:
        far = T.keypoints.copy()
        far[NAMES.index("left ankle")] = (90_000, 0, 0.1)
        own = target_from(replace(T, keypoints=far))
        assert np.linalg.norm(at(own, "left shoulder") - at(own, "right shoulder")) > 80

    def test_too_little_of_a_body_is_refused_and_says_what_is_not_seen(self) -> None:
        with pytest.raises(BadInput, match="Not seen: left elbow, left hip"):
            target_from(with_scores(T, dict.fromkeys((*LEGS, "left elbow"), 0.0)))


class TestTargets:
    @pytest.mark.parametrize("name", TARGETS)
    def test_each_is_a_body_that_could_be_inside_its_picture(self, name: str) -> None:
        target = TARGETS[name]
        assert target.kind == "coco17" and (target.keypoints[:, 2] == 1).all()
        assert target.keypoints[:, :2].min() >= 0 and target.keypoints[:, :2].max() <= TARGET_SIDE
        lengths = {
            side: [
                np.linalg.norm(at(target, f"{side} {start}") - at(target, f"{side} {end}")) for start, end in SEGMENTS
            ]
            for side in ("left", "right")
        }
        assert lengths["left"] == pytest.approx(lengths["right"], rel=0.01)
        upper_arm, forearm, trunk, thigh, shin = lengths["left"]
        assert 0.6 < forearm / upper_arm < 1 and 0.8 < shin / thigh < 1.2 and 1 < thigh / upper_arm < 1.6
        assert 0.9 < trunk / thigh < 1.5

    @pytest.mark.parametrize("name", TARGETS)
    def test_each_faces_the_camera_the_right_way_up(self, name: str) -> None:
        target = TARGETS[name]
        for part in ("eye", "ear", "shoulder", "hip"):
            assert at(target, f"left {part}")[0] > at(target, f"right {part}")[0]
        heights = [at(target, f"left {part}")[1] for part in ("eye", "shoulder", "hip", "knee", "ankle")]
        assert heights == sorted(heights)
        assert at(target, "nose")[1] < at(target, "left shoulder")[1]

    def test_no_two_are_alike_in_a_mirror_either(self) -> None:
        for one, other in PAIRS:
            assert similarity(TARGETS[one], TARGETS[other], mirror=True).score < 80, (one, other)

    def test_each_is_what_its_name_says(self) -> None:
        def y(name: str, point: str) -> float:
            return float(at(TARGETS[name], point)[1])

        def x(name: str, point: str) -> float:
            return float(at(TARGETS[name], point)[0])

        bends = {name: angles(target) for name, target in TARGETS.items()}
        for side, out in (("left", 1), ("right", -1)):
            wrist, elbow, shoulder, hip = (f"{side} {part}" for part in ("wrist", "elbow", "shoulder", "hip"))
            knee, ankle = f"{side} knee", f"{side} ankle"
            for level in ("T", "Warrior"):
                assert y(level, wrist) == pytest.approx(y(level, elbow)) == pytest.approx(y(level, shoulder))
            assert y("Y", wrist) < y("Y", "nose") and out * (x("Y", wrist) - x("Y", shoulder)) > 50
            assert y("Arms up", wrist) < y("Arms up", "nose") and abs(x("Arms up", wrist) - x("Arms up", shoulder)) < 20
            assert np.linalg.norm(at(TARGETS["Hands on hips"], wrist) - at(TARGETS["Hands on hips"], hip)) < 40
            assert out * (x("Hands on hips", elbow) - x("Hands on hips", wrist)) > 30
            assert y("Strong", elbow) == pytest.approx(y("Strong", shoulder)) and y("Strong", wrist) < y(
                "Strong", "nose"
            )
            assert bends["Strong"][elbow] == pytest.approx(80, abs=1)
            assert [bends["Star"][elbow], bends["Star"][knee]] == pytest.approx([180, 180], abs=0.1)
            assert out * (x("Star", ankle) - x("Star", hip)) > 80
            assert y("Tree", wrist) < y("Tree", "nose")
        assert bends["Tree"]["left knee"] == pytest.approx(180, abs=5)
        assert bends["Tree"]["right knee"] is not None and bends["Tree"]["right knee"] < 80
        foot_to_leg = at(TARGETS["Tree"], "right ankle") - at(TARGETS["Tree"], "left knee")
        assert np.linalg.norm(foot_to_leg) < 80
        assert bends["Warrior"]["left knee"] == pytest.approx(100, abs=1)
        assert bends["Warrior"]["right knee"] == pytest.approx(180, abs=0.1)
        assert y("Disco", "left wrist") < y("Disco", "nose") < y("Disco", "right wrist")
