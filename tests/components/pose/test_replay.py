"""The replay of a recording of poses: all of its moments, at their speed, in one place."""

import numpy as np
import pytest

from components.pose.replay import animation
from models.errors import BadInput
from models.pose.poses import Pose
from models.pose.recording import Recording
from models.pose.skeletons import SKELETONS
from tests.models.pose.test_recording import pose


def recorded() -> Recording:
    recording = Recording(640, 480)
    for seconds, seed in ((10, 1), (10.5, 2), (11.5, 3)):
        recording.add(seconds, [pose(seed=seed)])
    return recording


def test_an_animation_has_all_moments_at_their_speed() -> None:
    figure = animation(recorded(), fps=10)
    assert len(figure.frames) == len(figure.layout.sliders[0].steps) == 16
    assert figure.layout.updatemenus[0].buttons[0].args[1]["frame"]["duration"] == pytest.approx(100)
    assert [step.label for step in figure.layout.sliders[0].steps][::5] == ["0.0", "0.5", "1.0", "1.5"]
    assert {button.label for button in figure.layout.updatemenus[0].buttons} == {"Play", "Pause"}
    assert figure.frames[4].data[0].x == figure.frames[0].data[0].x != figure.frames[5].data[0].x
    assert figure.layout.sliders[0].steps[7].args[0][0] == figure.frames[7].name


def test_a_long_one_is_thinned_and_keeps_its_speed() -> None:
    recording = Recording(640, 480)
    for index in range(9000):
        recording.add(index / 15, [])
    figure = animation(recording, fps=10, max_frames=60)
    assert len(figure.frames) == 60
    duration_ms = figure.layout.updatemenus[0].buttons[0].args[1]["frame"]["duration"]
    assert duration_ms * 59 == pytest.approx(1000 * recording.duration)


def test_bones_are_one_line_with_gaps_in_the_pictures_own_coordinates() -> None:
    someone = pose()
    recording = Recording(640, 480)
    recording.add(0, [someone])
    trace = animation(recording).data[0]
    bones = SKELETONS["coco17"].bones
    assert len(trace.x) == 3 * len(bones) and all(x is None for x in trace.x[2::3])
    for index, (start, end) in enumerate(bones):
        drawn = [(trace.x[i], trace.y[i]) for i in (3 * index, 3 * index + 1)]
        assert np.array(drawn) == pytest.approx(someone.keypoints[[start, end], :2], abs=0.051)


def test_a_bone_to_a_keypoint_that_is_not_seen_is_left_out() -> None:
    someone = pose()
    someone.keypoints[9, 2] = 0.29  # the left wrist ends one bone
    recording = Recording(640, 480)
    recording.add(0, [someone])
    assert len(animation(recording).data[0].x) == 3 * (len(someone.skeleton.bones) - 1)


def test_a_face_is_its_points() -> None:
    recording = Recording(640, 480)
    recording.add(0, [pose("face478")])
    trace = animation(recording).data[0]
    assert len(trace.x) == 2 * 478 and "markers" in trace.mode


def test_the_axes_stand_still_and_look_like_the_picture() -> None:
    layout = animation(recorded()).layout
    assert layout.xaxis.range == (0, 640) and layout.yaxis.range == (480, 0)
    assert layout.yaxis.scaleanchor == "x" and layout.yaxis.scaleratio == 1
    assert animation(recorded(), mirror=True).layout.xaxis.range == (640, 0)


def test_without_a_size_the_axes_hold_all_there_ever_is() -> None:
    recording = Recording()
    for seed in range(3):
        recording.add(seed, [pose(seed=seed)])
    layout = animation(recording).layout
    points = np.concatenate([frame.poses[0].keypoints for frame in recording.frames])
    assert layout.xaxis.range[0] < points[:, 0].min() and points[:, 0].max() < layout.xaxis.range[1]
    assert layout.yaxis.range[1] < points[:, 1].min() and points[:, 1].max() < layout.yaxis.range[0]


def test_somebody_keeps_their_line_when_others_come_and_go() -> None:
    recording = Recording(640, 480)
    anna, ben, chris = (pose(seed=seed, id=seed) for seed in (1, 2, 3))
    for seconds, people in enumerate(([anna, ben], [ben], [chris, ben], [ben, anna, chris])):
        recording.add(seconds, people)
    figure = animation(recording, fps=1)
    assert len(figure.data) == 3 and len({trace.line.color for trace in figure.data}) == 3

    def line_of(frame: int, someone: Pose) -> int:
        start = someone.keypoints[someone.skeleton.bones[0][0], 0]
        return next(i for i, t in enumerate(figure.frames[frame].data) if t.x and abs(t.x[0] - start) < 0.06)

    assert [line_of(frame, ben) for frame in range(4)] == [1, 1, 1, 1]
    assert [line_of(frame, chris) for frame in (2, 3)] == [0, 0] and line_of(3, anna) == 2
    assert len(figure.frames[1].data) == 3, "who left has an empty line, or their last one would stay"


def test_lines_are_called_by_what_they_are() -> None:
    for kind, names in (("hand21", ("hand 1", "hand 2")), ("coco17", ("person 1", "person 2"))):
        recording = Recording(640, 480)
        recording.add(0, [pose(kind, 1), pose(kind, 2)])
        assert tuple(trace.name for trace in animation(recording).data) == names


def test_a_recording_of_nobody_can_be_replayed_and_none_at_all_cannot() -> None:
    recording = Recording()
    recording.add(0, [])
    assert len(animation(recording).frames) == 1
    with pytest.raises(BadInput, match="no frames"):
        animation(Recording())
