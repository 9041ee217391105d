"""The pose tracker's page: every input, every thing tracked, and what can be done with the poses."""

import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components import camera
from components.pose import films
from components.pose.watching import Watcher
from models.drawing import mirror
from models.images import sample_pictures, to_jpeg
from models.pose import BlazePose
from models.pose_matching import TARGETS
from models.pose_recording import Recording
from models.poses import Pose
from tests.pages.visit import html_of, opened, ran

INPUTS = ("Live", "Photo", "Upload", "Paste", "Samples", "Video")
UPPER = ("nose", "left eye", "right eye", "left shoulder", "right shoulder")

Seam = dict[str, Any]
Until = Callable[[Callable[[], object]], None]


def sample(name: str) -> np.ndarray:
    return next(s for s in sample_pictures() if s.name == name).load()


def said(at: AppTest) -> str:
    return " ".join(str(e.value) for e in (*at.error, *at.warning, *at.info, *at.caption, *at.markdown))


def bars(at: AppTest) -> dict[str, str]:
    """What is written at each bar, by its name."""
    return dict(re.findall(r"<b>([^<]+)</b><span>([^<]+)</span>", html_of(at)))


def percent(words: str) -> int:
    return int(words.removesuffix("%"))


def buttons(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def downloads(at: AppTest) -> list[str]:
    return [element.proto.label for element in at.get("download_button")]


def figure(at: AppTest) -> dict[str, Any]:
    (chart,) = at.get("plotly_chart")
    return json.loads(chart.proto.spec)


class Live:
    """A visitor whose camera is on."""

    def __init__(self, seam: Seam, until: Until, **query: str) -> None:
        seam["playing"] = True
        self.at = opened("pose", **query)
        self._seam, self._until = seam, until

    @property
    def camera(self) -> camera.LiveCamera:
        return self._seam["live"]

    @property
    def stream(self) -> Any:
        (stream,) = self.camera.streams.values()
        return stream

    @property
    def watcher(self) -> Watcher:
        return self.at.session_state["pose/watcher"]

    def films(self, rgb: np.ndarray) -> np.ndarray:
        """The camera sees this; the page shows what comes of it. Returns the picture that goes back afterwards."""
        self.shown(rgb)
        ran(self.at.run())
        return self.shown(rgb)

    def shown(self, rgb: np.ndarray) -> np.ndarray:
        """The picture that goes back for this one, with what was found before; then this one has been looked at."""
        before = self.stream.results
        shown = self.camera.on_frame(camera.frame_from_rgb(rgb))
        self._until(lambda: self.stream.results > before)
        return camera.rgb_from_frame(shown)

    def does(self, what: str) -> None:
        ran(self.at.segmented_control(key="do Body").set_value(what).run())


@pytest.fixture
def live(no_camera: Seam, until: Until) -> Callable[..., Live]:
    return lambda **query: Live(no_camera, until, **query)


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Pose]]:
    """Whoever is put under "poses" is in view: no picture that comes with the app shows a whole body."""
    seen: dict[str, list[Pose]] = {"poses": []}
    monkeypatch.setattr(BlazePose, "tracker", lambda model, people: lambda rgb, at: seen["poses"])
    return seen


@pytest.mark.parametrize("what", ["Body", "Hands", "Face"])
@pytest.mark.parametrize("source", INPUTS)
def test_every_input_opens_for_all_that_can_be_tracked(source: str, what: str) -> None:
    at = opened("pose", input=source, track=what)
    assert at.segmented_control(key="input").value == source
    assert at.segmented_control(key="track").value == what
    assert not at.error


# Pictures


def test_the_first_sample_shows_a_person_and_how_sure_the_model_is_of_each_point() -> None:
    at = opened("pose", input="Samples")
    assert '<div class="verdict">1 person</div>' in html_of(at)
    sure = bars(at)
    assert len(sure) == 1 + 33
    assert all(percent(sure[name]) >= 95 for name in ("the pose as a whole", *UPPER))
    assert percent(sure["left ankle"]) <= 20, "it is outside of the picture"
    weak = re.findall(r'class="bar weak"><i [^>]*></i><b>([^<]+)</b>', html_of(at))
    assert "left ankle" in weak and not {*UPPER, "the pose as a whole"} & set(weak)


