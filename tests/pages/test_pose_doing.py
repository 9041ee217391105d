"""What can be done with the poses of the camera: repetitions counted, a recording made, a pose copied."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.camera import stream as camera
from models.pose.body import BlazePose
from models.pose.matching import TARGETS
from models.pose.poses import Pose
from models.pose.recording import Recording
from tests.pages.pose_visitor import Live, words_of
from tests.pages.visit import downloads, opened, ran, said, sample


def figure(at: AppTest) -> dict[str, Any]:
    (chart,) = at.get("plotly_chart")
    return json.loads(chart.proto.spec)


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Pose]]:
    """Whoever is put under "poses" is in view: no picture that comes with the app shows a whole body."""
    seen: dict[str, list[Pose]] = {"poses": []}
    monkeypatch.setattr(BlazePose, "tracker", lambda model, people, masks: lambda rgb, at: seen["poses"])
    return seen


# Repetitions


def bend(visitor: Live, times: int) -> None:
    """The joint bends and straightens so often, a second each way."""
    counter = visitor.watcher.counter
    assert counter is not None
    now = time.monotonic()
    for second in range(2 * times + 1):
        counter.add(now + second, 40.0 if second % 2 else 170.0)


def test_repetitions_are_counted_with_each_result_drawn_and_started_over(live: Callable[..., Live]) -> None:
    visitor = live()
    visitor.does("Repetitions")
    assert "0 repetitions of the left elbow" in words_of(visitor.films(sample("astronaut")))
    bend(visitor, 3)
    ran(visitor.at.run())
    curve = figure(visitor.at)
    assert [shape["y0"] for shape in curve["layout"]["shapes"]] == [80, 150]
    assert curve["data"][0]["y"][-7:] == [170, 40, 170, 40, 170, 40, 170]
    assert curve["data"][0]["x"][-7:] == pytest.approx([-6, -5, -4, -3, -2, -1, 0])
    assert "3 repetitions of the left elbow" in words_of(visitor.films(sample("astronaut")))
    ran(next(button for button in visitor.at.button if button.label == "Start over").click().run())
    assert "0 repetitions" in words_of(visitor.films(sample("astronaut")))
    bend(visitor, 1)
    assert "1 repetition of" in words_of(visitor.films(sample("astronaut")))


def test_other_limits_or_another_joint_begin_a_new_count(live: Callable[..., Live]) -> None:
    visitor = live()
    visitor.does("Repetitions")
    bend(visitor, 2)
    ran(visitor.at.slider(key="rep-limits").set_value((30, 150)).run())
    assert visitor.watcher.counter.low == 30 and visitor.watcher.counter.count == 0
    bend(visitor, 2)
    assert visitor.watcher.counter.count == 0, "40° is not bent enough now"
    ran(visitor.at.selectbox(key="rep-joint body33").set_value("right knee").run())
    assert visitor.watcher.joint == "right knee" and not visitor.watcher.counter.curve


def test_limits_that_cannot_be_are_explained(live: Callable[..., Live]) -> None:
    visitor = live()
    visitor.does("Repetitions")
    ran(visitor.at.slider(key="rep-limits").set_value((90, 90)).run())
    assert "Move them apart" in visitor.at.error[0].value
    ran(visitor.at.slider(key="rep-limits").set_value((80, 150)).run())
    assert not visitor.at.error and visitor.watcher.counter.high == 150


def test_the_cameras_own_person_is_measured(live: Callable[..., Live]) -> None:
    visitor = live()
    visitor.does("Repetitions")
    visitor.films(sample("astronaut"))
    ran(visitor.at.slider(key="keypoint-score").set_value(0.0).run())
    visitor.films(sample("astronaut"))
    angles = [angle for _, angle in visitor.watcher.counter.curve]
    assert angles[0] is None, "her wrist is not seen well enough"
    assert 90 < angles[-1] <= 180, "her arm hangs down"


# Recording


def recorded(visitor: Live, frames: int = 3) -> Recording:
    visitor.does("Record")
    ran(visitor.at.button(key="record").click().run())
    for _ in range(frames):
        visitor.films(sample("astronaut"))
    ran(visitor.at.button(key="stop").click().run())
    return visitor.at.session_state["pose/recorded"]


def test_a_recording_is_saved_replayed_and_read_back(live: Callable[..., Live]) -> None:
    visitor = live()
    recording = recorded(visitor)
    assert len(recording.frames) >= 3 and recording.size_wh == (512, 512)
    assert f"{recording.duration:.1f} s" in said(visitor.at) and downloads(visitor.at) == ["JSON", "CSV"]
    assert len(figure(visitor.at)["frames"]) >= 1
    for kind, text in (("json", recording.to_json()), ("csv", recording.to_csv())):
        other = Live(visitor._seam, visitor._until)
        other.does("Record")
        assert not downloads(other.at)
        ran(other.at.file_uploader(key="record-file").set_value((f"poses.{kind}", text.encode(), "text/plain")).run())
        loaded = other.at.session_state["pose/recorded"]
        assert loaded.to_json() == recording.to_json() and downloads(other.at) == ["JSON", "CSV"]
        ran(other.at.run())
        assert other.at.session_state["pose/recorded"] is loaded, "read once: its replay plays on"


def test_no_result_is_lost_to_a_recording_however_seldom_the_page_runs(live: Callable[..., Live]) -> None:
    visitor = live()
    visitor.does("Record")
    visitor.films(sample("astronaut"))
    ran(visitor.at.button(key="record").click().run())
    before = visitor.stream.results
    for shift in range(12):
        waiting = visitor.stream.results
        visitor.camera.on_frame(camera.frame_from_rgb(np.roll(sample("astronaut"), shift, axis=1)))
        visitor._until(lambda waiting=waiting: visitor.stream.results > waiting)
    recording, results = visitor.watcher.recording, visitor.stream.results - before
    assert recording is not None and len(recording.frames) == results == 12


@pytest.mark.parametrize("name", ["holiday.json", "holiday.csv"])
def test_a_broken_recording_is_explained_and_the_earlier_one_stays(name: str, live: Callable[..., Live]) -> None:
    visitor = live()
    recording = recorded(visitor, 1)
    upload = visitor.at.file_uploader(key="record-file")
    ran(upload.set_value((name, b"\xff\x00{not a recording", "text/plain")).run())
    assert "Upload a recording that was saved here" in visitor.at.error[0].value
    assert visitor.at.session_state["pose/recorded"] is recording and downloads(visitor.at) == ["JSON", "CSV"]


@pytest.mark.parametrize("what", ["Hands", "Face"])
def test_hands_and_faces_are_recorded_too(what: str, live: Callable[..., Live]) -> None:
    visitor = live(track=what)
    ran(visitor.at.segmented_control(key=f"do {what}").set_value("Record").run())
    ran(visitor.at.button(key="record").click().run())
    visitor.films(sample("astronaut"))
    ran(visitor.at.button(key="stop").click().run())
    recording = visitor.at.session_state["pose/recorded"]
    kinds = {pose.kind for frame in recording.frames for pose in frame.poses}
    assert kinds <= {"hand21", "face478"} and downloads(visitor.at) == ["JSON", "CSV"]
    assert what != "Face" or len(figure(visitor.at)["data"][0]["x"]) >= 478


def test_a_recording_goes_on_while_something_else_is_looked_at(live: Callable[..., Live]) -> None:
    visitor = live()
    visitor.does("Record")
    ran(visitor.at.button(key="record").click().run())
    visitor.does("Confidence")
    visitor.films(sample("astronaut"))
    ran(visitor.at.slider(key="people").set_value(2).run())
    visitor.films(sample("astronaut"))
    visitor.does("Record")
    ran(visitor.at.button(key="stop").click().run())
    frames = visitor.at.session_state["pose/recorded"].frames
    assert len(frames) >= 2 and all(len(frame.poses) == 1 for frame in frames)


def test_without_a_camera_nothing_can_be_recorded_but_a_file_replayed() -> None:
    at = opened("pose")
    ran(at.segmented_control(key="do Body").set_value("Record").run())
    assert at.button(key="record").disabled
    recording = Recording()
    recording.add(0.0, [TARGETS["T"]], (480, 480))
    ran(at.file_uploader(key="record-file").set_value(("a.json", recording.to_json().encode(), "text/plain")).run())
    assert figure(at)["data"][0]["x"]


# Copy the pose


def test_every_target_can_be_chosen_and_who_stands_like_it_gets_all_points(
    live: Callable[..., Live], somebody: dict[str, list[Pose]]
) -> None:
    visitor = live()
    visitor.does("Copy")
    assert visitor.at.pills(key="target").options == list(TARGETS)
    somebody["poses"] = [TARGETS["Star"]]
    black = np.zeros((480, 480, 3), np.uint8)
    said = words_of(visitor.films(black))
    (far,) = re.findall(r"(\d+) of 100", said)
    assert int(far) < 80 and "Furthest off: " in said
    ran(visitor.at.pills(key="target").set_value("Star").run())
    assert "100 of 100 · best 100" in words_of(visitor.films(black))
    somebody["poses"] = [TARGETS["Hands on hips"]]
    (far,) = re.findall(r"(\d+) of 100 · best 100", words_of(visitor.films(black)))
    assert int(far) < 80


def test_the_mirror_image_of_a_target_is_as_good(live: Callable[..., Live], somebody: dict[str, list[Pose]]) -> None:
    disco = TARGETS["Disco"]
    order = [disco.skeleton.names.index(_other_side(name)) for name in disco.skeleton.names]
    swapped = (disco.keypoints[order] * [-1, 1, 1] + [480, 0, 0]).astype(np.float32)
    somebody["poses"] = [Pose(swapped, 1.0, "coco17")]
    visitor = live()
    visitor.does("Copy")
    ran(visitor.at.pills(key="target").set_value("Disco").run())
    assert "100 of 100" in words_of(visitor.films(np.zeros((480, 480, 3), np.uint8)))


def _other_side(name: str) -> str:
    left_right = {"left": "right", "right": "left"}
    return " ".join(left_right.get(word, word) for word in name.split())


def test_ones_own_pose_becomes_the_one_to_copy(live: Callable[..., Live], somebody: dict[str, list[Pose]]) -> None:
    visitor = live()
    visitor.does("Copy")
    somebody["poses"] = [TARGETS["Disco"]]
    black = np.zeros((480, 480, 3), np.uint8)
    visitor.films(black)
    ran(visitor.at.button(key="take").click().run())
    assert visitor.at.pills(key="target").value == "My own"
    assert "100 of 100" in words_of(visitor.films(black))
    somebody["poses"] = [TARGETS["Y"]]  # and now another one takes its place
    assert "100 of 100 · best 100" not in words_of(visitor.films(black))
    ran(visitor.at.button(key="take").click().run())
    assert "100 of 100" in words_of(visitor.films(black))


def test_nobody_in_view_is_no_target(live: Callable[..., Live]) -> None:
    visitor = live()
    visitor.does("Copy")
    ran(visitor.at.button(key="take").click().run())
    assert "Nobody is in view" in visitor.at.error[0].value
    assert "Nobody in view" in words_of(visitor.films(sample("coffee")))
    ran(visitor.at.button(key="take").click().run())
    assert "Nobody is in view" in visitor.at.error[0].value and visitor.at.pills(key="target").value == "T"


def test_too_little_of_a_body_is_no_target_and_it_is_said_what_is_missing(live: Callable[..., Live]) -> None:
    visitor = live()
    visitor.does("Copy")
    words = words_of(visitor.films(sample("astronaut")))
    assert "Not seen: " in words and "left wrist" in words
    ran(visitor.at.button(key="take").click().run())
    assert "Step back from the camera" in visitor.at.error[0].value
    assert visitor.at.pills(key="target").value == "T"
