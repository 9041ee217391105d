"""A picture to draw boxes or strokes on, in the browser."""

import base64
from collections.abc import Sequence

import streamlit as st

from components.layout import browser_component, say_words
from models.pictures.images import to_jpeg
from models.taught.boxes import MIN_SIDE
from models.taught.project import BOX, COLOURS, Drawn, Mark, marks_of

RADIUS = 0.02  # of a stroke, in parts of the picture's width


def draw_on(picture: Drawn, names: Sequence[str], tool: str) -> tuple[Mark, ...]:
    """The picture with its marks, to draw more; returns all that are there now. What can't be one is refused in
    words, and the others stay."""
    sent = browser_component("taught")(
        key=f"taught/drawing {tool}",
        data={
            "picture": f"data:image/jpeg;base64,{base64.b64encode(to_jpeg(picture.rgb)).decode()}",
            "of": picture.key,
            "tool": tool,
            "radius": RADIUS,
            "minSide": MIN_SIDE,
            "kinds": list(zip(names, COLOURS, strict=False)),
            "marks": [{"kind": mark.kind, "points": mark.points} for mark in picture.marks],
        },
        on_drawn_change=lambda: None,
    )
    drawn = getattr(sent, "drawn", None)
    if not isinstance(drawn, dict) or drawn.get("of") != picture.key or drawn == st.session_state.get("taught/seen"):
        return picture.marks
    st.session_state["taught/seen"] = drawn
    marks, refused = marks_of(drawn.get("marks"), tool=tool, classes=len(names))
    if refused and tool == BOX:
        say_words("That box has no size, or lies outside of the picture. Draw it from one corner to the other.")
    elif refused:
        say_words("A stroke could not be used. Paint it again.")
    return marks
