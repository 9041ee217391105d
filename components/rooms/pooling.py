"""The visitor's part of a room, on the Teachable page: join it, see what of one's own is in it, take it out again."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from components import layout
from components.browser_key import browser_key
from components.hosting.house import house
from components.hosting.runtime import visitor
from components.layout import counted
from components.rooms import contributions
from components.rooms.shared import rooms
from components.teachable.desk import attempt, come_back, desk, own_project, say, visit
from models.errors import BadInput, LimelightError
from models.rooms.records import Member
from models.rooms.store import RoomStore
from models.settings import settings
from models.teachable.names import MAX_NAME_LETTERS

BATCH = 40  # samples a turn: a second's work at most


def show() -> None:
    """Nothing where there are no rooms; a line to join one; or what stands in the room that was joined."""
    if settings().rooms_hours == 0:
        return
    # where projects are kept, the page has asked the browser already
    key = desk().browser if settings().project_hours else browser_key()
    if key is None:
        return
    try:
        store = rooms()
        member = store.membership(key)
        if member is not None:
            _in_room(store, member)
        elif st.query_params.get("room") or store.rooms():
            _door(store, key)
    except LimelightError as error:
        layout.say_error(error)


def _door(store: RoomStore, key: str) -> None:
    asked = st.query_params.get("room", "")[:12]
    with st.expander("Join a room: pool your samples with others", icon=":material/groups:", expanded=bool(asked)):
        hours = settings().rooms_hours
        st.markdown(
            "What you share goes into one project that everybody in the room can open: your **pictures and the names "
            f"of your classes**. They are kept on this server until the room closes, {hours:g} hours after it was "
            "opened at the latest. You can take yours out at any time; the presenter can, too."
        )
        with st.form("room/door", border=False):
            code, name = st.columns(2)
            typed = code.text_input("Code of the room", asked, max_chars=12, key="room/code")
            called = name.text_input("Your name, if you like", max_chars=MAX_NAME_LETTERS, key="room/name")
            pressed = st.form_submit_button("Join and share my samples", type="primary", icon=":material/group_add:")
        if pressed:
            _join(store, key, typed, called)


def _join(store: RoomStore, key: str, code: str, name: str) -> None:
    if not house().rates.allow("room code", visitor()):
        house().record_failed("room code", refused=True)
        st.error("Too many tries. Wait a minute, reload the page, then try again.", icon=":material/hourglass_top:")
        return
    try:
        member = store.join(code, key, name)
    except BadInput as error:
        house().rates.failed("room code", visitor())
        house().record_failed("room code")
        layout.say_error(error)
        return
    house().events.record("room joined", member=member.number)
    say(f"You are in the room {member.room.code} as {member.title}.", ":material/groups:")
    st.rerun()


def _in_room(store: RoomStore, member: Member) -> None:
    with st.container(border=True, key="room"):
        st.markdown(f":material/groups: **Room {member.room.code}** · you are {layout.plain(member.title)}")
        if (own := own_project()) is not None:
            st.caption("This is the room's project. Changes here stay with you, until you go back to your own.")
            st.button(
                "Back to my own project", icon=":material/undo:", key="room/back", on_click=come_back, args=(own,)
            )
            return
        # another tab may have switched it: under another name what this one's browser still believes counts for nothing
        sharing = st.toggle(
            "Share my samples, new ones too",
            member.sharing,
            key=f"room/sharing {member.id} {member.sharing}",
            on_change=_switch_sharing,
            args=(store, member),
        )
        fits = desk().project.kind.name == member.room.kind
        if not fits:
            st.caption(
                "This room collects another kind of samples than your project has: open one of that kind to share."
            )
        _standing(store, member, sharing and fits)
        with st.container(horizontal=True):
            here = (store, member)
            st.button(
                "Open the room's project", icon=":material/folder_open:", key="room/open", on_click=_open, args=here
            )
            st.button("Take mine out and leave", icon=":material/logout:", key="room/leave", on_click=_leave, args=here)


def _switch_sharing(store: RoomStore, member: Member) -> None:
    _act(lambda: store.set_sharing(member, not member.sharing))


def _act(what: Callable[[], object]) -> bool:
    """Do it in the room, also where another tab has changed the project meanwhile; whether it was done."""
    try:
        what()
    except LimelightError as error:
        say(str(error), ":material/error:")
        return False
    return True


@st.fragment(run_every=2)
def _standing(store: RoomStore, member: Member, sharing: bool) -> None:
    """How many of one's samples are in the room; those that are not yet go there a batch a turn. `member` and `sharing`
    are of the page's last full run: what another tab or the presenter has changed since has it run again first."""
    try:
        share = store.share(member)
        if share is None or share.member != member:
            st.rerun()
        kept = store.keys(member)
        project = desk().project
        mine = [(s.key, one.name, s.jpeg) for one in project.classes for s in one.samples]
        waiting = [sample for sample in mine if sample[0] not in kept]
        if sharing and waiting:
            kept |= store.add(member, waiting[:BATCH])
            share = store.share(member) or share
    except BadInput as error:
        layout.say_error(error)
        return
    except LimelightError as error:
        st.warning(layout.plain(str(error)), icon=":material/sync_problem:")
        return
    missing = sum(key not in kept for key, _, _ in mine)
    on_the_way = f" {missing:,} more are on their way." if missing and sharing else ""
    st.markdown(
        f"**{counted(share.count, 'sample')} of yours** {'is' if share.count == 1 else 'are'} in the room.{on_the_way}"
    )
    _classes(store, member, share.samples)


def _classes(store: RoomStore, member: Member, samples: dict[str, int]) -> None:
    """What of one's own is in the room, class by class, each to be looked at and taken out."""
    for label, count in samples.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{layout.plain(label)}: {counted(count, 'sample')}")
            shown = st.toggle("Show", key=f"room/show {label}")
            st.button(
                "Take out",
                key=f"room/out {label}",
                icon=":material/remove_circle:",
                type="tertiary",
                on_click=_take_out,
                args=(store, member, label),
            )
        if shown:
            contributions.show(store, member, label, key=f"room/pictures/{label}")


def _take_out(store: RoomStore, member: Member, label: str) -> None:
    """Sharing stops with it, or they would be back in two seconds."""

    def take() -> None:
        store.set_sharing(member, False)
        store.remove(member, label)

    _act(take)


def _open(store: RoomStore, member: Member) -> None:
    project: Any = None

    def take() -> None:
        nonlocal project
        project = store.pooled(member.room)

    if attempt(take):
        visit(project)
        say(f"The room's project: {counted(len(project.samples), 'sample')}. Train on it.")


def _leave(store: RoomStore, member: Member) -> None:
    if _act(lambda: store.leave(member)):
        house().events.record("room left", member=member.number)
        say("You have left the room, and your samples with you.")
