"""Digits: from drawing one to a network that names it, shrinks, is fooled, and draws its own."""

import streamlit as st

from components import layout, loading, predicting
from components.digits import drawing, looking, making, painting, shrinking, training
from components.pictures import LIVE, PHOTO, UPLOAD
from components.sharing import choose
from models.demos import demo

DRAW, SHRINK, FOOL, MAKE, TRAIN, PAINT = VIEWS = ("Draw", "Shrink", "Fool", "Make", "Train one here", "Paint")
PAD = "Pad"

layout.demo_header(demo("digits"))
predicting.ask(demo("digits"))
view = choose("View", VIEWS, "view")
with st.container():  # what is shown while it loads must not push the pad to another place: it would be a new one
    digits = loading.model("digits") if view != PAINT else None
if view == PAINT:
    painting.show()
elif digits is not None:
    pad_column, answer_column = st.columns([2, 3], gap="large")
    with pad_column:
        source = choose("Input", (PAD, LIVE, PHOTO, UPLOAD), "input")
        if source == PAD:
            drawing.pad(digits)
        elif source == LIVE:
            drawing.camera(digits)
        else:
            drawing.photo(source)
    with answer_column:
        if view == DRAW:
            looking.show(digits)
        elif view == SHRINK:
            shrinking.show(digits)
        elif view == FOOL:
            shrinking.fool(digits)
        elif view == MAKE:
            making.show(digits)
        else:
            training.show()
    if view == DRAW:
        looking.show_more(digits)

layout.panels(demo("digits"))
