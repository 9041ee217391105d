"""The view "Stages": where there is text, which lines, what they say."""

import html
from dataclasses import replace

import streamlit as st

from components import layout, live
from components.ocr import slicing
from components.ocr.reading import ReadSheet
from components.pictures import data_url
from models.ocr.boxes import Reading, TextBox
from models.ocr.drawing import outlined, retyped
from models.ocr.lines.crop import crop_line
from models.pictures.arrays import thumbnail
from models.pictures.drawing import heatmap

SIDE = 1000  # pixels of the pictures shown
LINES = 40


def show(page: ReadSheet, engine: str, weak_below: float) -> None:
    """Heat map, boxes and text side by side, then each line as the second stage saw it. `engine` is who read the page,
    by catalogue name."""
    opened = page.opened()
    found, lines, text = st.columns(3)
    small = thumbnail(opened.rgb, SIDE)
    scale = small.shape[1] / opened.rgb.shape[1]
    with found:
        st.markdown("**1 · Where is text?** Each pixel gets a probability.")
        if opened.detection is None:
            st.info(f"{layout.plain(opened.engine)} does not show its first stage.")
        else:
            glowing = heatmap(small // 3, opened.detection.heat, strength=0.8)  # dim: it has to glow
            st.image(glowing, alt="The page, bright where text was found", width="stretch")
    with lines:
        st.markdown("**2 · Which lines?** Islands of it become boxes.")
        polygons = [box.polygon * scale for box in opened.boxes]
        boxed = outlined(small, polygons, [box.score for box in opened.boxes], weak_below)
        st.image(boxed, alt="The page with a box around each line", width="stretch")
    with text:
        st.markdown("**3 · What do they say?** Each box is read by itself.")
        typed = retyped(_scaled(opened, scale), (small.shape[1], small.shape[0]), weak_below)
        st.image(typed, alt="What was read, typed where it stands on the page", width="stretch")
    live.show_seconds(opened.seconds, digits=0)
    _show_lines(opened, engine, weak_below)


def _scaled(opened: Reading, scale: float) -> list[TextBox]:
    return [replace(box, polygon=box.polygon * scale, words=()) for box in opened.boxes]


def _show_lines(opened: Reading, engine: str, weak_below: float) -> None:
    if not opened.boxes:
        return
    least_sure = sorted(opened.boxes, key=lambda box: box.score)[:LINES]
    if opened.detection is not None:
        slicing.show(opened, least_sure, engine)
    st.markdown(
        "**Line by line:** the strip that the second network saw, and what it made of it, the least sure first."
    )
    st.html(f'<table class="strips">{"".join(_row(opened, box, weak_below) for box in least_sure)}</table>')


def _row(opened: Reading, box: TextBox, weak_below: float) -> str:
    strip = data_url(crop_line(opened.rgb, box.polygon), 420)
    return (
        f'<tr class="{"weak" if box.score < weak_below else ""}"><td><img alt="" src="{strip}"></td>'
        f'<td dir="auto">{html.escape(box.text)}</td><td>{box.score:.0%}</td></tr>'
    )
