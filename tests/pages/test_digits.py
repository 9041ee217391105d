"""The digits' page: a drawing is read, looked into, shrunk, fooled and morphed; bad input is met with words."""

import base64
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.camera import stream as camera
from components.digits import drawing, pooling
from components.hosting.house import house
from components.trainings import ended
from models.digits.pool import ENOUGH, Drawing, right_of
from models.digits.reading import prepared
from models.pictures.images import to_jpeg
from tests.models.digits.test_reading import photograph, written
from tests.pages.visit import html_of, opened, ran, said, sample


@pytest.fixture(autouse=True)
def pen(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What the browser says was drawn: nothing at first."""
    hand = SimpleNamespace(drawing=None, feed=None)
    real = drawing.browser_component

    def component(name: str, *parts: str) -> Any:
        if name != "pad":
            return real(name, *parts)

        def shown(*, key: str, data: dict[str, Any], on_drawing_change: Callable[[], None]) -> SimpleNamespace:
            hand.feed = data["token"]
            return SimpleNamespace(drawing=hand.drawing and {**hand.drawing, "cleared": data["cleared"]})

        return shown

    monkeypatch.setattr(drawing, "browser_component", component)
    return hand


def drawn(digit: int) -> dict[str, Any]:
    ink = np.rint(255 * written(digit, side=112, thickness=8, at=(12, 95))).astype(np.uint8)
    return {"ink": base64.b64encode(ink.tobytes()).decode(), "strokes": 1}


def draw(at: AppTest, pen: SimpleNamespace, digit: int) -> AppTest:
    pen.drawing = drawn(digit)
    return ran(at.run())


def test_before_anything_is_drawn_each_view_says_what_to_do() -> None:
    for view in ("Draw", "Fool", "Make"):
        assert "Draw a digit" in said(opened("digits", view=view))


def test_a_drawn_digit_is_read_and_looked_into(pen: SimpleNamespace) -> None:
    at = draw(opened("digits"), pen, 3)
    text = said(at)
    assert "Where it looked" in text and "for its 3" in text and "× 3" in text and "Add the green" in text


def test_ink_that_comes_by_the_socket_is_answered_on_the_feed(pen: SimpleNamespace) -> None:
    opened("digits")
    known = house().feeds.find(pen.feed)
    assert known is not None
    _, feed = known
    feed.receive(base64.b64decode(drawn(7)["ink"]))
    told = [json.loads(message) for message in feed.take()]
    assert told and np.argmax(told[-1]["probabilities"]) == 7
    for wrong in (b"", b"x", bytes(112 * 112 + 1)):
        feed.receive(wrong)
    assert not feed.take()
    feed.receive(bytes(112 * 112))
    assert "probabilities" not in json.loads(feed.take()[-1])


@pytest.mark.parametrize(
    "sent", [None, "3", {}, {"ink": 5, "cleared": 0}, {"ink": "###", "cleared": 0}, {"ink": "AAAA", "cleared": 0}]
)
def test_what_is_no_drawing_is_none(sent: Any) -> None:
    assert drawing.ink_from(sent, 0) is None
    assert drawing.ink_from({**drawn(3), "cleared": 0}, 0) is not None
    assert drawing.ink_from({**drawn(3), "cleared": 0}, 1) is None


def test_ones_own_digits_are_counted(pen: SimpleNamespace) -> None:
    at = draw(opened("digits"), pen, 3)
    ran(at.button(key="digits/meant/3").click().run())
    ran(at.run())
    ran(at.button(key="digits/meant/8").click().run())
    draw(at, pen, 3)
    assert "1 of 2 right" in said(at)


def test_versions_are_compared_on_the_drawn_digit(pen: SimpleNamespace) -> None:
    at = draw(opened("digits", view="Shrink"), pen, 0)
    table = next(element.value for element in at.markdown if "| version |" in element.value)
    assert table.count("\n") == 8 and table.count("**0**") >= 5


def test_a_drawn_digit_is_fooled(pen: SimpleNamespace) -> None:
    at = draw(opened("digits", view="Fool", by="0.0"), pen, 9)
    assert "Yours: 9" in said(at) and "Against the gradient: 9" in said(at)
    ran(at.slider(key="by").set_value(0.3).run())
    assert "Against the gradient: 9" not in said(at) and "As much noise: 9" in said(at)


def test_two_digits_are_morphed_and_new_ones_made(pen: SimpleNamespace) -> None:
    at = draw(opened("digits", view="Make"), pen, 0)
    ran(at.button(key="digits/keep").click().run())
    draw(at, pen, 7)
    assert at.slider(key="between").value == 0.5
    ran(at.slider(key="between").set_value(1.0).run())
    ran(at.selectbox(key="digit").set_value("8").run())
    before = at.session_state["digits/film"]
    ran(at.button(key="digits/others").click().run())
    assert at.session_state["digits/film"] != before


def test_layers_are_chosen_and_learn(pen: SimpleNamespace, until: Callable) -> None:
    at = draw(opened("digits", view="Train one here"), pen, 0)
    ran(at.button(key="digits/train").click().run())
    until(lambda: at.session_state["digits/training"][1].state in ("done", "failed"))
    ran(at.run())
    assert "right** on 400" in said(at) and html_of(at).count('class="bar') >= 10


def test_an_order_of_layers_that_cannot_be_is_said() -> None:
    at = opened("digits", view="Train one here")
    ran(at.selectbox(key="layer 4").set_value("conv 8").run())
    ran(at.button(key="digits/train").click().run())
    assert "dense layer" in said(at)


@pytest.mark.parametrize(("digit", "found"), [(5, True), (None, False)])
def test_a_photograph_of_a_digit_is_read_or_said_to_have_none(digit: int | None, found: bool) -> None:
    at = opened("digits", input="Upload")
    ink = np.zeros((200, 200), np.float32) if digit is None else written(digit)
    jpeg = to_jpeg(photograph(ink, dark=True))
    at.file_uploader[0].set_value([("digit.jpg", jpeg, "image/jpeg")])
    ran(at.run())
    assert ("for its 5" in said(at)) is found and ("No digit was found" in said(at)) is not found


def test_a_sample_is_painted_in_a_style() -> None:
    at = opened("digits", view="Paint")
    before = at.session_state["paint/done"]
    ran(at.select_slider(key="style").set_value(3).run())
    assert at.session_state["paint/done"].keys() != before.keys() and not at.error


def test_a_digit_before_the_camera_is_read_while_it_is_held_up(
    no_camera: dict[str, Any], sent: Callable[[str], dict[str, Any]], until: Callable[[Callable[[], object]], None]
) -> None:
    no_camera["playing"] = True
    at = opened("digits", input="Live")
    rgb = photograph(written(2), dark=True)
    no_camera["live"].on_frame(camera.frame_from_rgb(rgb))
    assert np.argmax(sent("digit")["probabilities"]) == 2
    ran(at.button(key="digits/look").click().run())
    assert "for its 2" in said(at)


def test_the_cameras_picture_is_painted(
    no_camera: dict[str, Any], until: Callable[[Callable[[], object]], None]
) -> None:
    no_camera["playing"] = True
    opened("digits", view="Paint", picture="Live")
    no_camera["live"].on_frame(camera.frame_from_rgb(sample("astronaut")))
    (feed,) = house().feeds.all()
    until(lambda: any(isinstance(message, bytes) and b"paint" in message[:500] for message in feed.take()))


def test_who_shares_is_counted_on_the_projector_and_taken_out_again(pen: SimpleNamespace) -> None:
    at = draw(opened("digits"), pen, 3)
    ran(at.button(key="digits/meant/3").click().run())
    draw(at, pen, 7)
    assert not pooling.pool().drawings()
    ran(at.toggle(key="digits/shares").set_value(True).run())
    assert len(pooling.pool().drawings()) == 1
    ran(at.button(key="digits/meant/1").click().run())
    assert right_of(pooling.pool().drawings()) == {1: (0, 1), 3: (1, 1)}
    draw(at, pen, 7)
    ran(at.toggle(key="digits/shares").set_value(False).run())
    assert not pooling.pool().drawings()


def test_a_network_is_trained_on_what_the_room_drew(until: Callable[[Callable[[], object]], None]) -> None:
    at = opened("digits", view="Train one here")
    assert "there are 0" in said(at)
    seen = prepared(written(1, side=112, thickness=8, at=(12, 95)))
    assert seen is not None
    pooling.pool().add("anna", *[Drawing(seen, 1, 1)] * ENOUGH)
    ran(at.run())
    ran(at.segmented_control(key="digits-data").set_value("The room's").run())
    ran(at.button(key="digits/train").click().run())
    until(lambda: ended(at.session_state["digits/training"][1]))
    assert "on 15 digits held out" in said(ran(at.run()))
