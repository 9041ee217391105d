"""Detector: boxes and names for the things before the camera, followed and counted."""

import streamlit as st

from components import layout, live, predicting
from components.camera.stream import live_camera
from components.detector import seeing, steps
from components.detector.choice import choose
from components.films import VIDEO
from components.pictures import LIVE, choose_source, pictures
from components.sharing import choose as choose_one
from models.demos import demo

FIND, STEPS = MODES = ("Find", "Step by step")

layout.demo_header(demo("detector"))
predicting.ask(demo("detector"))
with st.container(horizontal=True, vertical_alignment="center"):
    mode = choose_one("Mode", MODES, "mode", width="content")
    source = choose_source(VIDEO)
picture_column, side = st.columns([3, 2], gap="large")
answer = side.container()
with side:
    settings = st.container(horizontal=True)
    choice = choose(counts=source in (LIVE, VIDEO) and mode == FIND)
if choice.model is not None and source == VIDEO:
    with picture_column:
        seeing.show_film(choice)
elif choice.model is not None and source == LIVE:
    with picture_column:
        camera = live_camera("detector", settings_in=settings)
    if mode == FIND:
        seeing.show_live(camera, choice, answer)
    else:
        steps.show_live(camera, choice, answer)
elif choice.model is not None:
    with picture_column:
        chosen = pictures(source, "detector", sample="coffee")
        if mode == FIND:
            seeing.show_stills(chosen, choice, answer)
        else:
            steps.show_stills(chosen, choice, answer)

layout.panels(demo("detector"))