def test_seventeen_points_are_those_of_coco() -> None:
    at = opened("pose", input="Samples")
    ran(at.segmented_control(key="points").set_value(17).run())
    assert len(bars(at)) == 1 + 17
    assert "left pinky" not in bars(at) and percent(bars(at)["nose"]) >= 95


def test_angles_are_told_of_the_joints_that_are_seen_well_enough() -> None:
    at = opened("pose", input="Samples")
    ran(at.segmented_control(key="do still").set_value("Angles").run())
    assert "°" not in bars(at)["left knee"], "it is not in the picture"
    ran(at.slider(key="keypoint-score").set_value(0.0).run())
    told = bars(at)
    assert len(told) == 12 and all(0 <= int(angle.removesuffix("°")) <= 180 for angle in told.values())


def test_who_is_less_sure_than_the_limit_is_not_shown() -> None:
    at = opened("pose", input="Samples")
    ran(at.slider(key="pose-score").set_value(1.0).run())
    assert "No person in view" in html_of(at) and not bars(at)


@pytest.mark.parametrize("what, nobody", [("Body", "person"), ("Hands", "hand"), ("Face", "face")])
def test_a_picture_of_nobody_says_so(what: str, nobody: str) -> None:
    at = opened("pose", input="Samples", track=what)
    ran(at.pills(key="pose/samples").set_value(["coffee"]).run())
    assert f"No {nobody} in view" in html_of(at) and not bars(at)


def test_a_face_is_found_and_what_it_does() -> None:
    at = opened("pose", input="Samples", track="Face")
    assert "1 face" in html_of(at)
    assert list(bars(at)) == ["the pose as a whole"], "of its points the model is neither sure nor unsure"
    ran(at.segmented_control(key="do still").set_value("Angles").run())
    assert list(bars(at)) == ["mouth open", "left eye open", "right eye open", "turn"]


def test_as_many_people_are_looked_for_as_were_asked_for() -> None:
    at = opened("pose", input="Upload")
    two = np.hstack([sample("astronaut")] * 2)
    ran(at.file_uploader(key="pose/upload").set_value([("two.jpg", to_jpeg(two), "image/jpeg")]).run())
    assert "1 person" in html_of(at)
    ran(at.slider(key="people").set_value(2).run())
    assert "2 people" in html_of(at)


def test_a_broken_upload_is_named_and_the_other_is_shown() -> None:
    at = opened("pose", input="Upload")
    files = [("broken.jpg", b"\xff\xd8\xff oh", "image/jpeg"), ("me.jpg", to_jpeg(sample("astronaut")), "image/jpeg")]
    ran(at.file_uploader(key="pose/upload").set_value(files).run())
    assert "broken.jpg" in at.error[0].value and html_of(at).count("1 person") == 1


def test_a_larger_model_is_offered_and_the_bundled_one_answers_meanwhile() -> None:
    at = opened("pose", input="Samples", **{"pose-model": "Pose landmarker heavy"})
    assert "Download Pose landmarker heavy" in buttons(at)
    assert "Meanwhile BlazePose full answers" in said(at) and "1 person" in html_of(at)


@pytest.mark.parametrize(
    "query", [{"track": "Tail"}, {"people": "99"}, {"style": "Fur"}, {"pose-model": "HAL"}, {"input": "Hologram"}]
)
def test_nonsense_in_the_address_is_ignored(query: dict[str, str]) -> None:
    opened("pose", **query)


# Live


def test_a_camera_that_is_off_says_what_to_expect() -> None:
    at = opened("pose")
    assert "once the camera is on" in said(at)


