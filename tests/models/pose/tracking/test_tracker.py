"""A stream's memory: ids stay with people, smoothing takes tremble and not movement, and nothing outlives its time.

The landmarkers here are a script of what they see; real pictures go through the tracker in the kinds' own tests.
"""

import gc
import weakref
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from models.pose.poses import Pose
from models.pose.tracking.tracker import MAX_GAP_S, MAX_LOST_S, Tracker

FRAME = np.zeros((480, 640, 3), np.uint8)
SMALL = np.zeros((240, 320, 3), np.uint8)


def person(x: float, y: float = 240.0, score: float = 0.9) -> Pose:
    """Somebody whose points lie on a cross of 200 × 200 pixels around (x, y)."""
    spread = np.linspace(-100, 100, 33)
    return Pose(np.column_stack((x + spread, y - spread, np.full(33, score))).astype(np.float32), 0.9)


def hand(side: str, score: float = 1.0) -> Pose:
    spread = np.linspace(-50, 50, 21)
    return Pose(
        np.column_stack((300 + spread, 200 + spread, np.ones(21))).astype(np.float32), score, "hand21", side=side
    )


class Landmarker:
    """Sees what the test says, frame by frame, and records the times of its calls."""

    def __init__(self, frames: list[list[Pose]]) -> None:
        self.frames, self.times, self.closed = frames, [], False

    def __call__(self, rgb: np.ndarray, at_ms: int) -> list[Pose]:
        self.times.append(at_ms)
        return self.frames[min(len(self.times), len(self.frames)) - 1]

    def close(self) -> None:
        self.closed = True


class Finder:
    """What a tracker asks of a finder. `there`: who is too small for the whole picture, by the part that shows them."""

    search_every = 1

    def __init__(self, *frames: list[Pose], calms_one: bool = False) -> None:
        self.landmarker = Landmarker(list(frames))
        self.kind = SimpleNamespace(calms_one=calms_one)
        self.there: Callable[[tuple[int, int, int, int]], list[Pose]] = lambda region: []
        self.around: Callable[[Pose], Pose | None] = lambda pose: None
        self.asked: list[tuple[int, int, int, int]] = []

    def stream(self, count: int, masks: bool) -> Landmarker:
        return self.landmarker

    def searches_parts(self, count: int) -> bool:
        return count > 1

    def follows_by_crops(self, count: int) -> bool:
        return False

    def look(self, rgb: np.ndarray, region: tuple[int, int, int, int]) -> list[Pose]:
        self.asked.append(region)
        return self.there(region)

    def look_around(self, rgb: np.ndarray, pose: Pose, masks: bool) -> Pose | None:
        return self.around(pose)

    def confirm(self, rgb: np.ndarray, pose: Pose) -> Pose | None:
        return pose


def tracked(finder: Finder, count: int = 1, smooth: bool = False) -> Tracker:
    return Tracker(finder, count, smooth=smooth)  # type: ignore[arg-type]


def ids(poses: list[Pose]) -> dict[int | None, int]:
    """Where each id is, by x in pixels."""
    return {pose.id: round(float(pose.keypoints[:, 0].mean())) for pose in poses}


def test_two_people_who_change_places_in_the_list_keep_their_ids() -> None:
    tracker = tracked(Finder([person(150), person(450)], [person(455), person(155)], [person(160), person(460)]), 2)
    assert ids(tracker(FRAME, at=0.0)) == {1: 150, 2: 450}
    assert ids(tracker(FRAME, at=0.1)) == {1: 155, 2: 455}
    assert ids(tracker(FRAME, at=0.2)) == {1: 160, 2: 460}


def test_the_nearest_pair_is_matched_first() -> None:
    # the newcomer at 190 is nearer to the first person than to the second, who is nearer to the one at 225
    tracker = tracked(Finder([person(170), person(230)], [], [person(225), person(190)]), 2)
    tracker(FRAME, at=0.0)
    tracker(FRAME, at=0.1)
    assert ids(tracker(FRAME, at=0.2)) == {1: 190, 2: 225}


def test_somebody_far_away_is_somebody_else() -> None:
    tracker = tracked(Finder([person(100)], [person(500)]))
    assert ids(tracker(FRAME, at=0.0)) == {1: 100}
    assert ids(tracker(FRAME, at=0.1)) == {2: 500}


@pytest.mark.parametrize(("away", "number"), [(MAX_LOST_S - 0.1, 1), (MAX_LOST_S + 0.1, 2)])
def test_who_comes_back_soon_keeps_the_id(away: float, number: int) -> None:
    tracker = tracked(Finder([person(100)], [], [person(110)]))
    tracker(FRAME, at=0.0)
    assert tracker(FRAME, at=away / 2) == []
    assert list(ids(tracker(FRAME, at=away))) == [number]


@pytest.mark.parametrize("gap", [MAX_GAP_S + 0.1, -MAX_GAP_S - 0.1, float("inf")])
def test_after_a_gap_or_in_another_recording_everybody_is_new(gap: float) -> None:
    tracker = tracked(Finder([person(100)], [person(100)]))
    tracker(FRAME, at=100.0)
    assert list(ids(tracker(FRAME, at=100.0 + gap))) == [2]


