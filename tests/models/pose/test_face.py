"""Faces: where they are on real pictures, and that streams keep their own."""

import threading
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from skimage import data

from models.pose.face import Face, lines, load_face
from models.pose.poses import Pose
from models.pose.tracking.tracker import Tracker

# looked up by eye on the picture, in pixels: nose tip, between the teeth's edges and lips, pupils, chin
ON_ASTRONAUT = {1: (224, 130), 13: (223, 143), 14: (223, 150), 468: (204, 101), 473: (247, 103), 152: (222, 178)}


@pytest.fixture(scope="module")
def face() -> Face:
    return load_face(None, lambda text, part: None)


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut()


def shifted(rgb: np.ndarray, x: float, y: float = 0) -> np.ndarray:
    return cv2.warpAffine(rgb, np.array([[1, 0, x], [0, 1, y]], np.float32), rgb.shape[1::-1])


def xy(pose: Pose) -> np.ndarray:
    return pose.keypoints[:, :2]


def same(a: list[Pose], b: list[Pose]) -> bool:
    return [p.id for p in a] == [p.id for p in b] and all(
        np.array_equal(p.keypoints, q.keypoints) for p, q in zip(a, b, strict=True)
    )


def followed(tracker: Tracker, frames: list[np.ndarray]) -> list[list[Pose]]:
    """What it sees of 15 frames a second."""
    return [tracker(rgb, at=number / 15) for number, rgb in enumerate(frames)]


def test_nose_lips_pupils_and_chin_are_where_the_eye_sees_them(face: Face, astronaut: np.ndarray) -> None:
    (pose,) = face.predict(astronaut)
    assert (pose.kind, pose.id, pose.side) == ("face478", None, None)
    assert pose.score > 0.9
    for number, place in ON_ASTRONAUT.items():
        assert np.linalg.norm(xy(pose)[number] - place) < 4, number
    assert np.all(pose.keypoints[:, 2] == 1)
    assert (*xy(pose).min(0), *np.ptp(xy(pose), axis=0)) == pytest.approx((179, 69, 92, 109), abs=6)


def test_two_people_are_both_found_and_only_as_many_as_asked_for(face: Face, astronaut: np.ndarray) -> None:
    two = np.hstack([astronaut, astronaut[:, ::-1]])
    noses = sorted(float(xy(pose)[1, 0]) for pose in face.predict(two, people=2))
    assert noses == pytest.approx([224, 512 + 511 - 224], abs=4)
    assert len(face.predict(two)) == 1
    assert len(face.predict(two, people=5)) == 2, "nobody is found twice"


def test_in_a_mirror_the_head_turns_the_other_way(face: Face, astronaut: np.ndarray) -> None:
    turned = np.ascontiguousarray(astronaut[:, ::-1])
    mirrored = xy(face.predict(turned)[0])
    assert mirrored[1] == pytest.approx((511 - 224, 130), abs=4)
    assert mirrored[468, 0] < mirrored[473, 0], "the right eye is still on the left of the picture"


@pytest.mark.parametrize("height, width", [(32, 32), (1, 1), (3000, 4000), (20, 4000), (4000, 20)])
def test_blank_pictures_and_noise_of_any_size_have_no_faces(face: Face, height: int, width: int) -> None:
    blank = np.full((height, width, 3), 128, np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, blank.shape, dtype=np.uint8)
    assert face.predict(blank, people=5) == []
    assert face.predict(noise, people=5) == []


@pytest.mark.parametrize("size", [(4000, 3000), (32, 32)], ids=str)
def test_a_face_is_found_at_any_size(face: Face, astronaut: np.ndarray, size: tuple[int, int]) -> None:
    head = astronaut[30:230, 124:324]
    (pose,) = face.predict(cv2.resize(head, size, interpolation=cv2.INTER_AREA))
    nose = xy(pose)[1] / size * 200 + (124, 30)
    assert nose == pytest.approx(ON_ASTRONAUT[1], abs=7)


