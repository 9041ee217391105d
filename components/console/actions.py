"""What the presenter does to everybody's pages: lead, pause, say, limit. Each is safe to press twice."""

import streamlit as st

from components.console.access import presenter_only
from components.hosting.house import house
from components.layout import say_error
from models.demos import DEMOS
from models.errors import BadInput
from models.hosting.controls import MAX_BANNER, SIZES

HOME = ""
TITLES = {HOME: "Home"} | {demo.name: demo.title for demo in DEMOS}
RATES = (0, 5, 8, 10, 15)


@presenter_only
def show() -> None:
    """The four cards."""
    lead, say, limit = st.columns(3)
    with lead.container(border=True, height="stretch"):
        _lead()
    with say.container(border=True, height="stretch"):
        _say()
    with limit.container(border=True, height="stretch"):
        _limit()


@presenter_only
def _change(**changes: object) -> None:
    try:
        house().controls.change(**changes)
    except BadInput as error:
        say_error(error)


def _lead() -> None:
    controls = house().controls.now
    st.markdown("**Lead**")
    where = st.selectbox("Demo", list(TITLES), format_func=TITLES.__getitem__, key="console/where")
    if st.button("Send everyone there", icon=":material/arrow_forward:", type="primary", width="stretch"):
        count = len(house().attendance.guests())
        house().controls.send(where)
        st.toast(f"{count} open {'page' if count == 1 else 'pages'} told to go to {TITLES[where]}.")
    words = "Turn cameras back on" if controls.paused else "Pause all cameras"
    icon = ":material/play_arrow:" if controls.paused else ":material/pause:"
    st.button(
        words,
        icon=icon,
        width="stretch",
        key="console/pause",
        on_click=_change,
        kwargs={"paused": not controls.paused},
    )
    kiosk = st.toggle(
        f"Kiosk: everyone sees {TITLES[controls.kiosk or where]} alone, in big type, without the menu",
        value=bool(controls.kiosk),
        key=f"console/kiosk {controls.kiosk}",
        disabled=where == HOME and not controls.kiosk,
    )
    if kiosk != bool(controls.kiosk):
        _change(kiosk=where if kiosk else "")
        st.rerun()
    if where != HOME:
        st.caption(f"One screen alone as a kiosk: open `/{where}?kiosk=true` on it.")


def _say() -> None:
    st.markdown("**Say**")
    st.text_area("Banner on every page", max_chars=MAX_BANNER, key="console/banner", placeholder="Lunch is at noon")
    put, clear = st.columns(2)
    put.button("Show", icon=":material/campaign:", width="stretch", on_click=_put_banner)
    clear.button(
        "Take down",
        width="stretch",
        disabled=not house().controls.now.banner,
        on_click=_change,
        kwargs={"banner": ""},
    )
    if banner := house().controls.now.banner:
        st.caption("On every page now:")
        st.text(banner)


@presenter_only
def _put_banner() -> None:
    _change(banner=st.session_state["console/banner"].strip())


def _limit() -> None:
    controls, measured = house().controls.now, house().governor.capacity
    st.markdown("**Limit**")
    st.number_input(
        "Cameras at a time (0: as many as the machine carries)",
        0,
        1000,
        controls.max_cameras,
        key="console/max_cameras",
    )
    st.selectbox(
        "Pictures per second, at most",
        RATES,
        index=RATES.index(controls.max_fps) if controls.max_fps in RATES else 0,
        format_func=lambda rate: str(rate) if rate else "no limit",
        key="console/max_fps",
    )
    st.selectbox(
        "Picture size, at most",
        list(SIZES),
        index=list(SIZES).index(controls.max_size),
        format_func=lambda size: size or "no limit",
        key="console/max_size",
    )
    st.button("Set the limits", width="stretch", on_click=_set_limits)
    if measured is not None:
        st.caption(f"Measured: {measured} cameras are what this machine carries at the moment.")


@presenter_only
def _set_limits() -> None:
    names = ("max_cameras", "max_fps", "max_size")
    _change(**{name: st.session_state[f"console/{name}"] for name in names})
