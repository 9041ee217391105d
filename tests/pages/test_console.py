"""The presenter's console, and how others join."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.console import access, actions, log, memory
from components.hosting.house import house
from components.rooms import shared
from models.errors import BadSettings
from models.hosting.sign_ins import HOURS
from models.rooms.store import RoomStore
from models.settings import settings
from tests.pages.fragments import Alone
from tests.pages.pose_visitor import Until
from tests.pages.visit import html_of, opened, ran, said

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    def put(word: str) -> None:
        monkeypatch.setenv("LIMELIGHT_PRESENTER_PASSWORD", word)
        settings.cache_clear()

    put(PASSWORD)
    yield put
    monkeypatch.undo()
    settings.cache_clear()


def tried(at: AppTest, word: str) -> AppTest:
    at.text_input[0].set_value(word)
    return ran(at.button[0].click().run())


def console() -> AppTest:
    house().tick()
    return tried(opened("console"), PASSWORD)


def button(at: AppTest, label: str) -> object:
    return next(button for button in at.button if button.label == label)


def press(at: AppTest, label: str) -> AppTest:
    return ran(button(at, label).click().run())


def is_open(at: AppTest) -> bool:
    return any(button.label == "Send everyone there" for button in at.button)


def test_without_a_password_the_console_is_off_and_says_how_to_turn_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIMELIGHT_PRESENTER_PASSWORD")
    settings.cache_clear()
    at = opened("console")
    assert "LIMELIGHT_PRESENTER_PASSWORD" in said(at) and not at.text_input and not is_open(at)


def test_a_short_password_is_refused_without_being_told(password: Callable[[str], None]) -> None:
    password("hunter2")
    with pytest.raises(BadSettings, match="fewer than 8") as refused:
        settings()
    assert "hunter2" not in str(refused.value)


def test_the_right_word_opens_for_this_session_alone() -> None:
    at = tried(opened("console"), "wrong horse")
    assert "not the password" in said(at) and not is_open(at)
    at = tried(at, PASSWORD)
    assert is_open(at)
    assert is_open(ran(at.run()))
    assert not is_open(opened("console")), "another session"
    assert PASSWORD not in house().events.as_jsonl() and "wrong horse" not in house().events.as_jsonl()
    assert PASSWORD not in str(at.session_state), "nowhere in what the session holds"


def test_guessing_is_slowed_down_for_everybody() -> None:
    at = opened("console")
    for _ in range(5):
        at = tried(at, "guess")
    at = tried(at, PASSWORD)
    assert "Too many tries" in said(at) and not is_open(at)


def test_the_presenter_comes_in_while_another_tab_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    guesser, presenter = opened("console"), opened("console")
    tab = iter(range(1000))
    monkeypatch.setattr(access, "visitor", lambda: f"guesser {next(tab) % 7}")
    for _ in range(40):
        guesser = tried(guesser, "guess")
    assert "Too many tries" in said(guesser)
    monkeypatch.setattr(access, "visitor", lambda: "presenter")
    assert is_open(tried(presenter, PASSWORD))
    counts = house().events.counts()
    assert counts["presenter's password wrong"] == 10 and counts["presenter's password refused"] == 1


def test_no_value_in_the_address_opens_it() -> None:
    assert not is_open(opened("console", **{"console/until": "99999999999", "password": PASSWORD}))


def test_signing_out_closes_it() -> None:
    assert not is_open(press(console(), "Sign out"))


@pytest.fixture(params=["signed out", "its hours are over"])
def ended(request: pytest.FixtureRequest) -> Callable[[AppTest], None]:
    """The presenter's time ends, and this browser still has the console before it."""

    def end(at: AppTest) -> None:
        sign_in = at.session_state[access.SIGN_IN]
        if request.param == "signed out":
            sign_in.end()
        else:
            sign_in._until -= 3600 * HOURS

    return end


ACTIONS = {
    "Pause all cameras": lambda: house().controls.now.paused,
    "Show": lambda: house().controls.now.banner,
    "Set the limits": lambda: house().controls.now.max_cameras,
    "Send everyone there": lambda: house().controls.now.sending,
}


@pytest.mark.parametrize("label", list(ACTIONS))
def test_no_action_works_once_the_presenters_time_is_over(label: str, ended: Callable[[AppTest], None]) -> None:
    at = console()
    at.text_area(key="console/banner").set_value("Lunch")
    at.number_input[0].set_value(3)
    before = house().controls.now
    ended(at)
    at = press(at, label)
    assert not ACTIONS[label]() and house().controls.now == before
    assert not is_open(at) and not at.dataframe


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RoomStore:
    monkeypatch.setenv("LIMELIGHT_ROOMS_HOURS", "8")
    monkeypatch.setenv("LIMELIGHT_ROOMS_URL", f"sqlite:///{tmp_path / 'rooms.sqlite'}")
    settings.cache_clear()
    return shared.rooms()


def test_no_data_comes_once_the_presenters_time_is_over(
    alone: Alone, rooms: RoomStore, ended: Callable[[AppTest], None]
) -> None:
    rooms.open()
    at = console()
    house().tick()
    at = ran(at.run())
    fragments = alone.all()
    bring = {one for one, function in fragments.items() if alone.run(at, one, function).dataframe}
    assert len(bring) == 4, "numbers, the room's people, models and events, and none of the page beside them"
    ended(at)
    for one in bring:
        at = alone.run(at, one, fragments[one])
        assert not at.dataframe and not is_open(at) and at.text_input[0].label == "Password", "the door is there"


