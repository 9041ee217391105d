"""The pose tracker's page: every input, every thing tracked, and what is said of the poses."""

import base64
import re
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.camera import stream as camera
from models.pictures.drawing import mirror
from models.pictures.images import to_jpeg
from models.pose.poses import MIN_PRESENCE
from tests.pages.pose_visitor import Live
from tests.pages.visit import html_of, opened, ran, said, sample

INPUTS = ("Live", "Photo", "Upload", "Paste", "Samples", "Video")
UPPER = ("nose", "left eye", "right eye", "left shoulder", "right shoulder")


def bars(at: AppTest) -> dict[str, str]:
    """What is written at each bar, by its name."""
    return dict(re.findall(r"<b>([^<]+)</b><span>([^<]+)</span>", html_of(at)))


def percent(words: str) -> int:
    return int(words.removesuffix("%"))


def buttons(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


@pytest.mark.parametrize("what", ["Body", "Hands", "Face", "All"])
@pytest.mark.parametrize("source", INPUTS)
def test_every_input_opens_for_all_that_can_be_tracked(source: str, what: str) -> None:
    at = opened("pose", input=source, track=what)
    assert at.segmented_control(key="input").value == source
    assert at.segmented_control(key="track").value == what
    assert not at.error


def test_how_it_works_comes_with_its_drawing() -> None:
    pictures = [image.url for shown in opened("pose", input="Upload").get("image") for image in shown.proto.imgs]
    [svg] = [
        base64.b64decode(url.partition(",")[2]) for url in pictures if url.startswith("data:image/svg+xml;base64,")
    ]
    words = [text.text for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert {"centre", "offset", "left wrist"} <= set(words)


# Pictures


def test_the_first_sample_shows_a_person_and_how_sure_the_model_is_of_each_point() -> None:
    at = opened("pose", input="Samples")
    assert '<div class="verdict">1 person</div>' in html_of(at)
    sure = bars(at)
    assert len(sure) == 1 + 33
    assert all(percent(sure[name]) >= 95 for name in UPPER)
    assert percent(sure["the pose as a whole"]) >= 50, "a mean over her points, of which her arms hide some"
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
    ran(at.segmented_control(key="do still Body").set_value("Angles").run())
    assert "°" not in bars(at)["left knee"], "it is not in the picture"
    ran(at.slider(key="keypoint-score").set_value(0.0).run())
    told = bars(at)
    assert len(told) == 12 and all(0 <= int(angle.removesuffix("°")) <= 180 for angle in told.values())


@pytest.mark.parametrize("what", ["Body", "All"])
def test_no_part_of_the_score_slider_is_without_effect(what: str) -> None:
    at = opened("pose", input="Samples", track=what)
    assert at.slider(key="pose-score").min == MIN_PRESENCE, "models report nobody below"


def test_who_is_less_sure_than_the_limit_is_not_shown() -> None:
    at = opened("pose", input="Samples")
    ran(at.slider(key="pose-score").set_value(1.0).run())
    assert "No person in view" in html_of(at) and not bars(at)


@pytest.mark.parametrize("what, nobody", [("Body", "person"), ("Hands", "hand"), ("Face", "face")])
def test_a_picture_of_nobody_says_so(what: str, nobody: str) -> None:
    at = opened("pose", input="Samples", track=what)
    ran(at.pills(key="pose/samples").set_value(["coffee"]).run())
    assert f"No {nobody} in view" in html_of(at) and not bars(at)


def test_a_face_is_found() -> None:
    at = opened("pose", input="Samples", track="Face")
    assert "1 face" in html_of(at)


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
