"""Many small pictures to choose from, and what the visitor wants of the chosen: delete them, or move them.

The browser does the choosing (assets/gallery), which costs no run of the page.
"""

import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from components.layout import browser_component
from components.teachable.thumbs import thumb_base64

SCRIPTS = ("gallery/office",)  # of assets/, in front of gallery/gallery.js
SHARP = 96  # pixels of a picture, at least: more than it is shown with, for screens that have them
DELETING = ("Delete", "Deleting")  # what the button says, and what is said while it is done
MAX_KEYS = 2000  # of one change
_REMEMBERED = 1000  # keys that a strip has shown: those chosen in it stay while newer ones push them out

ClassRow = tuple[str, str, str]  # id, name, colour

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Tile:
    """One picture: the sample's key and kept JPEG, a line under it, the colour of its frame as #rrggbb, and the id of
    the class it is suggested to be moved to."""

    key: str
    jpeg: bytes
    caption: str = ""
    colour: str = ""
    to: str = ""

    def __post_init__(self) -> None:
        if self.colour and not COLOUR.fullmatch(self.colour):
            raise ValueError(f"colour must be #rrggbb or nothing, got {self.colour!r}")


@dataclass(frozen=True)
class Change:
    """What the visitor wants of these samples. `to` is the id of the class that they shall move to."""

    action: Literal["delete", "move"]
    keys: tuple[str, ...]
    to: str | None = None

    @classmethod
    def from_browser(cls, sent: Any, *, keys: Collection[str], classes: Collection[str]) -> "Change | None":
        """None where the browser's words are not what our own script says; of the samples only those in `keys`."""
        if not isinstance(sent, dict) or not isinstance(wanted := sent.get("keys"), list) or len(wanted) > MAX_KEYS:
            return None
        known = tuple(dict.fromkeys(key for key in wanted if isinstance(key, str) and key in keys))
        to = sent.get("to")
        if not known:
            return None
        if sent.get("action") == "delete":
            return cls("delete", known)
        if sent.get("action") == "move" and isinstance(to, str) and to in classes:
            return cls("move", known, to)
        return None


def gallery(
    tiles: Sequence[Tile],
    classes: Sequence[ClassRow],
    *,
    key: str,
    side: int = 72,
    compact: bool = False,
    empty: str = "",
    deleting: tuple[str, str] = DELETING,
) -> Change | None:
    """Show the pictures, `side` CSS pixels wide, and return what the visitor wants of some, once for each press.

    They can go to `classes` (id, name, colour), or be deleted, for which `deleting` has the words. A `compact` one is a
    line that scrolls sideways and may be drawn again as often as wished; `empty` is said in place of none. The change
    may name samples that were shown a moment ago.
    """
    session = st.session_state.setdefault(f"{key}/gallery", {"of": secrets.token_hex(8), "done": "", "shown": {}})
    shown = {tile.key: None for tile in tiles}
    session["shown"] = dict(list({**session["shown"], **shown}.items())[-_REMEMBERED:]) if compact else shown
    data = _data(tiles, classes, side, compact, empty, deleting)
    sent = getattr(st.session_state.get(key), "change", None)
    data |= {"of": session["of"], "heard": _id(sent, session["of"])}
    # A state, not a trigger: Streamlit loses a trigger when another run is asked for before its own has begun
    sent = getattr(
        browser_component("gallery", *SCRIPTS)(key=key, data=data, on_change_change=lambda: None), "change", None
    )
    if (message := _id(sent, session["of"])) in ("", session["done"]):
        return None
    session["done"] = message
    return Change.from_browser(sent, keys=session["shown"], classes=[class_id for class_id, _, _ in classes])


def _id(sent: Any, of: str) -> str:
    """Of the browser's message; empty for what is none, or was sent to another session."""
    if not isinstance(sent, dict) or sent.get("of") != of or not isinstance(message := sent.get("id"), str):
        return ""
    return message[:40]


def _data(
    tiles: Sequence[Tile],
    classes: Sequence[ClassRow],
    side: int,
    compact: bool,
    empty: str,
    deleting: tuple[str, str] = DELETING,
) -> dict[str, Any]:
    """What the browser gets. Captions and names are strangers' texts, which it takes for nothing but text."""
    ids = {class_id for class_id, _, _ in classes}
    return {
        "tiles": [
            [t.key, thumb_base64(t.jpeg, max(side, SHARP)), t.caption, t.colour, t.to if t.to in ids else ""]
            for t in tiles
        ],
        "classes": [[class_id, name] for class_id, name, _ in classes],
        "side": side,
        "compact": compact,
        "empty": empty,
        "deleting": list(deleting),
    }
