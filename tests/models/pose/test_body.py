"""Body poses of real pictures: the right points of the right people, one or several, on stills and on streams."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from models.cache import ModelCache
from models.catalog import CATALOG
from models.errors import ModelFailed
from models.pose.body import BlazePose, load_blazepose
from models.pose.poses import Pose
from models.pose.skeletons import SKELETONS
from models.runtime.engine import Engine
from models.runtime.weights import WeightsFile

PLACES = {  # of the astronaut, 512×512, read off the picture by eye: x, y and how exact that is
    "nose": (223, 125, 8),
    "left eye": (249, 112, 8),
    "right eye": (205, 104, 8),
    "left ear": (268, 123, 14),
    "right ear": (190, 108, 14),
    "mouth (left)": (233, 154, 10),
    "left shoulder": (308, 255, 30),
    "right shoulder": (113, 240, 30),
}


def nothing(stage: str, fraction: float | None) -> None:
    pass


@pytest.fixture(scope="module")
def model() -> BlazePose:
    return load_blazepose(None, nothing)


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut()


@pytest.fixture(scope="module")
def two(astronaut: np.ndarray) -> np.ndarray:
    """Two astronauts side by side, 640×480, each 160 high: a third of the picture."""
    picture = np.full((480, 640, 3), 90, np.uint8)
    small = cv2.resize(astronaut, (160, 160), interpolation=cv2.INTER_AREA)
    picture[160:320, 100:260] = small
    picture[200:360, 400:560] = small[:, ::-1]
    return picture


def noses(poses: list[Pose]) -> list[tuple[float, float]]:
    """From left to right, in pixels."""
    return sorted(tuple(pose.keypoints[0, :2].tolist()) for pose in poses)


def check_places(pose: Pose, scale: float = 1.0) -> None:
    for name, (x, y, exact) in PLACES.items():
        found = pose.keypoints[SKELETONS["body33"].names.index(name)]
        assert np.hypot(found[0] - x * scale, found[1] - y * scale) <= exact * scale, name
        assert found[2] > 0.9, f"{name} is in plain sight"


def same(some: list[Pose], others: list[Pose]) -> bool:
    return len(some) == len(others) and all(
        a.id == b.id and a.score == b.score and np.array_equal(a.keypoints, b.keypoints)
        for a, b in zip(some, others, strict=True)
    )


def test_one_person_has_their_points_where_they_are(model: BlazePose, astronaut: np.ndarray) -> None:
    (pose,) = model.predict(astronaut)
    check_places(pose)
    assert pose.kind == "body33" and pose.id is None and pose.side is None
    assert 0.5 < pose.score <= 1
    ankle = pose.keypoints[SKELETONS["body33"].names.index("left ankle")]
    assert ankle[1] > 512 and ankle[2] < 0.1, "her feet are below the picture, and it says so"


def test_two_people_each_a_third_of_the_height_are_both_found(model: BlazePose, two: np.ndarray) -> None:
    left, right = noses(model.predict(two, people=2))
    assert left == pytest.approx((100 + 223 * 160 / 512, 160 + 125 * 160 / 512), abs=6)
    assert right == pytest.approx((400 + (512 - 223) * 160 / 512, 200 + 125 * 160 / 512), abs=6)


def test_nobody_is_found_twice_however_many_are_asked_for(
    model: BlazePose, astronaut: np.ndarray, two: np.ndarray
) -> None:
    assert len(model.predict(astronaut, people=5)) == 1
    assert len(model.predict(np.hstack((astronaut, astronaut)), people=5)) == 2
    scores = [pose.score for pose in model.predict(two, people=5)]
    assert len(scores) == 2 and scores == sorted(scores, reverse=True)


CROWD = ((10, 20), (220, 20), (430, 20), (110, 260), (320, 260))


@pytest.fixture(scope="module")
def crowd(astronaut: np.ndarray) -> np.ndarray:
    """Five astronauts in 640×480, each 200 high, at CROWD: in the whole picture the detector is sure of one."""
    picture, small = (
        np.full((480, 640, 3), 90, np.uint8),
        cv2.resize(astronaut, (200, 200), interpolation=cv2.INTER_AREA),
    )
    for x, y in CROWD:
        picture[y : y + 200, x : x + 200] = small
    return picture


def who_of_the_crowd(poses: list[Pose]) -> list[int]:
    return [int(np.argmin([np.hypot(x - a - 87, y - b - 49) for a, b in CROWD])) for x, y in noses(poses)]


def test_people_of_whom_the_detector_is_in_doubt_are_looked_at_twice(model: BlazePose, crowd: np.ndarray) -> None:
    poses = model.predict(crowd, people=5)
    assert len(poses) >= 4, "the detector is sure of three"
    assert len(set(who_of_the_crowd(poses))) == len(poses), "each is another person"


def test_a_stream_finds_a_crowd_and_stays_with_it(model: BlazePose, crowd: np.ndarray) -> None:
    tracker = model.tracker(people=5)
    seen = [tracker(crowd, at=step / 15) for step in range(24)]
    assert min(map(len, seen[16:])) >= 4, "nobody is lost again"
    assert len(set(who_of_the_crowd(seen[-1]))) == len(seen[-1]), "each is another person"


def test_world_points_are_metres_around_the_hips_with_y_down(model: BlazePose, astronaut: np.ndarray) -> None:
    for (pose,) in (model.predict(astronaut), model.tracker()(astronaut, at=0.0)):
        assert pose.world is not None and pose.world.shape == (33, 3)
        nose, left, right, *hips = pose.world[[0, 11, 12, 23, 24]]
        assert np.abs(np.mean(hips, axis=0)).max() < 0.05
        assert -0.9 < nose[1] < -0.4, "about so far above her hips"
        assert 0.2 < left[0] - right[0] < 0.5, "her left is on the picture's right"
        assert nose[2] < left[2], "her face is nearer to the camera"


def test_a_mask_covers_the_person_and_only_where_asked_for(model: BlazePose, astronaut: np.ndarray) -> None:
    assert model.predict(astronaut)[0].mask is None and model.tracker()(astronaut, at=0.0)[0].mask is None
    wide = np.hstack((astronaut, np.full_like(astronaut, 90)))
    for (pose,) in (model.predict(wide, masks=True), model.tracker(masks=True)(wide, at=0.0)):
        assert pose.mask is not None and pose.mask.shape == (512, 1024) and pose.mask.dtype == np.uint8
        assert pose.mask[125, 223] > 200 and pose.mask[400, 200] > 200, "her face and her suit"
        assert pose.mask[:, 600:].max() < 50 and pose.mask[20, 20] < 50


def test_asked_for_one_gives_one(model: BlazePose, two: np.ndarray) -> None:
    assert len(model.predict(two)) == len(model.predict(two, people=1)) == 1


@pytest.mark.parametrize("people", [0, 6, -1])
def test_one_to_five_people(model: BlazePose, astronaut: np.ndarray, people: int) -> None:
    for call in (lambda: model.predict(astronaut, people), lambda: model.tracker(people)):
        with pytest.raises(ValueError, match="1 to 5"):
            call()


def test_pictures_of_nobody_have_no_poses(model: BlazePose) -> None:
    rng = np.random.default_rng(0)
    ramp = np.linspace(0, 255, 640).astype(np.uint8)
    for name, picture in {
        "black": np.zeros((480, 640, 3), np.uint8),
        "white": np.full((480, 640, 3), 255, np.uint8),
        "noise": rng.integers(0, 256, (480, 640, 3), dtype=np.uint8),
        "ramp": np.broadcast_to(ramp[None, :, None], (480, 640, 3)),
        "cat": data.chelsea(),
        "coffee": data.coffee(),
        "rocket": data.rocket(),
        "text": np.dstack([data.text()] * 3),
        "cells": np.dstack([data.cell()] * 3),
    }.items():
        assert model.predict(picture) == [], name
        if name in ("noise", "cat"):  # closer looks cost seconds
            assert model.predict(picture, people=5) == [], name


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (4000, 40), (40, 4000), (1, 1)])
def test_a_picture_of_any_size_is_answered(model: BlazePose, astronaut: np.ndarray, size: tuple[int, int]) -> None:
    picture = cv2.resize(astronaut, size)
    assert len(model.predict(picture)) <= len(model.predict(picture, people=5)) <= 1


@pytest.mark.parametrize("side", [96, 255, 1024, 3000])
def test_the_same_picture_in_another_size_has_the_same_points(
    model: BlazePose, astronaut: np.ndarray, side: int
) -> None:
    way = cv2.INTER_AREA if side < 512 else cv2.INTER_LINEAR
    (pose,) = model.predict(cv2.resize(astronaut, (side, side), interpolation=way))
    (original,) = model.predict(astronaut)
    trunk = [0, 2, 5, 9, 10, 11, 12]
    assert np.abs(pose.keypoints[trunk, :2] / side - original.keypoints[trunk, :2] / 512).max() < 0.03


def test_a_large_wide_picture_is_answered_in_its_own_pixels(model: BlazePose, astronaut: np.ndarray) -> None:
    picture = np.full((3000, 4000, 3), 120, np.uint8)
    picture[:, 500:3500] = cv2.resize(astronaut, (3000, 3000))
    ((x, y),) = noses(model.predict(picture))
    assert (x, y) == pytest.approx((500 + 223 * 3000 / 512, 125 * 3000 / 512), abs=60)


def test_a_picture_is_only_borrowed(model: BlazePose, astronaut: np.ndarray) -> None:
    locked = astronaut.copy()
    locked.flags.writeable = False
    view = np.hstack((astronaut, astronaut))[:, 256:768][:, ::-1]  # not contiguous, and backwards
    assert same(model.predict(locked), model.predict(astronaut))
    assert same(model.predict(view, 2), model.predict(view.copy(), 2))
    model.tracker(2)(locked)
    assert np.array_equal(locked, astronaut)


def test_many_threads_get_what_one_gets(model: BlazePose, astronaut: np.ndarray, two: np.ndarray) -> None:
    pictures = [astronaut, two, astronaut[:400], np.zeros((99, 77, 3), np.uint8)]
    alone = [model.predict(picture, 2) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda number: model.predict(pictures[number % 4], 2), range(8)))
    assert all(same(poses, alone[number % 4]) for number, poses in enumerate(together))


def moving(astronaut: np.ndarray, frames: int = 8) -> list[np.ndarray]:
    """A camera that pans over her, 400×400."""
    return [np.ascontiguousarray(astronaut[:400, 8 * step : 400 + 8 * step]) for step in range(frames)]


def test_a_stream_follows_a_person_who_moves(model: BlazePose, astronaut: np.ndarray) -> None:
    tracker = model.tracker()
    for step, rgb in enumerate(moving(astronaut)):
        (pose,) = tracker(rgb, at=step / 15)
        assert pose.id == 1
        assert pose.keypoints[0, :2] == pytest.approx((223 - 8 * step, 125), abs=14)


def test_streams_in_turns_get_exactly_what_they_get_alone(
    model: BlazePose, astronaut: np.ndarray, two: np.ndarray
) -> None:
    first, second = moving(astronaut), [np.roll(two, 3 * step, axis=1) for step in range(8)]
    a, b = model.tracker(), model.tracker(people=3)
    alone = [[a(rgb, at=step / 15) for step, rgb in enumerate(first)]]
    alone.append([b(rgb, at=step / 15) for step, rgb in enumerate(second)])
    c, d = model.tracker(), model.tracker(people=3)
    for step in range(8):
        assert same(c(first[step], at=step / 15), alone[0][step])
        assert same(d(second[step], at=step / 15), alone[1][step])
    assert len(alone[1][-1]) == 2 and len(alone[0][-1]) == 1


def test_two_people_on_a_stream_keep_their_ids(model: BlazePose, two: np.ndarray) -> None:
    tracker = model.tracker(people=4)
    seen: dict[int, list[float]] = {}
    for step in range(14):
        for pose in tracker(np.roll(two, 4 * step, axis=1), at=step / 15):
            seen.setdefault(pose.id, []).append(float(pose.keypoints[0, 0]) - 4 * step)
    assert set(seen) == {1, 2}, "nobody is counted twice while free places are searched for"
    assert all(len(path) >= 7 and np.ptp(path) < 25 for path in seen.values())


def test_somebody_who_comes_is_found_and_somebody_who_goes_is_not_kept(model: BlazePose, two: np.ndarray) -> None:
    one = two.copy()
    one[:, 320:] = 90
    tracker = model.tracker(people=2)
    counts = [len(tracker(rgb, at=step / 15)) for step, rgb in enumerate([one] * 3 + [two] * 12 + [one] * 3)]
    assert counts[:3] == [1, 1, 1] and counts[14] == 2 and counts[-1] == 1


def test_smoothing_takes_the_tremble_of_a_noisy_still(model: BlazePose, astronaut: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    frames = [np.clip(astronaut + rng.normal(0, 12, astronaut.shape), 0, 255).astype(np.uint8) for _ in range(14)]
    jitter = []
    for smooth in (True, False):
        tracker = model.tracker(smooth=smooth)
        path = np.array([tracker(rgb, at=step / 30)[0].keypoints[:13, :2] for step, rgb in enumerate(frames)])
        jitter.append(float(np.linalg.norm(np.diff(path[4:], axis=0), axis=2).mean()))
    assert jitter[0] < 0.7 * jitter[1]


def test_a_jump_is_followed_at_once(model: BlazePose, astronaut: np.ndarray) -> None:
    picture = np.full((512, 1024, 3), 90, np.uint8)
    here, there = picture.copy(), picture.copy()
    here[:, :512], there[:, 480:992] = astronaut, astronaut
    tracker = model.tracker()
    for step in range(3):
        tracker(here, at=step / 30)
    for step in range(3, 6):
        poses = tracker(there, at=step / 30)
    assert len(poses) == 1
    assert poses[0].keypoints[0, :2] == pytest.approx((480 + 223, 125), abs=15)


def test_a_tracker_is_what_an_engines_stream_calls(model: BlazePose, astronaut: np.ndarray) -> None:
    engine = Engine(model.predict)
    done = threading.Event()
    tracker = model.tracker()

    def predict(rgb: np.ndarray) -> list[Pose]:
        poses = tracker(rgb)
        done.set()
        return poses

    with engine.open(predict=predict) as stream:
        stream.offer(astronaut)
        assert done.wait(120)
        while (result := stream.latest()) is None:
            time.sleep(0.01)
    engine.stop()
    assert result.error is None and result.value[0].id == 1


def test_a_task_file_that_is_none_does_not_load(tmp_path: Path) -> None:
    path = tmp_path / "broken.task"
    path.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises((OSError, RuntimeError, ValueError)):
        load_blazepose(path, nothing)
    row = CATALOG["pose-landmarker-lite"]
    broken = replace(row, file=WeightsFile("http://127.0.0.1:9/x.task", "0" * 64, path.stat().st_size, "broken.task"))
    with pytest.raises(ModelFailed, match=row.title):
        ModelCache(10**9, folder=tmp_path, catalog={row.name: broken}).get(row.name)
