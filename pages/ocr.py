"""OCR copy-paste: find the lines of text in a picture, read them, and take them along."""

import streamlit as st

from components import layout, predicting
from components.ocr import camera, choice, clouds, comparing, preparing, reading, sheets, showing, stages
from components.pictures import LIVE, PASTE, SAMPLES, choose_source
from components.sharing import choose
from models.demos import demo

TEXT, STAGES, PREPARE, COMPARE, CLOUD = VIEWS = ("Text", "Stages", "Prepare", "Compare", "Word cloud")

layout.demo_header(demo("ocr"))
predicting.ask(demo("ocr"))
source = choose_source(first=SAMPLES)
if source == PASTE:
    sheets.paste_anywhere(source)
pages = sheets.choose_sheets(source)
bar = st.container(horizontal=True, vertical_alignment="center", key="bar")
with bar:
    views = st.container(width="content")
    chosen = choice.choose()
if chosen.engine is not None and source == LIVE and not pages:
    camera.show(chosen)
elif chosen.engine is not None and pages:
    if source == LIVE:
        st.button("Back to the camera", icon=":material/videocam:", on_click=sheets.unfreeze, key="ocr/unfreeze")
    done = reading.read(pages, chosen.engine, choice.tools())
    page = reading.choose_page(done)
    if page is not None:
        with views:
            view = choose("View", VIEWS, "view", wrap=False)
        showing.show_tools_in_use(choice.tools())
        if view == TEXT:
            showing.show(page, done, chosen)
        elif view == STAGES:
            stages.show(page, chosen.engine, chosen.weak_below)
        elif view == PREPARE:
            preparing.show(page.sheet)
        elif view == COMPARE:
            comparing.show(page, chosen)
        else:
            clouds.show(page, done, chosen)
if source != PASTE:
    sheets.paste_anywhere(source)

layout.panels(demo("ocr"))
