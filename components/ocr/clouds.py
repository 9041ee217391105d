"""The view "Word cloud": what the pages are about, at a glance."""

from collections.abc import Sequence

import streamlit as st

from components import word_cloud
from components.ocr import showing
from components.ocr.choice import ReaderChoice
from components.ocr.reading import ReadSheet
from components.sharing import setting

THIS, ALL = ("This page", "All pages")


def show(page: ReadSheet, done: Sequence[ReadSheet], chosen: ReaderChoice) -> None:
    """The cloud of one page's words, or of all pages'."""
    drawn_with = word_cloud.controls()
    wanted = [page]
    if len(done) > 1:
        of = st.segmented_control("The words of", (THIS, ALL), default=ALL, required=True, **setting("cloud-of"))
        wanted = [page] if of == THIS else list(done)
    text = "\n".join(showing.text_of(one, chosen) for one in wanted)
    if not text.strip():
        st.caption("No words were read, so there is nothing to draw.")
        return
    word_cloud.show("ocr", "what was read", text, drawn_with)
