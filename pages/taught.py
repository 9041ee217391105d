"""Teach it where: a detector taught with boxes, and a segmenter taught with a brush."""

import streamlit as st

from components import layout, loading, predicting
from components.camera.stream import live_camera
from components.films import VIDEO
from components.pictures import LIVE, choose_source, pictures
from components.sharing import choose
from components.taught import boxes, brush, film, ready
from models.demos import demo

BOXES, BRUSH, READY = MODES = film.MODES

layout.demo_header(demo("taught"))
predicting.ask(demo("taught"))
with st.container(horizontal=True, vertical_alignment="center"):
    mode = choose("Mode", MODES, "mode", width="content")
    source = choose_source(VIDEO)
sight, bench = st.columns([1, 1], gap="medium")
maps = loading.model(boxes.MODEL)
if maps is not None:
    with bench:
        if mode == READY:
            ready.edit()
        else:
            (boxes if mode == BOXES else brush).edit(maps)
    with sight:
        answer = st.container()
        settings = st.container(horizontal=True)
        view = st.container()
        min_score = boxes.sure_from() if mode == BOXES else 0.0
    with view:
        if source == VIDEO:
            film.show_film(mode, maps, min_score)
        elif source == LIVE:
            camera = live_camera("taught", settings_in=settings)
            if mode == BOXES:
                stream = boxes.show_live(camera, maps, answer, min_score)
            elif mode == BRUSH:
                stream = brush.show_live(camera, maps, answer)
            else:
                stream = ready.show_live(camera, answer)
            camera.only(stream, st.session_state.get("taught/newest"))
        else:
            chosen = pictures(source, "taught")
            if mode == BOXES:
                boxes.show_stills(chosen, maps, min_score)
            elif mode == BRUSH:
                brush.show_stills(chosen, maps)
            else:
                ready.show_stills(chosen)

layout.panels(demo("taught"))
