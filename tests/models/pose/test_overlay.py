"""Poses on pictures: what is drawn where, whose left is left in a mirror, and what must not be seen."""

import itertools
from typing import ClassVar

import cv2
import numpy as np
import pytest

from models.pose import overlay
from models.pose.masks import PLAIN
from models.pose.overlay import LEFT, PEOPLE, RIGHT, Overlay, draw_poses
from models.pose.poses import Pose
from models.pose.skeletons import SKELETONS
from models.pose.trail import Trail

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")  # what is too far for an int32 becomes any number

GREY = 120
ONLY_POINTS, ONLY_BONES = Overlay(skeleton=False), Overlay(points=False)


@pytest.fixture
def picture() -> np.ndarray:
    """A grey 480×640 that cannot be written to: drawing on the input itself raises."""
    rgb = np.full((480, 640, 3), GREY, np.uint8)
    rgb.flags.writeable = False
    return rgb


def body(*, score: float = 0.9, kind: str = "body33", spread: float = 1.0, **about: object) -> Pose:
    """Somebody seen from the front: their left is at the picture's right. `spread` 1 fills the picture's height."""
    names = SKELETONS[kind].names
    rng = np.random.default_rng(3)
    points = np.empty((len(names), 3), np.float32)
    for index, name in enumerate(names):
        side = 1 if "left" in name else -1 if "right" in name else 0
        points[index] = 320 + spread * side * (40 + 70 * rng.random()), 240 + spread * (430 * rng.random() - 215), score
    return Pose(points, score, kind=kind, **about)  # type: ignore[arg-type]


def moved(pose: Pose, name: str, x: float, y: float, score: float = 0.9) -> Pose:
    points = pose.keypoints.copy()
    points[pose.skeleton.names.index(name)] = x, y, score
    return Pose(points, pose.score, pose.kind, pose.id, pose.side)


def alone(name: str, x: float, y: float) -> Pose:
    """A body of which only one keypoint is seen."""
    return moved(body(score=0.1), name, x, y)


def changed(out: np.ndarray, background: int = GREY) -> np.ndarray:
    return (out != background).any(axis=2)


