"""What somebody has put into a room, picture by picture: theirs to take out, and the presenter's."""

import streamlit as st

from components import layout
from components.teachable.gallery import Tile, gallery
from models.errors import LimelightError
from models.rooms.records import Member
from models.rooms.store import RoomStore

MAX_SHOWN = 60


def show(store: RoomStore, member: Member, label: str | None, *, key: str) -> None:
    """Their newest pictures of one class, or of all; those that are chosen can be taken out and don't come back."""
    try:
        found = store.pictures(member, label, MAX_SHOWN)
        change = gallery(
            [Tile(number, jpeg) for number, jpeg in found],
            (),
            key=key,
            empty="No pictures.",
            deleting=("Take out", "Taking out"),
        )
        if len(found) == MAX_SHOWN:
            st.caption(f"The newest {MAX_SHOWN}. Older ones follow when some are taken out.")
        if change is not None and store.withhold(member, change.keys):
            st.rerun()
    except LimelightError as error:
        layout.say_error(error)
