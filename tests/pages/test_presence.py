"""The presenter's wishes and the line, on real pages: banner, sending, kiosk, pause, photo mode."""

from typing import Any

from streamlit.testing.v1 import AppTest

from components.hosting import runtime
from components.hosting.house import house
from tests.pages.visit import opened, ran, said

ME = "test session id"


def titles(at: AppTest) -> list[str]:
    return [title.value for title in at.title]


def test_who_comes_is_counted_on_the_page_and_noted_without_being_named() -> None:
    at = opened("classifier", input="Samples")
    ran(at.run())
    assert house().attendance.per_page() == {"classifier": (1, 0)}
    event = house().events.newest()[0]
    assert (event.kind, event.facts) == ("page opened", {"page": "classifier", "session": 1}), "once, not per run"


def test_a_banner_is_shown_as_it_was_written() -> None:
    house().controls.change(banner="**Lunch** at <b>noon</b>")
    assert "\\*\\*Lunch\\*\\* at \\<b\\>noon" in said(opened())


def test_everybody_is_led_once_and_newcomers_stay() -> None:
    at = opened()
    house().controls.send("textgen")
    ran(at.run())
    assert titles(at) == ["Text generator"]
    assert titles(opened()) == ["Limelight"], "who comes later was not sent"


def test_one_is_led_away_from_a_page_whose_settings_are_in_the_address() -> None:
    at = opened("classifier", input="Samples", k="3")
    house().controls.send("")
    ran(at.run())
    assert titles(at) == ["Limelight"] and not at.query_params


def test_a_kiosk_shows_its_one_demo_wherever_one_comes() -> None:
    house().controls.change(kiosk="textgen")
    assert titles(opened()) == ["Text generator"]
    house().controls.change(kiosk="")
    assert titles(opened()) == ["Limelight"]


def keys(at: AppTest) -> list[str | None]:
    return [getattr(element, "key", None) for element in at.main]


def test_one_screen_can_be_a_kiosk_by_its_address() -> None:
    at = opened("classifier", input="Samples", kiosk="true")
    assert titles(at) == ["Image classifier"]
    assert "kiosk" in keys(at) and "kiosk" not in keys(opened())


def test_while_cameras_rest_the_page_says_so_and_frames_are_passed_over(no_camera: dict[str, Any]) -> None:
    no_camera["playing"] = True
    at = opened("classifier")
    live = no_camera["live"]
    assert live._wanted(1.0)
    house().controls.change(paused=True)
    ran(at.run())
    assert "presenter has paused all cameras" in said(at)
    assert "when the presenter turns" in said(at) and not live._wanted(2.0)
    house().controls.change(paused=False)
    ran(at.run())
    assert "presenter" not in said(at) and live._wanted(3.0)


def test_more_frames_than_allowed_are_passed_over(no_camera: dict[str, Any]) -> None:
    opened("classifier")
    live = no_camera["live"]
    house().controls.change(max_fps=5)
    looked_at = sum(live._wanted(100 + frame / 15) for frame in range(150))
    assert 45 <= looked_at <= 76, "of 15 a second, at most about 7 (5 and the early ones)"


def test_where_no_camera_fits_the_page_takes_photos_and_says_the_place() -> None:
    house().controls.change(max_cameras=1)
    assert house().admission.start("somebody else")
    at = opened("classifier")
    assert "number 1 in line" in said(at) and not at.get("component_instance")
    assert at.get("camera_input"), "photo mode"
    house().admission.stop("somebody else")
    ran(at.run())
    assert "It is your turn" in at.success[0].value and not at.get("camera_input")
    ran(at.run())
    assert at.success, "until the camera is on"
    house().admission.start(ME)
    ran(at.run())
    assert not at.success


def test_a_camera_that_starts_too_late_goes_to_the_line(no_camera: dict[str, Any]) -> None:
    at = opened("classifier")
    house().controls.change(max_cameras=1)
    assert house().admission.start("somebody quicker")
    no_camera["playing"] = True
    ran(at.run())
    assert "number 1 in line" in said(at) and at.get("camera_input")
    assert house().attendance.per_page() == {"classifier": (1, 0)}


def test_other_inputs_are_open_to_those_in_line() -> None:
    house().controls.change(max_cameras=1)
    assert house().admission.start("somebody else")
    assert "in line" not in said(opened("classifier", input="Samples"))


def test_without_a_runtime_everybody_is_here_and_nobody_can_be_woken() -> None:
    assert runtime.is_here("anyone") and runtime.event_loop() is None
    runtime.wake("anyone", "fragment")
