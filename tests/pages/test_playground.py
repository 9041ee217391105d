"""The playground: a network begins, learns, is reset; own points by hand and by file; bad input is met with words."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.playground import desk as desks
from components.playground.choice import PRESETS
from tests.pages.visit import opened, ran, said

Until = Callable[[Callable[[], Any]], None]


def desk(at: AppTest) -> desks.Desk:
    return at.session_state["playground/desk"]


def press(at: AppTest, name: str) -> AppTest:
    return ran(at.button(key=f"playground/{name}").click().run())


@pytest.fixture(autouse=True)
def lines_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks on here, so nobody is forgotten for that."""
    monkeypatch.setattr("models.playground.lessons.FORGET_S", 600.0)


def test_points_stand_there_before_anything_is_learnt() -> None:
    at = opened("playground")
    first = desk(at).first()
    assert first["points"]["train"] == 150 and "classes" not in first
    json.dumps(first)


def test_run_learns_and_pause_stays(until: Until) -> None:
    at = press(opened("playground", pace="60"), "run")
    own = desk(at)
    until(lambda: own.made().epoch > 20)
    assert own.is_learning
    ran(at.run())
    press(at, "run")
    until(lambda: not own.is_learning)
    epoch = own.made().epoch
    assert own.first()["accuracy"] > 0.8
    press(at, "reset")
    assert own.first()["epoch"] == 0 < epoch


def test_a_step_is_one_batch() -> None:
    at = press(opened("playground"), "step")
    assert desk(at).first()["step"] == 1
    press(at, "step")
    assert desk(at).first()["step"] == 2


def test_other_settings_begin_anew_and_go_on(until: Until) -> None:
    at = press(opened("playground"), "run")
    before = desk(at).made()
    ran(at.slider(key="layers").set_value(2).run())
    assert desk(at).learner is not before and desk(at).is_learning
    assert len(desk(at).first()["units"]) == 3


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_can_be_tried(name: str) -> None:
    at = press(opened("playground"), f"preset/{name}")
    press(at, "step")
    assert desk(at).first()["step"] == 1 and not at.error


def test_xor_without_a_layer_is_explained() -> None:
    assert "one straight line" in said(press(opened("playground"), "preset/XOR without a hidden layer"))


def test_what_diverges_says_so_and_shows_no_nan(until: Until) -> None:
    at = press(press(opened("playground", pace="60"), "preset/Too fast"), "run")
    until(lambda: not desk(at).is_learning)
    shown = json.dumps(desk(at).first(), allow_nan=False)
    assert "smaller learning rate" in shown


def test_points_come_by_taps_of_several_classes() -> None:
    at = opened("playground", points="own points")
    assert "Put at least" in said(at)
    own = desk(at)
    for number in range(12):
        own.on_bytes(json.dumps({"x": number / 3 - 2, "y": (-1) ** number, "label": number % 3}).encode())
    assert len(own.train) + len(own.test) == 12 and len(own.train.names) == 3
    own.on_bytes(b'{"undo": true}')
    assert len(own.train) + len(own.test) == 11
    assert "Put at least" not in said(ran(at.run()))
    press(at, "step")
    assert own.first()["step"] == 1


NO_TAPS = [
    *(b"", b"x", b"[]", b"null", b'{"x": 1}', b"\xff"),
    *(b'{"x": 99, "y": 0, "label": 0}', b'{"x": NaN, "y": 0, "label": 0}', b'{"x": "a", "y": 0, "label": 0}'),
    *(b'{"x": 0, "y": 0, "label": 7}', b'{"x": 0, "y": 0, "label": -1}'),
]


@pytest.mark.parametrize("sent", NO_TAPS)
def test_what_is_no_tap_is_passed_over(sent: bytes) -> None:
    own = desk(opened("playground", points="own points"))
    own.on_bytes(sent)
    assert len(own.train) + len(own.test) == 0


def test_only_own_points_are_tapped() -> None:
    own = desk(opened("playground"))
    own.on_bytes(b'{"x": 0, "y": 0, "label": 0}')
    assert len(own.train) + len(own.test) == 300


def test_an_outlier_is_dragged_and_always_learnt_from(until: Until) -> None:
    at = press(opened("playground"), "preset/An outlier")
    own = desk(at)
    assert own.train.xy[-1].tolist() == [3, -5] and len(own.train) + len(own.test) == 300
    press(at, "step")
    own.on_bytes(b'{"x": -2, "y": 4.5, "label": 0}')
    assert own.train.xy[-1].tolist() == [-2, 4.5] and own.first()["step"] == 1, "it goes on with the same network"
    own.on_bytes(b'{"x": -2, "y": 99, "label": 0}')
    assert own.train.xy[-1].tolist() == [-2, 4.5]


def test_a_csv_file_becomes_points_and_a_bad_one_is_said() -> None:
    at = opened("playground", points="own points")
    good = "x,y,class\n" + "".join(f"{n},{n * n},{'ab'[n % 2]}\n" for n in range(40))
    at.file_uploader(key="playground/upload").set_value([("points.csv", good.encode(), "text/csv")])
    ran(at.run())
    assert len(desk(at).train) + len(desk(at).test) == 40 and "40 points" in said(at)
    at.file_uploader(key="playground/upload").set_value(
        [("words.csv", b"no,numbers,here\nat,all,really\n", "text/csv")]
    )
    ran(at.run())
    assert "No points were found" in said(at)


def test_one_unit_is_told_in_numbers() -> None:
    at = opened("playground", view="One unit")
    assert "z = " in said(at) and "| x |" in said(at)
    before = said(at)
    press(at, "step")
    assert said(at) != before


@pytest.mark.parametrize("name", ["rate", "race", "seeds"])
def test_each_question_gets_its_answer(name: str, until: Until) -> None:
    at = press(opened("playground", view="Rate and chance", count="60"), f"ask/{name}")
    asked = at.session_state[f"playground/asked/{name}"]
    until(lambda: asked.state in ("done", "failed"))
    ran(at.run())
    assert asked.result is not None and not at.error
    assert {"rate": "Most steeply at", "seeds": "by chance alone", "race": ""}[name] in said(at)


def test_the_classics_learn_and_a_rule_is_written_by_hand(until: Until) -> None:
    at = opened("playground", view="Classics", points="apples and oranges")
    assert "your rule" in said(at)
    press(at, "classics/train")
    until(lambda: at.session_state["playground/classics"][1].state == "done")
    assert "random forest" in said(ran(at.run()))


def test_a_curve_has_no_classics_and_no_seeds() -> None:
    assert "classes apart" in said(opened("playground", view="Classics", points="curve: sine"))
    assert "nothing is right or wrong" in said(opened("playground", view="Rate and chance", points="curve: sine"))


def test_the_page_opens_without_torch(no_camera: dict[str, Any]) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from tests.pages.visit import opened; opened('playground'); "
        "assert 'torch' not in sys.modules, 'torch was imported'"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "torch was imported" not in done.stderr
