"""What a run said reaches the browser, whatever a fragment asks meanwhile, and the loop has time for all."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.runtime.state.session_state import Value, WStates

from components import streamlit_patches


def as_it_came(function: Any) -> Any:
    """Streamlit's own function beneath what we put in its place."""
    while function.__module__ == streamlit_patches.__name__:
        function = next(cell.cell_contents for cell in function.__closure__ if callable(cell.cell_contents))
    return function


@pytest.fixture
def streamlit_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AppSession, "request_rerun", as_it_came(AppSession.request_rerun))


def test_with_another_version_the_patches_stay_off(
    streamlit_as_it_came: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("components.versions.version", lambda package: "1.99.0")
    original = AppSession.request_rerun
    streamlit_patches.apply.cache_clear()
    streamlit_patches.apply()
    streamlit_patches.apply.cache_clear()
    assert AppSession.request_rerun is original and "streamlit 1.99.0 is not the 1." in caplog.text


class Session:
    """As much of a session as Streamlit asks when a fragment wants its turn; `started` are runners of their own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._event_loop, self._state = loop, AppSessionState.APP_IS_RUNNING
        self._client_state = ClientState()
        self._fragment_storage = SimpleNamespace(contains=lambda fragment: fragment == "show")
        self._requests = ScriptRequests()
        self._scriptrunner: Any = SimpleNamespace(_requests=self._requests, request_rerun=self._requests.request_rerun)
        self.started: list[str | None] = []

    def _create_scriptrunner(self, data: RerunData) -> None:
        self.started.append(data.fragment_id)

    def has_fragment(self, fragment: str) -> bool:
        return self._fragment_storage.contains(fragment)

    def wants(self) -> None:
        AppSession.request_rerun(self, ClientState(fragment_id="show", is_auto_rerun=True))


@pytest.fixture
def session(streamlit_as_it_came: None) -> Iterator[Session]:
    with asyncio.Runner() as runner:
        yield Session(runner.get_loop())


def after(session: Session, seconds: float) -> None:
    session._event_loop.run_until_complete(asyncio.sleep(seconds))


def test_streamlit_itself_still_cuts_a_finished_run_short(session: Session) -> None:
    session._requests.request_stop()  # the thread has finished, what it said is on its way
    session.wants()
    assert session.started == ["show"]


def test_a_fragment_waits_for_the_last_words_of_the_run_before(session: Session) -> None:
    streamlit_patches.hear_to_the_end()
    session._requests.request_stop()
    session.wants()
    after(session, 0.05)
    assert not session.started
    session._scriptrunner = None  # they have come through
    after(session, 0.05)
    assert session.started == ["show"]


def test_a_fragment_does_not_wait_forever(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlit_patches, "LAST_WORDS_S", 0.02)
    streamlit_patches.hear_to_the_end()
    session._requests.request_stop()
    session.wants()
    for _ in range(1000):  # it looks again and again, each time a little later
        after(session, 0.01)
        if session.started:
            break
    assert session.started == ["show"]


def test_a_fragment_joins_the_line_of_a_run_that_goes_on(session: Session) -> None:
    streamlit_patches.hear_to_the_end()
    session.wants()
    assert session._requests.on_scriptrunner_ready().rerun_data.fragment_id_queue == ["show"]
    assert not session.started


def test_messages_are_sent_in_batches_and_the_loop_still_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(streamlit_patches, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(streamlit_patches.runtime, "asyncio", asyncio)  # put back at the end
    streamlit_patches.send_in_batches()
    patched = streamlit_patches.runtime.asyncio
    assert patched.Event is asyncio.Event, "whatever else is asked of it is asyncio's"
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def send(messages: int, seconds: float) -> int:
        nonlocal turns, now
        task = asyncio.create_task(others())
        await asyncio.sleep(0)
        turns = 0
        for _ in range(messages):
            now += seconds
            await patched.sleep(0)
        counted = turns
        await patched.sleep(0.001)  # which is no wait of nothing, and stays one
        task.cancel()
        return counted

    fast = asyncio.run(send(1000, seconds=0.001))
    assert 100 < fast < 500, "a thousand messages, far fewer turns"
    assert asyncio.run(send(5, seconds=0.006)) >= 5, "slow ones let the loop turn after each"


def test_the_theme_is_the_same_and_put_into_words_once(monkeypatch: pytest.MonkeyPatch) -> None:
    original = streamlit_patches.app_session._populate_theme_msg
    calls: list[str] = []

    def counted(msg: CustomThemeConfig, section: str = "theme") -> None:
        calls.append(section)
        original(msg, section)

    monkeypatch.setattr(streamlit_patches.app_session, "_populate_theme_msg", counted)
    streamlit_patches.keep_theme()
    for section in ("theme", "theme.light", "theme.dark.sidebar"):
        made = [CustomThemeConfig(), CustomThemeConfig(), CustomThemeConfig()]
        original(made[0], section)
        for message in made[1:]:
            streamlit_patches.app_session._populate_theme_msg(message, section)
        assert made[0] == made[1] == made[2]
    assert calls == ["theme", "theme.light", "theme.dark.sidebar"]


def test_widgets_may_come_and_go_while_a_run_looks_through_them() -> None:
    streamlit_patches.apply()
    widgets = WStates({f"w{n}": Value(n) for n in range(8)})
    seen = []
    for name in widgets:
        seen.append(name)
        del widgets[name]
        widgets[f"new {name}"] = Value(0)
    assert seen == [f"w{n}" for n in range(8)] and len(widgets) == 8
