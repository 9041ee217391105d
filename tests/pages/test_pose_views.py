"""The views of masks, world points, blendshapes, and of body, hands and face at once: on a real person."""

import base64
import re
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components import charts
from components.pose import expression
from models.pictures.images import to_jpeg
from models.pose.matching import TARGETS
from models.pose.recording import Recording
from tests.pages.pose_visitor import Live, decoded, words_of
from tests.pages.test_pose import bars
from tests.pages.visit import downloads, html_of, opened, ran, said, sample

ASTRONAUT = sample("astronaut")


@pytest.fixture
def turned(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The figures that were given to the component, which only a browser can run."""
    given: list[dict[str, Any]] = []
    monkeypatch.setattr(
        charts, "browser_component", lambda *_: lambda **options: given.append(options["data"]["figure"])
    )
    return given


def drawn_faces(at: AppTest) -> list[str]:
    """The SVG of each drawn face."""
    return [base64.b64decode(code).decode() for code in re.findall(r"svg\+xml;base64,([^\"]+)", html_of(at))]


# Masks


def pushed_ground(visitor: Live) -> dict[str, Any]:
    return next(message for message in visitor.pushed if message["channel"] == "ground")


@pytest.mark.parametrize("background, is_blurred", [("Cut out", False), ("Blur", True)])
def test_a_background_goes_out_as_a_mask_with_what_becomes_of_the_rest(
    background: str, is_blurred: bool, live: Callable[..., Live]
) -> None:
    visitor = live(style="Boxes", mirror="false", background=background)
    visitor.films(ASTRONAUT)
    ground = pushed_ground(visitor)
    assert bool(ground["blur"]) == is_blurred and bool(ground["fill"]) != is_blurred and not ground["tint"]
    mask = cv2.imdecode(np.frombuffer(ground["picture"], np.uint8), cv2.IMREAD_GRAYSCALE)
    assert mask.shape == (256, 256) and len(ground["picture"]) < 8_000
    assert mask[195, 105] > 200 and mask[:20, 236:].max() < 20, "her chest, and the corner"


def test_a_colour_of_ones_own_goes_behind_people(live: Callable[..., Live]) -> None:
    visitor = live(background="Colour", behind="#ff0000")
    visitor.films(ASTRONAUT)
    assert pushed_ground(visitor)["fill"] == "#ff0000"


def test_a_picture_of_ones_own_goes_behind_people(live: Callable[..., Live]) -> None:
    visitor = live(background="Picture")
    told = [decoded(message) for message in visitor.feed.take()]
    (backdrop,) = [message for message in told if message["channel"] == "backdrop"]
    visitor.films(ASTRONAUT)
    assert pushed_ground(visitor)["backdrop"] and backdrop["picture"][:2] == b"\xff\xd8"


def test_nobodys_background_is_all_of_the_picture(live: Callable[..., Live]) -> None:
    visitor = live(background="Blur")
    visitor.films(sample("coffee"))
    ground = pushed_ground(visitor)
    assert ground["blur"] and not ground["colours"] and "picture" not in ground


def test_a_silhouette_has_its_persons_colour_also_on_black(live: Callable[..., Live]) -> None:
    visitor = live(style=["Silhouette", "Only on black"], background="Blur")
    visitor.films(ASTRONAUT)
    ground = pushed_ground(visitor)
    (body,) = visitor.pushed[-1]["poses"]
    assert ground["tint"] and ground["colours"] == [body["colour"]] and not ground["blur"], "black is all there is"


def test_a_background_that_is_kept_again_takes_the_other_away(live: Callable[..., Live]) -> None:
    visitor = live(background="Blur")
    visitor.films(ASTRONAUT)
    ran(visitor.at.segmented_control(key="background").set_value("Keep").run())
    sent = {message["channel"]: message for message in map(decoded, visitor.feed.take())}
    assert not sent["ground"]["blur"] and not sent["ground"]["fill"]


def test_a_change_of_the_background_takes_a_tracker_with_masks_and_back(live: Callable[..., Live]) -> None:
    visitor = live()
    plain = visitor.stream
    visitor.films(ASTRONAUT)
    assert all(pose.mask is None for pose in plain.latest().value), "masks cost time: only where they are shown"
    ran(visitor.at.segmented_control(key="background").set_value("Blur").run())
    assert plain.closed
    visitor.films(ASTRONAUT)
    assert visitor.stream.latest().value[0].mask.shape == ASTRONAUT.shape[:2]


def test_a_picture_that_is_cut_out_can_be_saved_see_through() -> None:
    at = opened("pose", input="Samples")
    assert not downloads(at)
    ran(at.segmented_control(key="background").set_value("Cut out").run())
    assert downloads(at) == ["Download PNG with a see-through background"]
    ran(at.pills(key="pose/samples").set_value(["coffee"]).run())
    assert not downloads(at), "nobody is in it"


@pytest.mark.parametrize("what", ["Hands", "Face"])
def test_hands_and_faces_have_no_masks(what: str) -> None:
    at = opened("pose", input="Samples", background="Cut out", style="Silhouette")
    ran(at.segmented_control(key="track").set_value(what).run())
    assert "background" not in [control.key for control in at.segmented_control] and not at.error


# 3-D


def test_a_picture_has_its_person_upright_in_metres(turned: list[dict[str, Any]]) -> None:
    at = opened("pose", input="Samples", **{"do still Body": "3-D"})
    assert "1 person" in html_of(at) and "metres" in said(at)
    (figure,) = turned
    scene = figure["layout"]["scene"]
    assert scene["aspectmode"] == "data" and all("(m)" in scene[f"{axis}axis"]["title"]["text"] for axis in "xyz")
    assert figure["layout"]["uirevision"]
    seen, hidden = figure["data"]
    assert seen["line"]["color"] == charts.PEOPLE[0] and hidden["line"]["color"] == charts.GREY
    heights = [[z for z in trace["z"] if z is not None] for trace in (seen, hidden)]
    assert max(heights[0]) > 0.4 and min(heights[1]) < -0.4, "her head is up and seen, her feet are down and hidden"


def test_live_it_is_a_mirror_too(turned: list[dict[str, Any]], live: Callable[..., Live]) -> None:
    visitor = live(**{"do Body": "3-D"})
    visitor.films(ASTRONAUT)
    mirrored = turned[-1]["data"][0]["x"]
    ran(visitor.at.toggle(key="mirror").set_value(False).run())
    plain = turned[-1]["data"][0]["x"]
    assert [x for x in plain if x is not None] == pytest.approx([-x for x in mirrored if x is not None], abs=0.05)


def test_two_people_stand_side_by_side_in_their_own_colours(turned: list[dict[str, Any]]) -> None:
    at = opened("pose", input="Upload", people="2", **{"do still Body": "3-D"})
    two = np.hstack([ASTRONAUT] * 2)
    ran(at.file_uploader(key="pose/upload").set_value([("two.jpg", to_jpeg(two), "image/jpeg")]).run())
    assert "2 people" in html_of(at) and "in a row" in said(at)
    seen = turned[-1]["data"][::2]
    assert len({trace["line"]["color"] for trace in seen}) == 2
    middles = [np.mean([x for x in trace["x"] if x is not None]) for trace in seen]
    assert abs(middles[0] - middles[1]) == pytest.approx(1, abs=0.3)


def test_nobody_is_nowhere(turned: list[dict[str, Any]], live: Callable[..., Live]) -> None:
    visitor = live(**{"do Body": "3-D"})
    assert not turned and "No person in view" in words_of(visitor.films(sample("coffee")))


# Faces


def test_a_face_is_drawn_with_what_it_does() -> None:
    at = opened("pose", input="Samples", track="Face", **{"do still Face": "Expression"})
    (svg,) = drawn_faces(at)
    assert svg.count("<ellipse") == 2 and "scale(-1 1)" not in svg, "both her eyes are open"
    shown = bars(at)
    assert list(shown)[:5] == ["smile", "wink with the left eye", "wink with the right eye", "brows up", "mouth open"]
    assert len(shown) == 5 + 10 and {"smile left", "smile right"} <= set(shown)
    weak = re.findall(r'class="bar weak"><i [^>]*></i><b>([^<]+)</b>', html_of(at))
    assert weak == list(shown)[1:5], "she smiles, and that is all"


def test_the_live_face_is_a_mirror_too(live: Callable[..., Live]) -> None:
    visitor = live(track="Face", **{"do Face": "Expression"})
    blocks = visitor.films(ASTRONAUT)["blocks"]
    ((svg,),) = [block["faces"] for block in blocks if "faces" in block]
    assert "scale(-1 1)" in svg


def test_a_head_that_is_turned_away_gets_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expression, "MAX_TURN", 0.0)  # she looks almost straight ahead
    at = opened("pose", input="Samples", track="Face", **{"do still Face": "Expression"})
    assert "turned too far" in said(at) and html_of(at).count('"bar weak"') == 5


def test_no_face_says_what_to_do(live: Callable[..., Live]) -> None:
    visitor = live(track="Face", **{"do Face": "Expression"})
    message = visitor.films(sample("coffee"))
    assert "Turn your face to the camera" in words_of(message) and "faces" not in str(message["blocks"])


# All at once


def test_all_at_once_are_counted_and_each_gets_its_bar() -> None:
    at = opened("pose", input="Samples", track="All")
    assert re.search(r'"verdict">1 person, (\d hands?, )?1 face<', html_of(at))
    assert {"the pose as a whole", "nose"} <= set(bars(at))
    ran(at.segmented_control(key="do still All").set_value("Expression").run())
    assert len(drawn_faces(at)) == 1
    ran(at.segmented_control(key="do still All").set_value("Angles").run())
    assert "left elbow" in bars(at)


def test_what_works_for_bodies_works_there_too(live: Callable[..., Live]) -> None:
    visitor = live(track="All", **{"do All": "Repetitions"})
    assert (
        "repetitions of the left elbow" in words_of(visitor.films(ASTRONAUT))
        and len(visitor.watcher.counter.curve) >= 1
    )
    ran(visitor.at.segmented_control(key="do All").set_value("Copy").run())
    assert visitor.at.pills(key="target").options == list(TARGETS)
    assert "of 100" in words_of(visitor.films(ASTRONAUT))


def test_a_recording_of_all_holds_all_and_no_masks(live: Callable[..., Live]) -> None:
    visitor = live(track="All", background="Blur", **{"do All": "Record"})
    ran(visitor.at.button(key="record").click().run())
    visitor.films(ASTRONAUT)
    ran(visitor.at.button(key="stop").click().run())
    recording = visitor.at.session_state["pose/recorded"]
    poses = [pose for frame in recording.frames for pose in frame.poses]
    assert {"body33", "face478"} <= {pose.kind for pose in poses}
    assert not [pose for pose in poses if pose.mask is not None or pose.blendshapes or pose.world is not None]
    assert Recording.from_csv(recording.to_csv()).to_csv() == recording.to_csv()