def test_the_live_picture_comes_back_mirrored_with_the_skeleton_on_it(live: Callable[..., Live]) -> None:
    visitor = live()
    astronaut = sample("astronaut")
    before = visitor.shown(astronaut).astype(int)
    plain = mirror(astronaut).astype(int)
    assert np.abs(before - plain).mean() < 3, "nobody was found yet"
    after = visitor.films(astronaut).astype(int)
    assert "1 person" in html_of(visitor.at) and percent(bars(visitor.at)["nose"]) >= 95
    changed = np.abs(after - before).max(axis=2) > 60
    assert 0.002 < changed.mean() < 0.3, "lines, not another picture"
    assert "tracker " in html_of(visitor.at) and "draw " in html_of(visitor.at)


def test_only_on_black_shows_nobody_and_mirrors_left_and_right(live: Callable[..., Live]) -> None:
    visitor = live()
    astronaut = sample("astronaut")
    ran(visitor.at.pills(key="style").set_value(["Skeleton", "Only on black"]).run())
    lit = visitor.films(astronaut).max(axis=2) > 40
    # her right elbow, on the left of the camera's picture, is at 64; nothing of her right of 330 is sure enough
    assert 0.001 < lit.mean() < 0.1
    assert lit[:, 400:].any() and not lit[:, :150].any()
    ran(visitor.at.toggle(key="mirror").set_value(False).run())
    lit = visitor.shown(astronaut).max(axis=2) > 40
    assert lit[:, :112].any() and not lit[:, 361:].any()


def test_a_camera_with_nobody_before_it_says_so(live: Callable[..., Live]) -> None:
    visitor = live()
    visitor.films(sample("coffee"))
    assert "No person in view" in html_of(visitor.at) and not bars(visitor.at)


@pytest.mark.parametrize("what, found", [("Hands", "hand"), ("Face", "1 face")])
def test_tracking_something_else_opens_its_stream_and_closes_the_other(
    what: str, found: str, live: Callable[..., Live]
) -> None:
    visitor = live()
    body, watcher = visitor.stream, visitor.watcher
    ran(visitor.at.segmented_control(key="track").set_value(what).run())
    assert body.closed and not visitor.stream.closed and visitor.watcher is not watcher
    visitor.films(sample("astronaut"))
    assert found in html_of(visitor.at)
    assert "Copy" not in visitor.at.segmented_control(key=f"do {what}").options


def test_how_it_is_drawn_changes_without_another_stream(live: Callable[..., Live]) -> None:
    visitor = live()
    astronaut = sample("astronaut")
    before, stream, watcher = visitor.films(astronaut), visitor.stream, visitor.watcher
    ran(visitor.at.pills(key="style").set_value(["Skeleton", "Points", "Names", "Boxes"]).run())
    after = visitor.shown(astronaut)
    assert visitor.stream is stream and visitor.watcher is watcher and not stream.closed
    assert (np.abs(after.astype(int) - before).max(axis=2) > 60).mean() > 0.005


def test_a_point_that_moves_leaves_a_trail(live: Callable[..., Live]) -> None:
    visitor = live()
    ran(visitor.at.pills(key="style").set_value(["Trail", "Only on black"]).run())
    ran(visitor.at.selectbox(key="trail body33").set_value("nose").run())
    astronaut = sample("astronaut")
    for shift in (0, 10, 20, 30):
        shown = visitor.films(np.roll(astronaut, shift, axis=1))
    assert (shown.max(axis=2) > 40).any(), "the way of the nose, and nothing else"
    ran(visitor.at.pills(key="style").set_value(["Only on black"]).run())
    assert not (visitor.shown(astronaut).max(axis=2) > 40).any()


def test_more_people_take_another_tracker(live: Callable[..., Live]) -> None:
    visitor = live()
    two = np.hstack([sample("astronaut")] * 2)
    visitor.films(two)
    assert "1 person" in html_of(visitor.at)
    ran(visitor.at.slider(key="people").set_value(2).run())
    for _ in range(3):  # a search a frame
        visitor.films(two)
    assert "2 people" in html_of(visitor.at)


