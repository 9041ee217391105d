"""A stream's memory: ids stay with people, smoothing takes tremble and not movement, and nothing outlives its time.

The model here is a script of what it sees; real pictures go through the tracker in test_pose.py.
"""

import numpy as np
import pytest

from models.pose.body_graphs import Seen
from models.pose.body_tracker import MAX_GAP_S, MAX_LOST_S, PoseTracker, Sighting, distance
from models.pose.poses import Pose

FRAME = np.zeros((480, 640, 3), np.uint8)
SMALL = np.zeros((240, 320, 3), np.uint8)
SIZE = 250.0  # of a person whose circle has radius 100


def person(x: float, y: float = 240.0, score: float = 0.9) -> Seen:
    """Somebody with all points within 20 pixels of (x, y), and a circle of radius 100."""
    spread = np.linspace(-20, 20, 33)
    keypoints = np.column_stack((x + spread, y - spread, np.full(33, score))).astype(np.float32)
    return Seen(Pose(keypoints, 0.9), np.array([[x, y], [x, y - 100]], np.float32))


class Script:
    """Sees what it is told, frame by frame, and keeps what it was asked."""

    def __init__(self, *frames: list[Seen | tuple[Seen, int]]) -> None:
        self.frames = [[Sighting(*one) if isinstance(one, tuple) else Sighting(one) for one in f] for f in frames]
        self.asked: list[list[np.ndarray]] = []
        self.turns: list[int] = []

    def inspect(self, rgb, people, followed, turn):
        self.asked.append(list(followed))
        self.turns.append(turn)
        return self.frames[len(self.asked) - 1]


def ids(poses: list[Pose]) -> dict[int, int]:
    """Where each id is, by x in pixels."""
    return {pose.id: round(float(pose.keypoints[:, 0].mean())) for pose in poses}


def test_a_still_persons_tremble_is_taken_and_a_jump_is_followed() -> None:
    rng = np.random.default_rng(0)
    trembling = [[(person(300 + rng.normal(0, 0.5)), 0)] for _ in range(60)]
    jumped = [[(person(420 + rng.normal(0, 0.5)), 0)] for _ in range(3)]
    frames = [[person(300)], *trembling, *jumped]
    smooth, raw = PoseTracker(Script(*frames)), PoseTracker(Script(*frames), smooth=False)
    paths = [
        np.array([tracker(FRAME, at=number / 30)[0].keypoints[0, 0] for number in range(len(frames))])
        for tracker in (smooth, raw)
    ]
    jitter, raw_jitter = (np.abs(np.diff(path[20:60])).mean() for path in paths)
    assert jitter < 0.5 * raw_jitter
    assert abs(paths[0][-1] - paths[1][-1]) < 6, "after a jump of 120 pixels the points are there in three frames"


def test_visibility_is_smoothed_by_time_and_not_by_frame() -> None:
    def after(frames: int, rate: float) -> float:
        script = Script([person(300, score=0.0)], *([[(person(300, score=1.0), 0)]] * frames))
        tracker = PoseTracker(script)
        return [tracker(FRAME, at=number / rate)[0].keypoints[5, 2] for number in range(frames + 1)][-1]

    assert after(30, 30) == pytest.approx(after(4, 4), abs=1e-3), "a second is a second"
    assert 0.9 < after(30, 30) < 1


def test_two_people_who_change_places_in_the_list_keep_their_ids() -> None:
    tracker = PoseTracker(Script([person(150), person(450)], [person(455), person(155)], [person(160), person(460)]), 2)
    assert ids(tracker(FRAME, at=0.0)) == {1: 150, 2: 450}
    assert set(ids(tracker(FRAME, at=0.1))) == {1, 2}
    near = ids(tracker(FRAME, at=0.2))
    assert near[1] == pytest.approx(160, abs=5) and near[2] == pytest.approx(460, abs=5)


