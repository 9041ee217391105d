"""A room on the projector: its code and QR code, and live counts, readable from the last row."""

import html

import streamlit as st

from components import layout
from components.console.access import presenter_only
from components.hosting import joining
from components.layout import bar, counted
from components.rooms.shared import rooms
from models.errors import LimelightError
from models.hosting.joining import short
from models.rooms.records import Room, totals
from models.rooms.store import RoomStore
from models.settings import settings

ONE_COLUMN = 9  # classes in one column; more would be too small to read


@presenter_only
def show() -> None:
    """The room that was opened last, or the one that is chosen."""
    try:
        store = rooms() if settings().rooms_hours else None
        opened = store.rooms() if store is not None else []
        if store is None or not opened:
            st.title("Projector")
            st.info("No room is open. Open one in the console, under “Rooms”.", icon=":material/groups:")
            return
        with st.container(key="projector"):
            _room(store, opened)
    except LimelightError as error:
        layout.say_error(error)


def _room(store: RoomStore, opened: list[Room]) -> None:
    by_code = {room.code: room for room in opened}
    code = st.session_state.get("projector/room")
    room = by_code.get(code or "", opened[0])
    join, counts = st.columns([2, 3], gap="large", vertical_alignment="center")
    with join:
        address = joining.address()
        picture = joining.picture(f"{address}/teachable?room={room.code}", large=True) if address else ""
        where = f'<div class="join-address">{html.escape(short(address))}</div>' if address else ""
        st.html(f'{picture}<h1 class="room-code">{html.escape(room.code)}</h1>{where}')
    with counts:
        _counts(store, room)
    if len(opened) > 1:
        st.selectbox("Room", list(by_code), key="projector/room", width=200)


@st.fragment(run_every=1)
@presenter_only
def _counts(store: RoomStore, room: Room) -> None:
    """How much there is of each class, and from how many people."""
    try:
        shares = store.shares(room)
    except LimelightError as error:
        layout.say_error(error)
        return
    classes = totals(shares)
    most = max(classes.values(), default=1)
    bars = (bar(html.escape(label), count / most, f"{count:,}") for label, count in classes.items())
    columns = 1 if len(classes) <= ONE_COLUMN else 2
    rows = -(-len(classes) // columns)
    people = "1 person" if len(shares) == 1 else f"{len(shares)} people"
    st.html(
        f'<p class="room-sum">{counted(sum(classes.values()), "sample")} from {people}</p>'
        f'<div class="bars" style="--rows:{rows};--columns:{columns}">{"".join(bars)}</div>'
    )
