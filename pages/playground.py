"""Playground: small networks learn to part points in the plane, before one's eyes."""

import streamlit as st

from components import layout, predicting
from components.playground import board, choice, classics, finding, unit
from components.playground.desk import desk
from components.sharing import choose
from models.demos import demo

LEARN, UNIT, FINDING, CLASSICS = VIEWS = ("Learn", "One unit", "Rate and chance", "Classics")

layout.demo_header(demo("playground"))
predicting.ask(demo("playground"))
view = choose("View", VIEWS, "view")
bar = st.container(horizontal=True, key="playground-bar")
with bar:
    chosen = choice.choose()
own = desk()
own.set(chosen)
if view == LEARN:
    board.show(own, chosen, bar)
elif view == UNIT:
    unit.show(own)
elif view == FINDING:
    finding.show(own, chosen)
else:
    classics.show(own)
choice.presets()

layout.panels(demo("playground"))
