"""A press is heard, whatever the page asks for in the next moment: on a real server, by real websockets."""

import asyncio
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.bench.server import Server
from tests.bench.tab import Tab
from tests.bench.target import Target

PRESSES = 25
PAGE = """
import time
import streamlit as st
{first}

def note():
    with open({heard!r}, "a") as file:
        file.write("x")

st.button("Press", key="press", on_click=note)

@st.fragment(run_every=0.3)
def live():
    st.button("Press too", key="live", on_click=note)
    time.sleep(0.1)
    st.write("done")

live()
"""


async def press_in_fragment(tab: Tab) -> None:
    message = BackMsg()
    request = message.rerun_script
    request.page_script_hash, request.fragment_id = tab._page_hash, next(iter(tab._timers))
    widget = request.widget_states.widgets.add()
    widget.id, widget.trigger_value = tab._widgets["live"], True
    await tab._socket.send(message.SerializeToString())


async def pressed(port: int, inside: bool) -> None:
    """PRESSES times, each followed at once by a run of the whole page, as a component's message asks for."""
    tab = Tab(port, "", "")
    await tab.open()
    await asyncio.wait_for(tab.finished.wait(), 60)
    for number in range(PRESSES):
        while not tab._timers:
            await asyncio.sleep(0.01)
        await (press_in_fragment(tab) if inside else tab.press("press"))
        tab.finished.clear()
        await tab.rerun()
        await asyncio.wait_for(tab.finished.wait(), 60)
        await asyncio.sleep(0.05 + 0.03 * (number % 5))
    await tab.close()


def heard(folder: Path, inside: bool, first: str) -> int:
    log, script = folder / "heard", folder / "page.py"
    log.touch()
    script.write_text(PAGE.format(heard=str(log), first=first))
    with Server(Target("presses", script, "", {}, own_config=False)) as server:
        asyncio.run(pressed(server.port, inside))
        assert server.log_errors() == 0, server.log()[-2000:]
    return len(log.read_text())


@pytest.mark.parametrize("inside", [False, True], ids=["on the page", "in a live fragment"])
def test_every_press_is_heard_once(tmp_path: Path, inside: bool) -> None:
    patched = "from components import streamlit_patches; streamlit_patches.apply()"
    assert heard(tmp_path, inside, patched) == PRESSES