def test_without_the_servers_picture_it_is_said_where_the_poses_are(live: Callable[..., Live]) -> None:
    visitor = live(video="camera")
    frame = camera.frame_from_rgb(sample("astronaut"))
    assert visitor.camera.on_frame(frame) is frame
    assert "choose it in the camera settings" in said(visitor.at)


# Repetitions


def bend(visitor: Live, times: int) -> None:
    """The joint bends and straightens so often, a second each way."""
    counter = visitor.watcher.counter
    assert counter is not None
    now = time.monotonic()
    for second in range(2 * times + 1):
        counter.add(now + second, 40.0 if second % 2 else 170.0)


def test_repetitions_are_counted_drawn_and_started_over(live: Callable[..., Live]) -> None:
    visitor = live()
    visitor.does("Repetitions")
    visitor.films(sample("astronaut"))
    assert "0 <small>repetitions of the left elbow" in html_of(visitor.at)
    bend(visitor, 3)
    ran(visitor.at.run())
    assert "3 <small>repetitions of the left elbow" in html_of(visitor.at)
    curve = figure(visitor.at)
    assert [shape["y0"] for shape in curve["layout"]["shapes"]] == [80, 150]
    assert curve["data"][0]["y"][-7:] == [170, 40, 170, 40, 170, 40, 170]
    assert curve["data"][0]["x"][-7:] == pytest.approx([-6, -5, -4, -3, -2, -1, 0])
    ran(next(button for button in visitor.at.button if button.label == "Start over").click().run())
    assert "0 <small>repetitions" in html_of(visitor.at)


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
    visitor.films(black)
    (far,) = re.findall(r'"verdict">(\d+) <small>of 100', html_of(visitor.at))
    assert int(far) < 80 and "Furthest off: " in said(visitor.at)
    ran(visitor.at.pills(key="target").set_value("Star").run())
    visitor.films(black)
    assert "100 <small>of 100 · best 100" in html_of(visitor.at)
    somebody["poses"] = [TARGETS["Hands on hips"]]
    visitor.films(black)
    (far,) = re.findall(r'"verdict">(\d+) <small>of 100 · best 100', html_of(visitor.at))
    assert int(far) < 80


def test_the_mirror_image_of_a_target_is_as_good(live: Callable[..., Live], somebody: dict[str, list[Pose]]) -> None:
    disco = TARGETS["Disco"]
    order = [disco.skeleton.names.index(_other_side(name)) for name in disco.skeleton.names]
    swapped = (disco.keypoints[order] * [-1, 1, 1] + [480, 0, 0]).astype(np.float32)
    somebody["poses"] = [Pose(swapped, 1.0, "coco17")]
    visitor = live()
    visitor.does("Copy")
    ran(visitor.at.pills(key="target").set_value("Disco").run())
    visitor.films(np.zeros((480, 480, 3), np.uint8))
    assert "100 <small>of 100" in html_of(visitor.at)


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
    visitor.films(black)
    assert "100 <small>of 100" in html_of(visitor.at)
    somebody["poses"] = [TARGETS["Y"]]  # and now another one takes its place
    visitor.films(black)
    assert "100 <small>of 100 · best 100" not in html_of(visitor.at)
    ran(visitor.at.button(key="take").click().run())
    visitor.films(black)
    assert "100 <small>of 100" in html_of(visitor.at)


def test_too_little_of_a_body_is_no_target_and_it_is_said_what_is_missing(live: Callable[..., Live]) -> None:
    visitor = live()
    visitor.does("Copy")
    visitor.films(sample("astronaut"))
    assert "Not seen: " in said(visitor.at) and "left wrist" in said(visitor.at)
    ran(visitor.at.button(key="take").click().run())
    assert "Step back from the camera" in visitor.at.error[0].value
    assert visitor.at.pills(key="target").value == "T"


# Video


@pytest.fixture
def temp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The folder for temporary files; a test leaves nothing in it."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert not list(folder.iterdir())