def test_a_face_is_found_in_a_banner_and_in_a_tower(face: Face, astronaut: np.ndarray) -> None:
    banner = np.zeros((160, 800, 3), np.uint8)
    banner[:, 500:700] = astronaut[40:200, 124:324]
    tower = np.zeros((900, 150, 3), np.uint8)
    tower[300:500] = astronaut[30:230, 150:300]
    for picture, nose in ((banner, (600, 90)), (tower, (74, 400))):
        (pose,) = face.predict(picture)
        assert xy(pose)[1] == pytest.approx(nose, abs=5)


@pytest.mark.parametrize(
    "picture",
    [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3), np.float32), np.zeros((0, 9, 3))],
)
def test_what_is_no_rgb_picture_is_refused(face: Face, picture: np.ndarray) -> None:
    for call in (face.predict, face.tracker()):
        with pytest.raises(ValueError, match=r"uint8 \(H, W, 3\), got"):
            call(picture)


@pytest.mark.parametrize("people", [0, 6, -1])
def test_one_to_five_people(face: Face, people: int, astronaut: np.ndarray) -> None:
    with pytest.raises(ValueError, match=f"1 to 5, got {people}"):
        face.predict(astronaut, people=people)
    with pytest.raises(ValueError, match=f"1 to 5, got {people}"):
        face.tracker(people=people)


def test_pictures_stay_as_they_were_and_may_be_read_only_or_sliced(face: Face, astronaut: np.ndarray) -> None:
    picture = astronaut.copy()
    writable = face.predict(picture)
    assert np.array_equal(picture, astronaut) and picture.flags.writeable
    picture.flags.writeable = False
    assert same(face.predict(picture), writable)
    sliced = np.dstack([astronaut, astronaut])[:, :, :3]
    assert not sliced.flags.c_contiguous
    assert same(face.predict(sliced), writable)


def test_stills_leave_nothing_behind(face: Face, astronaut: np.ndarray) -> None:
    before = face.predict(astronaut)
    face.predict(shifted(astronaut, 150))
    assert same(face.predict(astronaut), before)


