"""Pose tracker: bodies, hands and faces as points, live; and what can be done with them."""

import streamlit as st

from components import layout, predicting
from components.camera.stream import live_camera
from components.pictures import LIVE, choose_source, pictures
from components.pose import films, seeing
from components.pose.choice import choose
from models.demos import demo

layout.demo_header(demo("pose"))
predicting.ask(demo("pose"))
source = choose_source(films.VIDEO)
picture_column, side = st.columns([3, 2], gap="large")
with side:
    view = st.container()
    choice = choose()
    settings = st.container(horizontal=True)
if source == films.VIDEO:
    with picture_column:
        films.show_film(choice)
elif source == LIVE and choice.model is not None:
    with picture_column:
        camera = live_camera("pose", settings_in=settings, veiled=choice.overlay.on_black)
        seeing.show_live(camera, choice, view)
elif source != LIVE and choice.model is not None:
    with picture_column:
        samples, sample = choice.samples
        chosen = pictures(source, "pose", sample=sample, samples=samples)
        seeing.show_stills(chosen, choice)

layout.panels(demo("pose"), picture=layout.ROOT / "assets" / "pose" / "heatmap_and_offsets.svg")