def astronauts(path: Path, frames: int) -> bytes:
    """A video in which she moves a little to the right."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width = stream.height = 256
        for number in range(frames):
            rgb = np.roll(sample("astronaut")[::2, ::2], number % 20, axis=1)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")))
        out.mux(stream.encode(None))
    return path.read_bytes()


def uploaded(name: str, content: bytes) -> AppTest:
    at = opened("pose", input="Video")
    assert at.button(key="film").disabled
    return ran(at.file_uploader(key="video-file").set_value((name, content, "video/mp4")).run())


def film(at: AppTest) -> films.Film:
    return at.session_state["pose/film"]


def test_a_video_comes_back_with_the_poses_on_it(temp: Path, tmp_path: Path, until: Until) -> None:
    at = uploaded("dance.mp4", astronauts(tmp_path / "dance.mp4", 12))
    ran(at.pills(key="style").set_value(["Skeleton", "Points", "Only on black"]).run())
    ran(at.button(key="film").click().run())
    until(lambda: not film(at).running)
    ran(at.run())
    assert not at.error and "12 frames, 1.2 s" in said(at)
    assert downloads(at) == ["Download MP4"] and len(at.get("video")) == 1
    result = tmp_path / "result.mp4"
    result.write_bytes(film(at).content)
    with av.open(str(result)) as back:
        pictures = [frame.to_ndarray(format="rgb24") for frame in back.decode(video=0)]
    assert len(pictures) == 12 and pictures[0].shape == (256, 256, 3)
    for picture in pictures:
        lit = picture.max(axis=2) > 60
        assert 0.002 < lit.mean() < 0.2 and not lit[:30].any(), "the skeleton of the one who is in it, and nothing else"
    assert not at.button(key="film").disabled


def test_what_is_no_video_is_explained(temp: Path, until: Until) -> None:
    at = uploaded("notes_*2024*.mp4", b"just some text, saved under another name\n" * 50)
    ran(at.button(key="film").click().run())
    until(lambda: not film(at).running)
    ran(at.run())
    assert "is not a video that can be opened here" in at.error[0].value
    assert not downloads(at) and not at.button(key="film").disabled


def test_a_video_can_be_cancelled_and_another_one_tried(temp: Path, tmp_path: Path, until: Until) -> None:
    at = uploaded("long.mp4", astronauts(tmp_path / "long.mp4", 600))
    ran(at.button(key="film").click().run())
    until(lambda: film(at).frames > 0)
    ran(at.run())
    assert at.button(key="film").disabled, "one at a time"
    ran(at.button(key="film-cancel").click().run())
    until(lambda: not film(at).running)
    ran(at.run())
    assert "was cancelled after" in at.error[0].value and not downloads(at)
    ran(at.file_uploader(key="video-file").set_value(("b.mp4", astronauts(tmp_path / "b.mp4", 3), "video/mp4")).run())
    ran(at.button(key="film").click().run())
    until(lambda: not film(at).running)
    ran(at.run())
    assert not at.error and "3 frames" in said(at)


def test_a_video_that_nobody_looks_at_any_more_is_given_up(
    temp: Path, tmp_path: Path, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = uploaded("long.mp4", astronauts(tmp_path / "long.mp4", 600))
    ran(at.button(key="film").click().run())
    left = film(at)
    until(lambda: left.frames > 0)
    monkeypatch.setattr(films, "FORGET_S", 0.0)
    until(lambda: left.error is not None)
    assert "was cancelled after" in str(left.error)


def test_a_second_video_waits_for_the_first(temp: Path, tmp_path: Path, until: Until) -> None:
    first, second = (uploaded(f"{n}.mp4", astronauts(tmp_path / f"{n}.mp4", 300)) for n in (1, 2))
    ran(first.button(key="film").click().run())
    until(lambda: film(first).frames > 0)
    ran(second.button(key="film").click().run())
    assert film(second).waiting and "next in line" in said(second)
    film(first).cancel.set()
    until(lambda: film(second).frames > 0)
    film(second).cancel.set()
    until(lambda: not film(second).running)