def test_threads_get_the_answers_to_their_own_pictures(face: Face, astronaut: np.ndarray) -> None:
    pictures = [shifted(astronaut, 30 * n) for n in range(4)]
    alone = [face.predict(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert all(map(same, pool.map(face.predict, pictures), alone))


def test_ids_stay_with_a_face_that_moves_and_differ_between_faces(face: Face, astronaut: np.ndarray) -> None:
    two = np.hstack([astronaut, astronaut])
    tracker = face.tracker(people=2)
    places: dict[int, list[float]] = {}
    for step in range(15):
        for pose in tracker(shifted(two, 8 * step), at=step / 15):
            places.setdefault(pose.id or 0, []).append(float(xy(pose)[1, 0]) - 8 * step)
    assert sorted(places) == [1, 2]
    for xs in places.values():
        assert len(xs) >= 5 and np.ptp(xs) < 8, "who is small is searched by turns"


def test_a_newcomer_gets_a_new_id_and_the_first_keeps_theirs(face: Face, astronaut: np.ndarray) -> None:
    alone = np.hstack([astronaut, np.zeros_like(astronaut)])
    both = np.hstack([astronaut, astronaut])
    tracker = face.tracker(people=2)
    assert [pose.id for pose in followed(tracker, [alone] * 4)[-1]] == [1]
    assert [pose.id for pose in [tracker(both, at=(4 + n) / 15) for n in range(12)][-1]] == [1, 2]


def test_who_is_hidden_for_a_moment_keeps_their_id_and_for_long_does_not(face: Face, astronaut: np.ndarray) -> None:
    blank = np.zeros_like(astronaut)
    tracker = face.tracker()
    assert [pose.id for pose in tracker(astronaut, at=0.0)] == [1]
    assert [tracker(blank, at=0.1 + n / 15) for n in range(5)] == [[]] * 5
    assert [pose.id for pose in tracker(astronaut, at=0.5)] == [1]
    assert [tracker(blank, at=0.6 + n / 10) for n in range(12)] == [[]] * 12
    assert [pose.id for pose in tracker(astronaut, at=1.9)] == [2]


def test_trackers_in_turns_see_what_each_would_see_alone(face: Face, astronaut: np.ndarray) -> None:
    one = [shifted(astronaut, 5 * n) for n in range(6)]
    other = [shifted(astronaut, 200 - 9 * n, 3 * n) for n in range(6)]
    alone = [followed(face.tracker(), frames) for frames in (one, other)]
    a, b = face.tracker(), face.tracker()
    in_turns = [(a(x, at=n / 15), b(y, at=n / 15)) for n, (x, y) in enumerate(zip(one, other, strict=True))]
    for n, (x, y) in enumerate(in_turns):
        assert same(x, alone[0][n]) and same(y, alone[1][n])


def test_trackers_on_threads_of_their_own_do_not_mix(face: Face, astronaut: np.ndarray) -> None:
    streams = [[shifted(astronaut, 40 * k + 4 * n) for n in range(5)] for k in range(3)]
    alone = [followed(face.tracker(), frames) for frames in streams]
    start = threading.Barrier(3)

    def run(frames: list[np.ndarray]) -> list[list[Pose]]:
        tracker = face.tracker()
        start.wait(120)
        return followed(tracker, frames)

    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(run, streams))
    assert all(same(x, y) for a, b in zip(together, alone, strict=True) for x, y in zip(a, b, strict=True))


def test_smoothing_stills_the_trembling_and_still_follows(face: Face, astronaut: np.ndarray) -> None:
    rng = np.random.default_rng(3)
    trembling = [shifted(astronaut, *rng.normal(0, 0.7, 2)) for _ in range(20)]

    def wobble(smooth: bool) -> float:
        tracker = face.tracker(smooth=smooth)
        return float(np.std([xy(poses[0]) for poses in followed(tracker, trembling)][5:], axis=0).mean())

    assert wobble(True) < 0.9 * wobble(False)
    tracker = face.tracker()
    moving = followed(tracker, [shifted(astronaut, 10 * n) for n in range(8)])
    assert xy(moving[-1][0])[1, 0] == pytest.approx(224 + 70, abs=6), "it lags by less than a frame"


def test_a_tracker_survives_a_change_of_size_in_mid_stream(face: Face, astronaut: np.ndarray) -> None:
    tracker = face.tracker()
    for side in (512, 512, 256, 256, 384):
        (pose,) = tracker(cv2.resize(astronaut, (side, side)))
        assert pose.id == 1
        assert xy(pose)[1] / side * 512 == pytest.approx(ON_ASTRONAUT[1], abs=5)
    upright = np.ascontiguousarray(astronaut[:, 100:388])
    (pose,) = [tracker(upright) for _ in range(4)][-1]
    assert xy(pose)[1] + (100, 0) == pytest.approx(ON_ASTRONAUT[1], abs=5), "another shape, too"


def test_a_closed_tracker_has_forgotten_everybody(face: Face, astronaut: np.ndarray) -> None:
    tracker = face.tracker()
    tracker(astronaut)
    tracker.close()
    tracker.close()
    assert [pose.id for pose in tracker(astronaut)] == [2]


@pytest.mark.parametrize("kind, points", [("face468", 468), ("face478", 478)])
def test_lines_join_points_of_the_mesh_each_once(kind: str, points: int) -> None:
    irises = 8 if points == 478 else 0
    table = lines(kind)
    assert len(set(table)) == len(table) == 124 + irises
    assert all(0 <= a < b < points for a, b in table)
    assert {(78, 191), (33, 246)} <= set(table), "the corners of mouth and eye"


def test_other_lines_there_are_none() -> None:
    with pytest.raises(ValueError, match="got body33"):
        lines("body33")
