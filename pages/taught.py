"""Teach it where: a detector taught with boxes, and a segmenter taught with a brush."""

import streamlit as st

from components import layout, loading, predicting
from components.camera.stream import live_camera
from components.pictures import LIVE, choose_source, pictures
from components.sharing import choose
from components.taught import boxes, brush
from models.demos import demo

BOXES, BRUSH = MODES = ("Boxes", "Brush")

layout.demo_header(demo("taught"))
predicting.ask(demo("taught"))
with st.container(horizontal=True, vertical_alignment="center"):
    mode = choose("Mode", MODES, "mode", width="content")
    source = choose_source()
sight, bench = st.columns([1, 1], gap="medium")
maps = loading.model(boxes.MODEL)
if maps is not None:
    with bench:
        (boxes if mode == BOXES else brush).edit(maps)
    with sight:
        answer = st.container()
        settings = st.container(horizontal=True)
        view = st.container()
        min_score = boxes.sure_from() if mode == BOXES else 0.0
    with view:
        if source == LIVE:
            camera = live_camera("taught", settings_in=settings)
            if mode == BOXES:
                stream = boxes.show_live(camera, maps, answer, min_score)
            else:
                stream = brush.show_live(camera, maps, answer)
            camera.only(stream, st.session_state["taught/newest"])
        elif mode == BOXES:
            boxes.show_stills(pictures(source, "taught"), maps, min_score)
        else:
            brush.show_stills(pictures(source, "taught"), maps)

layout.panels(demo("taught"))
