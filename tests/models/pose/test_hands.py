"""Hands: real ones with their side, streams that keep their own, and fingers counted on hands made by hand."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from models.pose.hands import Hands, fingers_up, load_hands
from models.pose.poses import Pose
from models.pose.skeletons import FINGERS

GESTURES = Path(__file__).parents[4] / "shared" / "data" / "gestures"
# people who face the camera; by eye: which of their hands is up
RAISED = {
    "four/06aa70cc": "left",
    "four/077fa4bf": "right",
    "four/07fdea90": "left",
    "four/0c960166": "right",
    "four/105f8f8e": "right",
    "call/044768ad": "left",
    "call/17b3aa02": "left",
    "call/1f5fb137": "right",
}
SHOWN = {"four": (False, True, True, True, True), "call": (True, False, False, False, True)}


@pytest.fixture(scope="module")
def hands() -> Hands:
    return load_hands(None, lambda text, part: None)


@pytest.fixture(scope="module")
def photo() -> Callable[[str], np.ndarray]:
    """The picture whose name begins so, uint8 (H, W, 3)."""
    if not GESTURES.is_dir():
        pytest.skip("REAL HANDS NOT TESTED: shared/data/gestures is not beside this checkout")

    def read(name: str) -> np.ndarray:
        (path,) = GESTURES.glob(f"{name}*.jpg")
        return np.array(Image.open(path).convert("RGB"))

    return read


@pytest.fixture(scope="module")
def four(photo: Callable[[str], np.ndarray]) -> np.ndarray:
    """(512, 384, 3): one man, his left hand up."""
    return photo("four/15a73593")


def shifted(rgb: np.ndarray, x: float, y: float = 0) -> np.ndarray:
    return cv2.warpAffine(rgb, np.array([[1, 0, x], [0, 1, y]], np.float32), rgb.shape[1::-1])


def same(a: list[Pose], b: list[Pose]) -> bool:
    return [(p.id, p.side) for p in a] == [(p.id, p.side) for p in b] and all(
        np.array_equal(p.keypoints, q.keypoints) for p, q in zip(a, b, strict=True)
    )


@pytest.mark.parametrize("name", RAISED)
def test_the_side_is_the_persons_own_and_the_fingers_are_those_shown(
    hands: Hands, photo: Callable[[str], np.ndarray], name: str
) -> None:
    pose = min(hands.predict(photo(name)), key=lambda hand: hand.keypoints[0, 1])  # the one that is up
    assert (pose.kind, pose.side, pose.id) == ("hand21", RAISED[name], None)
    assert pose.score > 0.5
    assert tuple(fingers_up(pose).values()) == SHOWN[name.split("/")[0]]


def test_in_a_mirror_a_left_hand_is_a_right_one(hands: Hands, four: np.ndarray) -> None:
    (pose,), (mirrored,) = hands.predict(four), hands.predict(np.ascontiguousarray(four[:, ::-1]))
    assert (pose.side, mirrored.side) == ("left", "right")
    assert mirrored.keypoints[8, 0] == pytest.approx(383 - pose.keypoints[8, 0], abs=5)


@pytest.mark.parametrize("degrees", [45, 90, 180, 270])
def test_fingers_are_counted_on_hands_turned_any_way(hands: Hands, four: np.ndarray, degrees: int) -> None:
    turn = cv2.getRotationMatrix2D((260, 290), degrees, 1)
    (pose,) = hands.predict(cv2.warpAffine(four, turn, (512, 512)))
    assert tuple(fingers_up(pose).values()) == SHOWN["four"]


def test_a_person_has_two_hands_and_two_people_four(hands: Hands, four: np.ndarray) -> None:
    near = four[200:400, 180:340]
    crowd = np.hstack([near, near[:, ::-1], near])
    assert len(hands.predict(crowd, people=1)) == 2
    poses = hands.predict(crowd, people=2)
    assert sorted(pose.side or "" for pose in poses) == ["left", "left", "right"]


def test_hands_keep_their_ids_and_sides_while_they_move(hands: Hands, four: np.ndarray) -> None:
    both = np.hstack([four, four[:, ::-1]])
    tracker = hands.tracker()
    seen: dict[int, list[tuple[str, float]]] = {}
    for step in range(10):
        poses = tracker(shifted(both, -6 * step))
        assert len(poses) == 2
        for pose in poses:
            seen.setdefault(pose.id or 0, []).append((pose.side or "", float(pose.keypoints[9, 0])))
    assert sorted(seen) == [1, 2]
    for track in seen.values():
        assert len({side for side, _ in track}) == 1
        assert track[-1][1] - track[0][1] == pytest.approx(-54, abs=6)
    assert {track[0][0] for track in seen.values()} == {"left", "right"}


def test_trackers_in_turns_see_what_each_would_see_alone(hands: Hands, four: np.ndarray) -> None:
    one = [shifted(four, -4 * n) for n in range(5)]
    other = [shifted(four, 0, -9 * n)[:, ::-1] for n in range(5)]
    alone = [
        [tracker(rgb, at=n / 15) for n, rgb in enumerate(frames)]
        for frames in (one, other)
        for tracker in [hands.tracker()]
    ]
    a, b = hands.tracker(), hands.tracker()
    for n, (x, y) in enumerate(zip(one, other, strict=True)):
        assert same(a(x, at=n / 15), alone[0][n]) and same(b(y, at=n / 15), alone[1][n])
    assert all(alone[0]) and all(alone[1]), "there was a hand to be mixed up"


def test_threads_get_the_answers_to_their_own_pictures(hands: Hands, four: np.ndarray) -> None:
    pictures = [four, np.ascontiguousarray(four[:, ::-1]), shifted(four, -60), np.zeros_like(four)]
    alone = [hands.predict(picture) for picture in pictures]
    assert [len(poses) for poses in alone] == [1, 1, 1, 0]
    with ThreadPoolExecutor(4) as pool:
        assert all(map(same, pool.map(hands.predict, pictures * 2), alone * 2))


def test_a_hand_that_comes_back_soon_keeps_its_id(hands: Hands, four: np.ndarray) -> None:
    tracker = hands.tracker()
    blank = np.zeros_like(four)
    assert [pose.id for pose in tracker(four)] == [1]
    assert [tracker(blank) for _ in range(3)] == [[]] * 3
    assert [pose.id for pose in tracker(four)] == [1]
    tracker.close()
    assert [pose.id for pose in tracker(four)] == [2]


@pytest.mark.parametrize("height, width", [(32, 32), (1, 1), (3000, 4000), (20, 4000), (4000, 20)])
def test_blank_pictures_and_noise_of_any_size_have_no_hands(hands: Hands, height: int, width: int) -> None:
    blank = np.full((height, width, 3), 128, np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, blank.shape, dtype=np.uint8)
    assert hands.predict(blank, people=5) == []
    assert hands.predict(noise, people=5) == []


def test_a_hand_is_found_on_a_large_picture_where_it_is_on_a_small_one(hands: Hands, four: np.ndarray) -> None:
    (small,), (large,) = hands.predict(four), hands.predict(cv2.resize(four, (3000, 4000)))
    assert large.keypoints[:, :2] * (384 / 3000, 512 / 4000) == pytest.approx(small.keypoints[:, :2], abs=5)


def test_pictures_stay_as_they_were_and_may_be_read_only(hands: Hands, four: np.ndarray) -> None:
    picture = four.copy()
    poses = hands.predict(picture)
    assert np.array_equal(picture, four) and picture.flags.writeable
    picture.flags.writeable = False
    assert same(hands.predict(picture), poses)


@pytest.mark.parametrize("picture", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3))])
def test_what_is_no_rgb_picture_is_refused(hands: Hands, picture: np.ndarray) -> None:
    for call in (hands.predict, hands.tracker()):
        with pytest.raises(ValueError, match=r"uint8 \(H, W, 3\), got"):
            call(picture)


@pytest.mark.parametrize("people", [0, 6])
def test_one_to_five_people(hands: Hands, people: int) -> None:
    with pytest.raises(ValueError, match=f"1 to 5, got {people}"):
        hands.predict(np.zeros((9, 9, 3), np.uint8), people=people)
    with pytest.raises(ValueError, match=f"1 to 5, got {people}"):
        hands.tracker(people=people)


OUT = {"thumb": [(-3, 1), (-5, 2), (-7, 3), (-9, 4)]} | {
    finger: [(x, 8), (x, 11), (x, 13), (x, 15)] for x, finger in zip((-3, -1, 1, 3), FINGERS[1:], strict=True)
}
BENT = {"thumb": [(-3, 1), (-5, 3), (-3, 5), (-1, 5)]} | {
    finger: [(x, 8), (x, 11), (x, 9), (x, 7)] for x, finger in zip((-3, -1, 1, 3), FINGERS[1:], strict=True)
}


def hand(*out: str) -> Pose:
    """A palm with the wrist at (0, 0) and these fingers stretched out; the other fingers are folded back on
    themselves, the thumb laid across the palm."""
    points = [(0, 0)] + [point for finger in FINGERS for point in (OUT if finger in out else BENT)[finger]]
    return Pose(np.array([(x, y, 1) for x, y in points], np.float32), 1.0, "hand21", side="left")


@pytest.mark.parametrize("out", [(), FINGERS, ("thumb",), ("thumb", "pinky"), ("index finger", "middle finger")])
def test_fingers_stretched_out_are_up_however_the_hand_is_turned(out: tuple[str, ...]) -> None:
    for degrees, mirror in itertools.product((0, 33, 90, 180, 300), (1, -1)):
        angle = np.deg2rad(degrees)
        turn = 7 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        points = hand(*out).keypoints.copy()
        points[:, :2] = (points[:, :2] * (mirror, 1)) @ turn.T + (300, 200)
        turned = Pose(points, 1.0, "hand21")
        assert fingers_up(turned) == {finger: finger in out for finger in FINGERS}, (degrees, mirror)


@pytest.mark.parametrize("degrees, up", [(180, True), (135, True), (125, False), (90, False)])
def test_a_finger_is_up_from_130_degrees_at_its_middle_joint(degrees: float, up: bool) -> None:
    points = hand(*FINGERS).keypoints.copy()
    bend = np.deg2rad(degrees - 90)  # knuckle (-3, 8), joint (-3, 11): straight on is up
    for number, length in ((7, 2), (8, 4)):
        points[number, :2] = (-3 + length * np.cos(bend), 11 + length * np.sin(bend))
    assert fingers_up(Pose(points, 1.0, "hand21"))["index finger"] == up


def test_a_thumb_across_the_palm_is_not_up_though_it_is_straight() -> None:
    points = hand(*FINGERS).keypoints.copy()
    points[2:5, :2] = [(-3, 3), (-1, 4), (1, 5)]
    assert not fingers_up(Pose(points, 1.0, "hand21"))["thumb"]


def test_a_hand_squeezed_into_one_point_has_no_fingers_up() -> None:
    assert not any(fingers_up(Pose(np.ones((21, 3), np.float32), 1.0, "hand21")).values())


def test_only_hands_have_fingers() -> None:
    with pytest.raises(ValueError, match="got a body33"):
        fingers_up(Pose(np.zeros((33, 3), np.float32), 1.0))
