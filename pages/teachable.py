"""Teachable machine: collect samples, train a head on them, test it live, and take it along."""

import streamlit as st

from components import layout, loading, predicting
from components.camera.stream import live_camera
from components.pictures import LIVE, choose_source
from components.rooms import pooling
from components.sharing import choose
from components.teachable import collecting, desk, giving, keeping, lessons, playing, testing, training, understanding
from models.demos import demo

TEACH, UNDERSTAND, PLAY, KEEP = VIEWS = ("Teach", "Understand", "Play", "Keep")

layout.demo_header(demo("teachable"))
predicting.ask(demo("teachable"))
desk.bring_back()
desk.arrive()
lessons.keep_running()
source = choose_source()
sight, bench = st.columns([4, 5], gap="medium")
project, camera, given = desk.desk().project, None, giving.Given()
with sight:
    model = loading.model(project.kind.model)
    settings = st.container(horizontal=True)
    if source == LIVE:
        camera = live_camera(f"teachable {project.kind.name}", settings_in=settings)
    else:
        given = giving.give(source)
    trained = testing.present()
    streams: list = []
    if model is None or trained is None:
        testing.hint()
        if camera is not None and model is not None and project.kind.skeleton:
            streams = [testing.follow(camera, model)]
    else:
        with settings:
            test = testing.settings(trained)
        if camera is not None:
            streams = testing.show_live(camera, model, trained, test)
        elif given.pictures:
            testing.show_stills(given.pictures, model, trained, test)
        testing.stale_note(trained)
if camera is not None:
    recorder = desk.desk().recorder
    camera.attach(f"recorder {id(recorder)}", recorder)
    camera.only(*streams, recorder)
with bench:
    view = choose("View", VIEWS, "view")
    if view == TEACH and not collecting.show_all():
        collecting.show(camera, given)
        collecting.choose_kind()
        training.show(model)
        pooling.show()
    elif view == UNDERSTAND:
        understanding.show()
    elif view == PLAY:
        playing.show(camera, streams[0] if streams else None)
    elif view == KEEP:
        keeping.show(model)

desk.follow_tabs()
desk.show_said()
layout.panels(demo("teachable"))
