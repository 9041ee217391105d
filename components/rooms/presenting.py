"""The presenter's part of rooms, in the console: open one, see who has put what into it, take out, close."""

from datetime import datetime

import streamlit as st

from components import layout
from components.console.access import presenter_only
from components.hosting import joining
from components.hosting.house import house
from components.rooms import contributions
from components.rooms.shared import rooms
from components.streamlit_patches import switch_page
from components.teachable.desk import visit
from models.errors import LimelightError
from models.rooms.records import Member, Room, Share
from models.rooms.store import RoomStore
from models.runtime.csv_cells import harmless
from models.settings import settings
from models.teachable.kinds import KINDS


@presenter_only
def show() -> None:
    """The rooms that are open, each with its code and its people."""
    if settings().rooms_hours == 0:
        st.caption("Rooms are off: the setting `LIMELIGHT_ROOMS_HOURS` says how long one is kept.")
        return
    try:
        store = rooms()
        for room in store.rooms():
            with st.container(border=True):
                _room(store, room)
        _open(store)
    except LimelightError as error:
        layout.say_error(error)


def _open(store: RoomStore) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox("This room collects", list(KINDS), format_func=lambda name: KINDS[name].title, width=260)
        if st.button("Open a room", icon=":material/add:", key="rooms/open"):
            store.open(kind)
            house().events.record("room opened")
            st.rerun()


def _room(store: RoomStore, room: Room) -> None:
    code, people = st.columns([1, 2], gap="large")
    with code:
        st.markdown(f"## {room.code}")
        if (address := joining.address()) is not None:
            st.html(joining.picture(f"{address}/teachable?room={room.code}"))
        until = datetime.fromtimestamp(room.expires).strftime("%a %H:%M")
        st.page_link("pages/projector.py", label="Put it on the projector", icon=":material/cast:")
        st.caption(f"{KINDS[room.kind].title}. Everything in it is deleted on {until}, or when you close it.")
    with people:
        _people(store, room)
        with st.container(horizontal=True):
            _whole(store, room)


@st.fragment(run_every=3)
@presenter_only
def _people(store: RoomStore, room: Room) -> None:
    """Who is in it with how much, one to take out, and who was taken out and cannot join again."""
    try:
        shares, expelled = store.shares(room), store.expelled(room)
    except LimelightError as error:
        layout.say_error(error)
        return
    rows = [
        {
            "Number": share.member.number,
            "Member": harmless(share.member.name),  # Streamlit lets one download what it shows
            "Samples": share.count,
            "Classes": harmless(", ".join(f"{label} {count}" for label, count in share.samples.items())),
            "MB": round(share.bytes / 1e6, 1),
        }
        for share in shares
    ]
    st.markdown(f"**{len(shares)}** in the room, **{sum(share.count for share in shares)}** samples")
    st.dataframe(rows, hide_index=True, width="stretch", key=f"rooms/people {room.id}")
    if shares:
        _take_out(store, room, shares)
    for number, name in expelled.items():
        st.button(
            f"Let {layout.plain(name or 'member')} ({number}) in again",
            icon=":material/undo:",
            key=f"rooms/in {room.id} {number}",
            type="tertiary",
            on_click=_let_in,
            args=(store, room, number),
        )


def _take_out(store: RoomStore, room: Room, shares: list[Share]) -> None:
    """One member: their pictures, and the way out for some or all of them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        members = {share.member.id: share.member for share in shares}
        who = st.selectbox(
            "Member",
            list(members),
            format_func=lambda one: members[one].title if one in members else "",
            key=f"rooms/who {room.id} {len(members)}",  # one that began empty would stay so
            width=200,
        )
        st.button(
            "Take out",
            disabled=who not in members,
            key=f"rooms/out {room.id}",
            on_click=_expel,
            args=(store, members.get(who)),
        )
        shown = st.toggle("Show the pictures", key=f"rooms/show {room.id}")
    if shown and who in members:
        contributions.show(store, members[who], None, key=f"rooms/pictures/{who}")


@presenter_only
def _expel(store: RoomStore, member: Member | None) -> None:
    if member is None:
        return
    try:
        store.expel(member)
        house().events.record("member taken out", member=member.number)
    except LimelightError as error:
        layout.say_error(error)


@presenter_only
def _let_in(store: RoomStore, room: Room, number: int) -> None:
    try:
        store.let_in(room, number)
        house().events.record("member let in again", member=number)
    except LimelightError as error:
        layout.say_error(error)


def _whole(store: RoomStore, room: Room) -> None:
    """The room as a whole: its project, and its end."""
    if st.button("Open the project", icon=":material/folder_open:", key=f"rooms/project {room.id}"):
        visit(store.pooled(room))
        switch_page("pages/teachable.py")
    with st.popover("Close the room", icon=":material/delete_forever:"):
        st.markdown("All pictures in it are deleted. Open the project first if you want to keep them.")
        if st.button("Close it and delete everything", key=f"rooms/end {room.id}", type="primary"):
            store.end(room)
            house().events.record("room closed")
            st.rerun()
