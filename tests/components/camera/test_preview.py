"""What a browser tells about its camera is the visitor's to change: nothing it says may break or fool the page."""

import math
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.camera import patches, preview
from components.camera.preview import Link

HONEST = {"state": "live", "width": 640, "height": 480, "fps": 14.8, "toServerMs": 42.5}


def test_what_our_own_script_says_is_taken() -> None:
    assert Link.from_browser(HONEST) == Link("live", 640, 480, 14.8, 0.0425)


@pytest.mark.parametrize("silent", [HONEST | {"toServerMs": None}, {k: HONEST[k] for k in HONEST if k != "toServerMs"}])
def test_a_way_that_was_not_measured_is_none(silent: dict[str, Any]) -> None:
    link = Link.from_browser(silent)
    assert link is not None and link.to_server_s is None


@pytest.mark.parametrize("told", [None, "live", 7, [], [HONEST], True, {}, {"state": "live"}, object()])
def test_anything_but_our_own_message_is_nothing(told: Any) -> None:
    assert Link.from_browser(told) is None


@pytest.mark.parametrize("field", ["state", "width", "height", "fps"])
def test_a_message_with_a_field_missing_is_nothing(field: str) -> None:
    assert Link.from_browser({k: v for k, v in HONEST.items() if k != field}) is None


@pytest.mark.parametrize("field", ["width", "height", "fps", "toServerMs"])
def test_a_hostile_number_is_nothing_or_clamped_to_one_that_can_be_shown(field: str) -> None:
    hostile = ("many", "", [], {}, [640], "9" * 6000, math.nan, math.inf, -math.inf, 1e308, 10**400, -1, True, "<b>")
    for link in filter(None, (Link.from_browser(HONEST | {field: value}) for value in hostile)):
        assert 0 <= link.fps <= 1000
        assert 0 <= link.width <= 100_000 and 0 <= link.height <= 100_000
        assert link.to_server_s is None or 0 <= link.to_server_s <= 60


@pytest.mark.parametrize("state", ["x" * 100_000, {"a": 1}, ["live"], None, 5, "<script>"])
def test_a_hostile_state_is_a_short_word(state: Any) -> None:
    link = Link.from_browser(HONEST | {"state": state})
    assert link is None or (isinstance(link.state, str) and len(link.state) <= 20)


@pytest.mark.parametrize(("ms", "seconds"), [(-5, 0.0), (10**9, 60.0), ("120", 0.12), (0, 0.0)])
def test_a_measured_way_is_between_nothing_and_a_minute(ms: Any, seconds: float) -> None:
    link = Link.from_browser(HONEST | {"toServerMs": ms})
    assert link is not None and link.to_server_s == seconds


@pytest.mark.parametrize("known", [True, False])
def test_the_browser_is_given_the_start_buttons_name_only_where_its_frame_is_known(
    known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr(patches, "_knows_streamer", known)
    monkeypatch.setattr(preview, "browser_component", lambda *_: lambda data, **_: shown.append(data))

    def script(live: object) -> None:
        from components.camera.preview import camera_preview

        camera_preview("a", mirrored=True, live=live)

    at = AppTest.from_function(
        script, default_timeout=60, kwargs={"live": SimpleNamespace(link=None, playing=False)}
    ).run()
    assert not at.exception and [data["start"] for data in shown] == [preview.START if known else ""]


@pytest.mark.parametrize(("playing", "state", "runs"), [(False, "live", 2), (True, "live", 1), (False, "idle", 1)])
def test_a_camera_that_is_on_without_the_page_knowing_it_makes_the_page_look_again(
    playing: bool, state: str, runs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []

    def component(data: dict[str, Any], on_link_change: Any, **_: Any) -> SimpleNamespace:
        told.append(data)
        if len(told) == 1:
            on_link_change()
        return SimpleNamespace(link=HONEST | {"state": state})

    monkeypatch.setattr(preview, "browser_component", lambda *_: component)

    def script(live: object) -> None:
        from components.camera.preview import camera_preview

        camera_preview("a", mirrored=True, live=live)

    live = SimpleNamespace(link=None, playing=playing)
    at = AppTest.from_function(script, default_timeout=60, kwargs={"live": live}).run()
    assert not at.exception and len(told) == runs