def test_the_nearest_pair_is_matched_first() -> None:
    # the newcomer at 190 is nearer to the first person than to the second, who is nearer to the one at 215
    tracker = PoseTracker(Script([person(180), person(230)], [], [person(215), person(190)]), 2, smooth=False)
    tracker(FRAME, at=0.0)
    assert tracker(FRAME, at=0.1) == []
    assert ids(tracker(FRAME, at=0.2)) == {1: 190, 2: 215}


def test_somebody_lost_for_a_moment_is_known_again_and_somebody_elsewhere_is_new() -> None:
    tracker = PoseTracker(Script([person(200)], [], [person(220)], [], [person(500)]), smooth=False)
    assert ids(tracker(FRAME, at=0.0)) == {1: 200}
    assert tracker(FRAME, at=0.3) == []
    assert ids(tracker(FRAME, at=0.6)) == {1: 220}
    assert tracker(FRAME, at=0.9) == []
    assert ids(tracker(FRAME, at=1.2)) == {2: 500}


def test_somebody_lost_for_long_comes_back_as_somebody_new() -> None:
    tracker = PoseTracker(Script([person(200)], [], [], [person(200)]))
    at = [0.0, 0.6 * MAX_LOST_S, 1.2 * MAX_LOST_S, 1.5 * MAX_LOST_S]
    assert [list(ids(tracker(FRAME, at=t))) for t in at] == [[1], [], [], [2]]


def test_a_pause_of_the_stream_starts_afresh() -> None:
    script = Script([person(200)], [person(210)], [person(400)])
    tracker = PoseTracker(script)
    tracker(FRAME, at=0.0)
    again = tracker(FRAME, at=MAX_GAP_S + 0.1)
    assert ids(again) == {2: 210}, "neither the id nor the smoothing survives"
    assert script.asked[1] == [], "nor where to look"
    assert ids(tracker(FRAME, at=0.0)) == {3: 400}, "time that runs backwards is another recording"


def test_the_next_look_is_where_they_were() -> None:
    script = Script([person(200), person(400)], [(person(402), 1)], [])
    tracker = PoseTracker(script, 2, smooth=False)
    tracker(FRAME, at=0.0)
    poses = tracker(FRAME, at=0.1)
    tracker(FRAME, at=0.2)
    assert [tuple(circle[0]) for circle in script.asked[1]] == [(200, 240), (400, 240)]
    assert ids(poses) == {2: 402}
    assert len(script.asked[2]) == 1, "somebody who was lost is not followed"
    assert script.turns == [0, 1, 2]


def test_a_frame_of_another_size_moves_what_is_remembered_along() -> None:
    script = Script([person(200)], [(person(100, 120), 0)])
    tracker = PoseTracker(script)
    tracker(FRAME, at=0.0)
    pose = tracker(SMALL, at=1 / 30)[0]
    assert script.asked[1][0] == pytest.approx(np.array([[100, 120], [100, 70]]))
    assert pose.id == 1
    assert pose.keypoints[:, 0].mean() == pytest.approx(100, abs=0.5), "no pull towards pixels of the larger frame"


def test_a_turned_phone_starts_afresh() -> None:
    script = Script([person(200)], [person(200)])
    tracker = PoseTracker(script)
    tracker(FRAME, at=0.0)
    assert ids(tracker(np.zeros((640, 480, 3), np.uint8), at=0.1)) == {2: 200}
    assert script.asked[1] == []


def test_closing_forgets_everybody() -> None:
    script = Script([person(200)], [person(200)])
    tracker = PoseTracker(script)
    tracker(FRAME, at=0.0)
    tracker.close()
    tracker.close()
    assert ids(tracker(FRAME, at=0.1)) == {2: 200}


def test_distance_is_in_parts_of_the_smaller_persons_size() -> None:
    assert distance(person(100), person(125)) == pytest.approx(25 / SIZE)
    small = Seen(person(100).pose, np.array([[100, 240], [100, 190]], np.float32))
    assert distance(small, person(125)) == pytest.approx(50 / SIZE)
