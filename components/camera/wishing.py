"""Whose camera starts without a press."""

from dataclasses import dataclass

import streamlit as st

from components import sharing
from components.hosting.presence import is_kiosk


@dataclass
class Wish:
    """Whether a visitor wants a camera, on whichever page: one that is on when the page changes starts again on the
    next page with a camera, without a press. `begins` until it has."""

    visit: int = -1
    is_on: bool = False
    begins: bool = False
    played: bool = False  # in this visit of a page

    def note(self, playing: bool) -> None:
        """Whether it plays in this run."""
        if playing:
            self.is_on, self.played, self.begins = True, True, False
        elif self.played:
            self.is_on = False  # stopped here


def of_session() -> Wish:
    """This session's. A kiosk's camera always begins by itself."""
    wish: Wish = st.session_state.setdefault("camera/wish", Wish())
    if wish.visit != (visit := sharing.visit()):
        wish.visit, wish.played, wish.begins = visit, False, wish.is_on or is_kiosk()
    return wish