def test_whatever_times_frames_come_at_mediapipes_rise_and_ids_stay() -> None:
    finder = Finder([person(100)])
    tracker = tracked(finder, smooth=True)
    poses = [tracker(FRAME, at=at) for at in (5.0, 5.0, 4.9, 4.95, 3.5, 3.6, 3.6001, 4.1)]
    assert [pose.id for (pose,) in poses] == [1] * 8
    times = finder.landmarker.times
    assert times == sorted(set(times))
    assert all(np.isfinite(pose.keypoints).all() for (pose,) in poses)


def test_a_still_persons_tremble_is_taken_and_a_jump_is_followed() -> None:
    rng = np.random.default_rng(0)
    frames = [[person(300)], *([person(300 + rng.normal(0, 0.5))] for _ in range(60)), *([[person(340)]] * 3)]
    paths = [
        np.array([tracker(FRAME, at=number / 30)[0].keypoints[0, 0] for number in range(len(frames))])
        for tracker in (tracked(Finder(*frames), smooth=True), tracked(Finder(*frames)))
    ]
    jitter, raw_jitter = (np.abs(np.diff(path[20:60])).mean() for path in paths)
    assert jitter < 0.5 * raw_jitter
    assert abs(paths[0][-1] - paths[1][-1]) < 6


def test_what_mediapipe_calms_is_not_calmed_again() -> None:
    frames = [person(300)], [person(304)]
    calmed, ours = (tracked(Finder(*frames, calms_one=calms), smooth=True) for calms in (True, False))
    after = [[float(tracker(FRAME, at=n / 30)[0].keypoints[0, 0]) for n in range(2)][-1] for tracker in (calmed, ours)]
    assert after[0] == 204 and 200 < after[1] < 204


def test_another_size_of_the_same_picture_is_the_same_stream_and_a_turned_phone_is_not() -> None:
    half = person(100)
    half.keypoints[:, :2] = person(200).keypoints[:, :2] / 2
    tracker = tracked(Finder([person(200)], [half], [half]), smooth=True)
    assert ids(tracker(FRAME, at=0.0)) == {1: 200}
    assert ids(tracker(SMALL, at=0.1)) == {1: 100}
    assert ids(tracker(SMALL.transpose(1, 0, 2).copy(), at=0.2)) == {2: 100}


def test_one_doubtful_frame_does_not_swap_the_sides_and_many_do() -> None:
    tracker = tracked(Finder([hand("right")], *([[hand("left")]] * 5)), smooth=True)
    sides = [tracker(FRAME, at=number / 15)[0].side for number in range(6)]  # 1, 0.8, 0.64, 0.51, 0.41, 0.33
    assert sides == ["right", "right", "right", "right", "left", "left"]


def test_who_is_too_small_is_found_in_a_part_and_followed_by_a_crop() -> None:
    small = person(450)
    finder = Finder([person(150)])
    finder.there = lambda region: [small] if region[0] > 200 and not finder.around(small) else []
    tracker = tracked(finder, 2)
    counts = [len(tracker(FRAME, at=number / 15)) for number in range(20)]
    assert counts[-1] in (1, 2) and 2 in counts
    finder.around = lambda pose: person(float(pose.keypoints[:, 0].mean()) + 5)
    seen = [ids(tracker(FRAME, at=2 + number / 15)) for number in range(20)]
    finder.there = lambda region: []
    finder.asked.clear()
    seen = [ids(tracker(FRAME, at=4 + number / 15)) for number in range(5)]
    assert all(len(one) == 2 for one in seen), "followed though no part is searched any more"
    assert len({next(number for number in one if number != 1) for one in seen}) == 1
    assert finder.asked == [], "with both in sight nothing is searched"


def test_only_the_regions_worth_a_search_are_searched() -> None:
    finder = Finder([])
    tracker = tracked(finder, 2)
    for number in range(4):
        tracker(FRAME, at=number / 15, regions=[(1, 2, 99, 99), (3, 4, 99, 99)])
    tracker(FRAME, at=1.0, regions=[])
    assert set(finder.asked) == {(1, 2, 99, 99), (3, 4, 99, 99)} and len(finder.asked) == 4


def test_one_person_is_searched_in_the_whole_only() -> None:
    finder = Finder([])
    tracked(finder)(FRAME, at=0.0)
    assert finder.asked == []


def test_a_closed_tracker_gives_its_landmarker_back_and_counts_on() -> None:
    finder = Finder([person(100)])
    tracker = tracked(finder)
    tracker(FRAME, at=0.0)
    tracker.close()
    assert finder.landmarker.closed
    assert list(ids(tracker(FRAME, at=0.1))) == [2]


def test_a_dropped_tracker_is_collected() -> None:
    tracker = tracked(Finder([person(100)]))
    tracker(FRAME, at=0.0)
    gone = weakref.ref(tracker)
    del tracker
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("picture", [FRAME[..., 0], FRAME.astype(np.float32), FRAME[:0]])
def test_what_is_no_picture_is_refused(picture: np.ndarray) -> None:
    with pytest.raises(ValueError, match="uint8"):
        tracked(Finder([]))(picture)
