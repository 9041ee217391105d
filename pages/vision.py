"""Vision bench: what OpenCV does with a picture without having learnt anything, step by step."""

import streamlit as st

from components import layout, predicting
from components.camera.stream import live_camera
from components.pictures import LIVE, SAMPLES, choose_source, pictures
from components.sharing import choose
from components.vision import bench, editing, fractal
from models.demos import demo

BENCH, GPUS = VIEWS = ("Bench", "Why GPUs?")

layout.demo_header(demo("vision"))
predicting.ask(demo("vision"))
view = choose("View", VIEWS, "view")
if view == GPUS:
    fractal.show()
else:
    source = choose_source(first=SAMPLES)
    picture_column, chain_column = st.columns([3, 2], gap="large")
    with chain_column:
        at = editing.edit()
        settings = st.container(horizontal=True)
    links, camera, shown = editing.chain(), None, True
    with picture_column:
        if source == LIVE:
            with st.container(key="vision-camera"):  # both pictures side by side: see style.css
                camera = live_camera("vision", settings_in=settings, returns=True)
            bench.send_back(camera, links)
        else:
            chosen = pictures(source, "vision", sample="coffee")
            shown = bool(chosen)
            for picture in chosen[:1]:
                bench.show_still(picture, links)
        editing.examples()
        if shown:
            bench.show_step(links, at, camera)
    if shown:
        bench.show_tools(links, at, is_live=camera is not None)

layout.panels(demo("vision"))