class TestSkeletonAndPoints:
    def test_nobody_is_a_plain_copy(self, picture: np.ndarray) -> None:
        out = draw_poses(picture, [], Overlay(names=True, boxes=True))
        assert (out == picture).all() and out is not picture and out.flags.writeable

    def test_a_point_is_drawn_where_it_is(self, picture: np.ndarray) -> None:
        out = draw_poses(picture, [alone("left wrist", 400, 100)], Overlay())
        assert tuple(out[100, 400]) == LEFT
        where = np.argwhere(changed(out))
        assert where.mean(axis=0) == pytest.approx([100, 400], abs=0.5)
        assert np.ptp(where, axis=0).max() < 12

    def test_left_is_warm_and_right_is_cool(self, picture: np.ndarray) -> None:
        out = draw_poses(picture, [moved(alone("left wrist", 400, 100), "right wrist", 200, 100)], ONLY_POINTS)
        assert tuple(out[100, 400]) == LEFT and tuple(out[100, 200]) == RIGHT
        assert LEFT[0] > LEFT[2] and RIGHT[2] > RIGHT[0]

    def test_a_bone_needs_both_its_ends(self, picture: np.ndarray) -> None:
        elbow = alone("left elbow", 300, 300)
        assert not changed(draw_poses(picture, [elbow], ONLY_BONES)).any()
        arm = moved(elbow, "left wrist", 400, 300)
        out = draw_poses(picture, [arm], ONLY_BONES)
        assert tuple(out[300, 350]) == PEOPLE[0]
        assert not changed(out)[:, :290].any() and not changed(out)[:, 410:].any()

    def test_keypoints_below_the_threshold_are_left_out(self, picture: np.ndarray) -> None:
        faint = moved(alone("left wrist", 400, 100), "right wrist", 200, 100, 0.4)
        for least, drawn in ((0.5, False), (0.4, True), (0.3, True)):
            out = draw_poses(picture, [faint], Overlay(skeleton=False, min_keypoint_score=least))
            assert changed(out)[90:110, 190:210].any() == drawn, least

    def test_what_is_switched_off_is_not_drawn(self, picture: np.ndarray) -> None:
        nothing = Overlay(skeleton=False, points=False)
        assert not changed(draw_poses(picture, [body()], nothing)).any()

    def test_lines_are_thicker_on_larger_pictures_and_thinner_for_those_far_away(self) -> None:
        def thick(side: int, length: int) -> int:
            rgb = np.full((side, side, 3), GREY, np.uint8)
            arm = moved(alone("left elbow", 10, side / 2), "left wrist", 10 + length, side / 2)
            return int(changed(draw_poses(rgb, [arm], ONLY_BONES))[:, 10 + length // 2].sum())

        assert thick(960, 900) >= thick(480, 450) + 4 > 10
        assert thick(960, 40) < thick(480, 450)

    def test_people_keep_their_colour_by_id_and_without_ids_by_order(self, picture: np.ndarray) -> None:
        def colour_of(pose: Pose, *others: Pose) -> tuple[int, ...]:
            return tuple(draw_poses(picture, [*others, pose], ONLY_BONES)[300, 350])

        arm = moved(alone("left elbow", 300, 300), "left wrist", 400, 300)
        nobody = body(score=0.1)
        by_id = Pose(arm.keypoints, 0.9, id=3)
        assert colour_of(by_id) == colour_of(by_id, nobody) == PEOPLE[3]
        assert (colour_of(arm), colour_of(arm, nobody)) == (PEOPLE[0], PEOPLE[1])
        assert colour_of(Pose(arm.keypoints, 0.9, id=3 + 10 * len(PEOPLE))) == PEOPLE[3]

    def test_left_and_right_hands_differ(self, picture: np.ndarray) -> None:
        fan = body(kind="hand21")
        left, right = (
            draw_poses(picture, [Pose(fan.keypoints, 0.9, "hand21", side=side)], ONLY_BONES)
            for side in ("left", "right")
        )
        assert (left == LEFT).all(axis=2).any() and not (left == RIGHT).all(axis=2).any()
        assert (right == RIGHT).all(axis=2).any() and not (right == LEFT).all(axis=2).any()


class TestColours:
    # Machado, Oliveira, Fernandes 2009, severity 1, on linear RGB
    SEEN_BY: ClassVar = {
        "everybody": np.eye(3),
        "protanope": [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
        "deuteranope": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
        "tritanope": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
    }

    @pytest.mark.parametrize("eye", SEEN_BY)
    def test_people_and_sides_can_be_told_apart_by(self, eye: str) -> None:
        for colours in (PEOPLE, (LEFT, RIGHT)):
            linear = (np.array(colours) / 255) ** 2.2
            seen = np.clip(linear @ np.array(self.SEEN_BY[eye]).T, 0, 1) ** (1 / 2.2)
            lab = cv2.cvtColor(seen[None].astype(np.float32), cv2.COLOR_RGB2LAB)[0]
            for (i, a), (j, b) in itertools.combinations(enumerate(lab), 2):
                assert np.linalg.norm(a - b) > 15, (colours[i], colours[j])


class TestOnBlack:
    def test_nothing_of_the_picture_is_left(self) -> None:
        rng = np.random.default_rng(0)
        one, other = (rng.integers(0, 256, (240, 320, 3), np.uint8) for _ in range(2))
        everything = Overlay(on_black=True, names=True, boxes=True)
        for mirrored in (False, True):
            drawn = [draw_poses(rgb, [body(id=1)], everything, mirrored=mirrored) for rgb in (one, other)]
            assert (drawn[0] == drawn[1]).all() and drawn[0].any()
        assert not draw_poses(one, [], everything).any()


class TestMirrored:
    def test_lines_go_with_the_picture(self) -> None:
        rgb = np.zeros((480, 640, 3), np.uint8)
        rgb[:, :320] = 60
        plain = draw_poses(rgb, [body(id=2)], Overlay())
        mirrored = draw_poses(rgb, [body(id=2)], Overlay(), mirrored=True)
        different = np.abs(mirrored.astype(int) - plain[:, ::-1]).max(axis=2) > 60
        assert changed(plain, 0).any() and different.mean() < 0.004, "only rounding at the edges"
        assert rgb[0, 0, 0] == 60

    def test_the_left_wrist_is_still_the_left_one(self, picture: np.ndarray) -> None:
        out = draw_poses(picture, [alone("left wrist", 400, 100)], Overlay(), mirrored=True)
        assert tuple(out[100, 639 - 400]) == LEFT

    @pytest.mark.parametrize("overlay", [Overlay(names=True), Overlay(boxes=True)])
    def test_texts_are_not_mirrored(self, overlay: Overlay, picture: np.ndarray) -> None:
        plate = draw_poses(picture, [alone("left wrist", 320, 240)], overlay)
        mirrored = draw_poses(picture, [alone("left wrist", 319, 240)], overlay, mirrored=True)
        assert (plate == mirrored).all(), "the same words beside the same place"
        assert (plate != plate[:, ::-1]).any()


class TestNames:
    def plates(self, pose: Pose, picture: np.ndarray) -> np.ndarray:
        """Where names are written: what differs from the same without names."""
        return (draw_poses(picture, [pose], Overlay(names=True)) != draw_poses(picture, [pose], Overlay())).any(axis=2)

    def test_a_name_is_white_on_dark_beside_its_point(self, picture: np.ndarray) -> None:
        pose = alone("left wrist", 300, 200)
        plate = self.plates(pose, picture)
        where = np.argwhere(plate)
        assert np.abs(where.mean(axis=0)[0] - 200) < 5 and 10 < abs(where.mean(axis=0)[1] - 300) < 120
        inside = draw_poses(picture, [pose], Overlay(names=True))[plate]
        assert inside.max() == 255 and np.median(inside) < GREY / 2

    def test_each_keypoint_has_its_own(self, picture: np.ndarray) -> None:
        ink = {name: self.plates(alone(name, 300, 200), picture).tobytes() for name in ("left wrist", "right hip")}
        assert len(set(ink.values())) == 2

    def test_names_do_not_hide_points_or_each_other(self, picture: np.ndarray) -> None:
        pose = body()
        plates = self.plates(pose, picture)
        assert plates.any()
        for x, y, _ in pose.keypoints:
            assert not plates[round(float(y)), round(float(x))], (x, y)

    def test_a_name_stays_inside_the_picture(self, picture: np.ndarray) -> None:
        for x, y in itertools.product((0, 639), (0, 479)):
            where = np.argwhere(self.plates(alone("left foot index", x, y), picture))
            assert len(where), (x, y)
            assert abs(where.mean(axis=0)[1] - x) < 120
        assert not self.plates(alone("left foot index", 900, 200), picture).any(), "not seen, not named"

    def test_a_faces_mesh_has_none(self, picture: np.ndarray) -> None:
        assert not self.plates(body(kind="face468"), picture).any()


class TestBoxes:
    def test_around_what_is_seen_and_cut_at_the_edge(self, picture: np.ndarray) -> None:
        pose = moved(alone("left elbow", 200, 150), "left wrist", 300, 400)
        overlay = Overlay(skeleton=False, points=False, boxes=True)
        where = np.argwhere(changed(draw_poses(picture, [pose], overlay))[150:])  # below the words
        assert where[:, 1].min() == pytest.approx(200 - 12, abs=4)
        assert where[:, 1].max() == pytest.approx(300 + 12, abs=4)
        assert where[:, 0].max() == pytest.approx(250 + 12, abs=4)
        far = moved(alone("left elbow", -5000, 150), "left wrist", 9000, 400)
        assert changed(draw_poses(picture, [far], overlay))[160:390, [0, 639]].all()

    def test_with_id_and_score(self, picture: np.ndarray) -> None:
        points = alone("left wrist", 300, 200).keypoints
        shown = [
            draw_poses(picture, [Pose(points, score, id=id)], Overlay(skeleton=False, points=False, boxes=True))
            for score, id in ((0.87, 1), (0.88, 1), (0.87, 6), (0.87, None))
        ]
        assert all((a != b).any() for a, b in itertools.combinations(shown, 2))
        assert PEOPLE[1] == PEOPLE[6 % len(PEOPLE)], "ids 1 and 6 differ by their words alone"


class TestFaces:
    LINES = ((0, 1), (1, 2), (2, 467))

    def test_the_given_lines_are_drawn(self, picture: np.ndarray) -> None:
        face = body(kind="face468")
        without = draw_poses(picture, [face], Overlay(points=False))
        assert not changed(without).any()
        drawn = draw_poses(picture, [face], Overlay(points=False), face_lines=self.LINES)
        (x, y), (u, v) = face.keypoints[0, :2], face.keypoints[1, :2]
        assert changed(drawn)[round(float(y + v) / 2), round(float(x + u) / 2)]

    def test_lines_of_points_it_does_not_have_are_left_out(self, picture: np.ndarray) -> None:
        out = draw_poses(picture, [body(kind="face468")], Overlay(points=False), face_lines=[(470, 477)])
        assert not changed(out).any()

    def test_points_are_pixels(self, picture: np.ndarray) -> None:
        out = draw_poses(picture, [body(kind="face478")], Overlay())
        assert 100 < changed(out).sum() <= 478


class TestFarOutside:
    @pytest.mark.parametrize("far", [700.0, 1e4, 1e6, 1e30, -1e30, np.inf, -np.inf, np.nan])
    @pytest.mark.parametrize("mirrored", [False, True])
    def test_points_far_outside_do_no_harm(self, far: float, mirrored: bool, picture: np.ndarray) -> None:
        everything = Overlay(names=True, boxes=True, trail="left wrist")
        for kind in SKELETONS:
            pose = body(kind=kind)
            for at in ((far, 240), (320, far), (far, far)):
                pose = moved(pose, pose.skeleton.names[9], *at)
            trails = {0: np.array([(far, 0, 0.1), (320, 240, 0.5), (far, far, 1)], np.float32)}
            out = draw_poses(picture, [pose], everything, mirrored=mirrored, trails=trails, face_lines=TestFaces.LINES)
            assert out.shape == picture.shape

    @pytest.mark.parametrize("far", [1e4, 1e6, 1e30])
    def test_a_bone_to_a_far_point_still_points_there(self, far: float, picture: np.ndarray) -> None:
        arm = moved(alone("left elbow", 300, 300), "left wrist", far, 300)
        out = draw_poses(picture, [arm], ONLY_BONES)
        assert (out[300, 310:630] == PEOPLE[0]).all()
        assert not changed(out)[:280].any() and not changed(out)[320:].any()

    @pytest.mark.parametrize("shape", [(1, 1, 3), (2, 500, 3), (500, 2, 3), (32, 32, 3)])
    def test_tiny_pictures(self, shape: tuple[int, int, int]) -> None:
        out = draw_poses(np.full(shape, GREY, np.uint8), [body(id=1)], Overlay(names=True, boxes=True))
        assert out.shape == shape


class TestTrail:
    def at(self, x: float, id: int | None = 1, score: float = 0.9) -> list[Pose]:
        return [Pose(moved(body(), "left wrist", x, 50, score).keypoints, 0.9, id=id)]

    def test_the_way_of_each_person_oldest_first_and_fading(self) -> None:
        trail = Trail(2.0)
        trail.add(0.0, self.at(10) + self.at(500, id=2), "left wrist")
        ways = trail.add(0.4, self.at(20) + self.at(510, id=2), "left wrist")
        assert set(ways) == {1, 2} and ways[1].dtype == np.float32
        assert ways[1] == pytest.approx(np.array([(10, 50, 0.8), (20, 50, 1)]))
        assert ways[2][:, 0].tolist() == [500, 510]

    def test_what_is_older_is_forgotten_and_so_is_who_left(self) -> None:
        trail = Trail(1.0)
        for step in range(30):
            ways = trail.add(step / 10, self.at(step), "left wrist")
        assert ways[1][:, 0].tolist() == pytest.approx(range(19, 30), abs=1)
        assert trail.add(3.0, [], "left wrist")[1][-1, 2] == pytest.approx(0.9), "it stays while it fades"
        assert trail.add(4.1, [], "left wrist") == {}

    def test_missing_frames_leave_it_and_long_ones_leave_a_gap(self) -> None:
        trail = Trail(5.0, gap_s=0.5)
        trail.add(0.0, self.at(10), "left wrist")
        trail.add(0.1, [], "left wrist")
        trail.add(0.2, self.at(15, score=0.2), "left wrist")
        ways = trail.add(0.3, self.at(20), "left wrist")
        assert ways[1][:, 0].tolist() == [10, 20], "hidden for a moment: the line goes on"
        ways = trail.add(1.0, self.at(90), "left wrist")
        assert np.isnan(ways[1][2]).all() and ways[1][[0, 1, 3], 0].tolist() == [10, 20, 90]

    def test_another_keypoint_or_an_earlier_time_begins_anew(self) -> None:
        trail = Trail()
        trail.add(1.0, self.at(10), "left wrist")
        assert len(trail.add(1.1, self.at(10), "nose")[1]) == 1
        assert len(trail.add(0.0, self.at(10), "nose")[1]) == 1
        assert trail.add(0.1, [body(kind="hand21")], "left wrist") == {}, "a hand has no such point"

    def test_it_is_bounded_however_many_frames_come(self) -> None:
        trail = Trail(1e9, max_points=50)
        for step in range(500):
            ways = trail.add(step / 1e6, self.at(step), "left wrist")
        assert len(ways[1]) == 50 and ways[1][-1, 0] == 499

    def test_it_is_drawn_in_the_persons_colour_and_not_across_a_gap(self, picture: np.ndarray) -> None:
        way = np.array([(100, 200, 0.1), (200, 200, 0.3), (np.nan,) * 3, (400, 200, 0.95), (500, 200, 1)], np.float32)
        out = draw_poses(picture, [], Overlay(), trails={2: way})
        assert np.abs(out[200, 450].astype(int) - PEOPLE[2]).max() < 10
        assert not changed(out)[:, 215:385].any()
        assert changed(out)[:, 450].sum() > changed(out)[:, 150].sum() > 0, "older is thinner"
        assert out[200, 150].sum() < out[200, 450].sum(), "and darker"
        mirrored = draw_poses(picture, [], Overlay(), trails={2: way}, mirrored=True)
        assert changed(mirrored)[200, 639 - 450] and not changed(mirrored)[:, 639 - 385 : 639 - 215].any()


def test_every_skeleton_has_a_colour_and_a_size_for_each_keypoint() -> None:
    for kind, skeleton in SKELETONS.items():
        colours, sizes = overlay.colours_and_sizes(kind)
        assert len(colours) == len(sizes) == len(skeleton.names)
        for left, right in skeleton.pairs:
            assert (colours[left], colours[right]) == (LEFT, RIGHT)


def masked(left: int, right: int, **about: object) -> Pose:
    """Somebody whose mask is these columns of the picture."""
    mask = np.zeros((480, 640), np.uint8)
    mask[:, left:right] = 255
    return body(mask=mask, **about)


NOTHING_ELSE = {"skeleton": False, "points": False}


def test_each_silhouette_has_its_persons_colour_also_in_a_mirror_and_on_black(picture: np.ndarray) -> None:
    people = [masked(0, 200, id=1), masked(300, 500, id=2)]
    style = Overlay(silhouette=True, on_black=True, **NOTHING_ELSE)
    out = draw_poses(picture, people, style)
    for columns, number in ((slice(0, 200), 1), (slice(300, 500), 2)):
        assert np.abs(out[:, columns] - np.array(PEOPLE[number]) / 2).max() <= 1
    assert not out[:, 200:300].any()
    assert (draw_poses(picture, people, style, mirrored=True) == out[:, ::-1]).all()


def test_a_background_is_cut_out_before_the_skeleton_is_drawn(picture: np.ndarray) -> None:
    out = draw_poses(picture, [masked(0, 40)], Overlay(background="Cut out", **NOTHING_ELSE))
    assert (out[:, :40] == picture[:, :40]).all() and (out[:, 40:] == PLAIN).all()
    drawn = draw_poses(picture, [masked(0, 40)], Overlay(background="Cut out"))
    assert (drawn[:, 40:] != PLAIN).any(), "a bone that leaves the mask is still seen"


def test_masks_are_needed_where_they_are_drawn() -> None:
    assert not Overlay().masks and Overlay(silhouette=True).masks and Overlay(background="Blur").masks
