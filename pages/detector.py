"""Object detector: boxes and names for the things before the camera, followed and counted."""

import streamlit as st

from components import layout, predicting
from components.camera.stream import live_camera
from components.detector import seeing
from components.detector.choice import choose
from components.films import VIDEO
from components.pictures import LIVE, choose_source, pictures
from models.demos import demo

layout.demo_header(demo("detector"))
predicting.ask(demo("detector"))
source = choose_source(VIDEO)
picture_column, side = st.columns([3, 2], gap="large")
below = st.container()
with side:
    answer = st.container()
    choice = choose(counts=source in (LIVE, VIDEO))
    settings = st.container(horizontal=True)
if choice.model is not None:
    with picture_column:
        if source == VIDEO:
            seeing.show_film(choice)
        elif source == LIVE:
            camera = live_camera("detector", settings_in=settings)
            seeing.show_live(camera, choice, answer, below)
        else:
            chosen = pictures(source, "detector", sample="motorcycle")
            seeing.show_stills(chosen, choice, answer, below)

layout.panels(demo("detector"))