def test_the_projector_shows_a_room_to_the_presenter_alone(
    alone: Alone, rooms: RoomStore, ended: Callable[[AppTest], None]
) -> None:
    code = rooms.open().code
    assert code not in html_of(opened("projector"))
    at = tried(opened("projector"), PASSWORD)
    assert code in html_of(at) and "0 samples from 0 people" in html_of(at)
    fragments = alone.all()
    ended(at)
    for one, function in fragments.items():
        at = alone.run(at, one, function)
        assert code not in html_of(at)
    assert at.text_input[0].label == "Password"


def test_of_two_rooms_the_last_is_shown_until_one_is_chosen(rooms: RoomStore) -> None:
    first, last = rooms.open().code, rooms.open().code
    at = tried(opened("projector"), PASSWORD)
    assert last in html_of(at) and first not in html_of(at)
    at = ran(at.selectbox(key="projector/room").set_value(first).run())
    assert first in html_of(at) and last not in html_of(at)


def test_the_download_of_events_is_empty_once_the_presenters_time_is_over(
    monkeypatch: pytest.MonkeyPatch, ended: Callable[[AppTest], None]
) -> None:
    given: list[Callable[[], str]] = []
    whole = log.st.download_button
    monkeypatch.setattr(log.st, "download_button", lambda label, make, *args, **more: given.append(make))
    at = console()
    monkeypatch.setattr(log.st, "download_button", whole)
    assert "presenter signed in" in given[-1]()
    ended(at)
    assert given[-1]() == ""


def test_it_is_not_in_the_menu_and_nobody_is_sent_away_from_it() -> None:
    at = console()
    house().controls.send("pose")
    house().controls.change(kiosk="textgen")
    assert is_open(ran(at.run()))


def test_everybody_is_sent_to_the_demo_that_was_chosen() -> None:
    at = console()
    at.selectbox(key="console/where").set_value("pose").run()
    press(at, "Send everyone there")
    assert house().controls.now.sent_to == "pose" and house().controls.now.sending == 1


def test_cameras_are_paused_and_go_on() -> None:
    at = press(console(), "Pause all cameras")
    assert house().controls.now.paused
    at = press(at, "Turn cameras back on")
    assert not house().controls.now.paused


def test_a_banner_goes_up_and_comes_down() -> None:
    at = console()
    at.text_area(key="console/banner").set_value("  <b>Lunch</b> at *noon* ")
    at = press(at, "Show")
    assert house().controls.now.banner == "<b>Lunch</b> at *noon*"
    assert "Lunch" in said(opened())
    press(at, "Take down")
    assert not house().controls.now.banner


def test_kiosk_is_for_everybody_until_it_ends() -> None:
    at = console()
    at.selectbox(key="console/where").set_value("textgen").run()
    at = ran(at.toggle[0].set_value(True).run())
    assert house().controls.now.kiosk == "textgen"
    ran(at.toggle[0].set_value(False).run())
    assert not house().controls.now.kiosk


def test_limits_are_set_together() -> None:
    at = console()
    at.number_input[0].set_value(3)
    next(box for box in at.selectbox if box.label.startswith("Pictures")).set_value(8)
    next(box for box in at.selectbox if box.label.startswith("Picture size")).set_value("320×240")
    press(at, "Set the limits")
    controls = house().controls.now
    assert (controls.max_cameras, controls.max_fps, controls.max_size) == (3, 8, "320×240")
    assert house().capacity() == 3 and house().caps.height == 240


def test_the_numbers_are_those_of_the_house() -> None:
    house().attendance.seen("somebody", "ocr")
    house().camera("somebody", True)
    at = console()
    assert "<small>Cameras</small><b>1</b>" in html_of(at)
    where = next(frame.value for frame in at.dataframe if "Here" in frame.value)
    assert {"OCR copy-paste", "Console"} <= set(where["Page"])
    assert at.success[0].value.startswith("Everything runs in full")
    assert len(at.get("plotly_chart")) == 4


def test_models_are_loaded_ahead_and_let_go(until: Until) -> None:
    at = console()
    at.multiselect(key="console/today").set_value([actions.DEMOS[0]]).run()
    at = press(at, "Load their models now")
    models = memory.loading.model_cache()
    until(lambda: models.stats()["efficientnet-lite0"].state == "ready")
    at.selectbox(key="console/model").set_value("efficientnet-lite0").run()
    press(at, "Unload")
    assert models.stats()["efficientnet-lite0"].state == "not loaded"


def test_a_model_that_cannot_be_loaded_is_an_event_and_no_error(until: Until) -> None:
    memory._load(["resnet50"])  # its server cannot be reached
    until(lambda: "model did not load" in house().events.counts())


def test_the_log_has_what_happened_and_can_be_taken_along() -> None:
    at = console()
    rows = next(frame.value for frame in at.dataframe if "What" in frame.value)
    assert "presenter signed in" in set(rows["What"])
    assert [json.loads(line)["event"] for line in house().events.as_jsonl().splitlines()]


def test_home_shows_how_to_join_where_others_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMELIGHT_PUBLIC_URL", "http://room.example:8501")
    settings.cache_clear()
    at = opened()
    assert "room.example:8501" in html_of(at) and 'class="qr"' in html_of(at)
    assert "Without HTTPS" in said(at)
    monkeypatch.setenv("LIMELIGHT_PUBLIC_URL", "https://room.example")
    settings.cache_clear()
    assert "Without HTTPS" not in said(opened())


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x/<b>", "room.example"])
def test_a_public_url_that_is_none_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("LIMELIGHT_PUBLIC_URL", url)
    settings.cache_clear()
    with pytest.raises(BadSettings, match="LIMELIGHT_PUBLIC_URL"):
        settings()
