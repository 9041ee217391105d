"""One line as the second network reads it: the votes of each narrow slice, and what is left of them (CTC)."""

import html

import streamlit as st

from components.loading import model
from components.pictures import data_url
from components.remembered import remembered_one
from models.ocr.boxes import Reading, TextBox
from models.ocr.lines.crop import crop_line
from models.ocr.lines.recognition import INPUT_HEIGHT, STEP_PIXELS
from models.ocr.lines.slices import NOTHING, Slices

SLICE = 16  # pixels of the screen
LONGEST_CAPTION = 60  # characters of a line in the list


def show(opened: Reading, lines: list[TextBox], engine: str) -> None:
    """A choice of the `lines`, and the slices of the one chosen; `engine` is who read them, by catalogue name."""
    st.markdown(
        "**Slice by slice:** for each narrow slice of a line the network names a letter or *nothing*. "
        "Repeats are joined, *nothing* is dropped: that is **CTC**."
    )
    at = st.selectbox(
        "Line",
        range(len(lines)),
        format_func=lambda index: lines[index].text[:LONGEST_CAPTION],
        key="ocr/slices",
        label_visibility="collapsed",
    )
    box = lines[min(at or 0, len(lines) - 1)]
    reader = model(engine)
    if reader is None:
        return
    name = engine, box.text, box.polygon.tobytes()
    read = remembered_one("ocr/sliced", name, lambda: reader.slices(opened.rgb, box.polygon))
    strip = data_url(crop_line(opened.rgb, box.polygon), 2000)
    st.html(_drawn(read, strip))


def _drawn(read: Slices, strip: str) -> str:
    """The strip, its slices with the surest letter of each, and the text that is left."""
    votes = "".join(
        f'<span class="{"" if slice_[0][0] else "none"}" style="--sure:{slice_[0][1]:.0%}" title="{_said(slice_)}">'
        f"{html.escape(_visible(slice_[0][0]))}</span>"
        for slice_ in read.votes
    )
    left = "".join(
        f'<b style="grid-column:{first + 1}/{end + 1}">{html.escape(_visible(letter))}</b>'
        for letter, first, end in read.letters
    )
    scale = SLICE / STEP_PIXELS
    columns = f"grid-template-columns:repeat({len(read.votes)},{SLICE}px)"
    return (
        '<div class="scrolls" tabindex="0" role="region" aria-label="The slices of the line"><div class="slices">'
        f'<img alt="The line as the network gets it" src="{strip}" '
        f'style="width:{read.width * scale:.0f}px;height:{INPUT_HEIGHT * scale:.0f}px">'
        f'<div style="{columns}">{votes}</div><div class="left" style="{columns}">{left}</div></div></div>'
    )


def _said(slice_: tuple[tuple[str, float], ...]) -> str:
    return html.escape(", ".join(f"{letter or 'nothing'} {share:.0%}" for letter, share in slice_ if share >= 0.005))


def _visible(letter: str) -> str:
    return "·" if letter == NOTHING else "␣" if letter.isspace() else letter
