"""The house: the presenter's limits and the governor's together, engines and cameras that keep to them."""

import json
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import models.runtime.engine
from components.hosting import runtime
from components.hosting.house import House
from models.hosting.governor import CAPS, Level
from models.runtime.engine import Engine
from models.settings import settings

BLACK = np.zeros((2, 2, 3), np.uint8)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sessions that were told to look."""
    told: list[str] = []
    monkeypatch.setattr(runtime, "wake", lambda session, fragment: told.append(session))
    return told


@pytest.fixture
def house(woken: list[str]) -> House:
    """Three guests, of whom the first two have their cameras on."""
    house = House()
    for session in "abc":
        house.attendance.seen(session, "pose")
        house.listens(session, "fragment")
    assert house.camera("a", True) and house.camera("b", True)
    return house


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def change(name: str, value: object) -> None:
        monkeypatch.setenv(f"LIMELIGHT_{name.upper()}", str(value))
        settings.cache_clear()

    yield change
    monkeypatch.undo()
    settings.cache_clear()


def kinds(house: House) -> list[str]:
    return [event.kind for event in house.events.newest()]


def test_the_lower_of_two_limits_counts(house: House) -> None:
    house.controls.change(max_fps=12, max_size="320×240")
    assert (house.caps.fps, house.caps.height) == (12, 240)
    house.governor.level = Level.SMALLER_PICTURES
    house._apply_caps()
    assert (house.caps.fps, house.caps.height) == (CAPS[Level.SMALLER_PICTURES].fps, 240)
    house.controls.change(max_fps=0, max_size="")
    assert house.caps == CAPS[Level.SMALLER_PICTURES]


def test_the_capacity_is_the_least_of_setting_presenter_and_measured(house: House, setting: Any) -> None:
    assert house.capacity() is None
    house.governor.capacity = 6
    assert house.capacity() == 6
    house.controls.change(max_cameras=4)
    assert house.capacity() == 4
    setting("max_cameras", 3)
    assert house.capacity() == 3


def test_a_step_down_reaches_engines_that_run_and_engines_to_come(house: House) -> None:
    running, later = Engine(lambda rgb: 0), Engine(lambda rgb: 0)
    house.watch_engine("running", running)
    assert running.max_rate == math.inf
    house.governor.level = Level.FEWER_ANSWERS
    house._apply_caps()
    house.watch_engine("later", later)
    assert running.max_rate == later.max_rate == CAPS[Level.FEWER_ANSWERS].answers_per_s


def test_an_engine_that_is_stepped_down_answers_each_stream_less_often(
    until: Callable[[Callable[[], object]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(models.runtime.engine, "time", SimpleNamespace(monotonic=lambda: now))
    engine = Engine(lambda rgb: 0)
    engine.max_rate = 4
    with engine.open() as stream, engine.open() as other:
        for eighth in range(8):  # of a second
            now = 1000 + eighth / 8
            stream.offer(BLACK)
            other.offer(BLACK)
            until(lambda due=1 + eighth // 2: stream.results == other.results == due)
        assert stream.frames == other.frames == 8
    engine.stop()


def test_what_the_presenter_changes_reaches_everybody_and_a_step_those_with_a_camera(
    house: House, woken: list[str]
) -> None:
    house.controls.change(banner="Lunch at noon")
    assert sorted(woken) == ["a", "b", "c"]
    woken.clear()
    house.governor.level = Level.PHOTO
    house._apply_caps()
    assert sorted(woken) == ["a", "b"]
    assert "Lunch" not in house.events.as_jsonl(), "the log says that there is a banner, not what it says"


def test_overload_steps_down_and_is_told_with_its_reason(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    class Late:
        max_rate = math.inf
        streams, inferences_per_s, age_p50_s, age_p95_s = 2, 3.0, 2.0, 2.0

        def stats(self) -> "Late":
            return self

    house.watch_engine("late", Late())
    now = time.monotonic()
    for second in range(8):
        monkeypatch.setattr(time, "monotonic", lambda at=now + second: at)
        house.tick()
    event = next(event for event in house.events.newest() if event.kind == "stepped down")
    assert event.facts == {"level": "fewer_answers", "why": "answers are 2.0 s old", "cameras": 2}
    assert house.caps.words and Late.max_rate == math.inf and house.meter.engines["late"].max_rate == 5


def test_who_leaves_is_forgotten_with_camera_and_place(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "is_here", lambda session: session != "a")
    house.tick()
    assert [guest.session for guest in house.attendance.guests()] == ["b", "c"]
    assert house.admission.counts() == (1, 0) and kinds(house)[0] == "session left"


def test_when_fewer_cameras_fit_the_newest_goes_to_the_line_and_its_page_is_told(
    house: House, woken: list[str]
) -> None:
    house.controls.change(max_cameras=1)
    woken.clear()
    house.tick()
    assert woken == ["b"] and [guest.session for guest in house.attendance.cameras()] == ["a"]
    assert not house.admission.may_start("b") and not house.camera("c", True)
    assert kinds(house)[:2] == ["camera put in line", "camera put in line"]


def test_a_tick_that_stumbles_does_not_end_the_house(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ticks = iter([False, False, True])
    monkeypatch.setattr(house._stopped, "wait", lambda seconds: next(ticks))
    monkeypatch.setattr(house, "tick", lambda: 1 / 0)
    house._watch()
    assert caplog.text.count("the house failed") == 2


def test_the_stats_file_has_a_line_a_second_with_every_source(house: House, setting: Any, tmp_path: Path) -> None:
    setting("stats_file", tmp_path / "stats.jsonl")
    house.watch_engine("some model", Engine(lambda rgb: 0))
    house.sources["models"] = lambda: {"some model": {"state": "ready"}}
    house.tick(), house.tick()
    rows = [json.loads(line) for line in (tmp_path / "stats.jsonl").read_text().splitlines()]
    assert len(rows) == 2
    assert rows[0]["house"]["cameras"] == 2 and rows[0]["house"]["level"] == "FULL"
    assert rows[0]["engines"]["some model"]["streams"] == 0 and rows[0]["models"]["some model"]["state"] == "ready"
    assert rows[0]["threads_by_kind"]
