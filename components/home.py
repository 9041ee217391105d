"""The home page: a card for each demo under its section of the menu, each card one link."""

import base64
from functools import cache

import streamlit as st

from components.layout import ROOT
from models.demos import Demo, sections


def cards() -> None:
    """The demos in the order of the menu, which is also the order for phone and keyboard. The grid is in style.css."""
    with st.container(key="demos"):
        for section, demos in sections().items():
            with st.container(key=f"section-{len(demos)}-{section}"):
                st.header(section, anchor=False)
                for demo in demos:
                    with st.container(border=True, height="stretch", key=f"card-{demo.name}"):
                        _card(demo)


def _card(demo: Demo) -> None:
    st.html(f'<img class="card-picture" alt="" src="data:image/svg+xml;base64,{_drawing(demo)}">')
    st.page_link(demo.page, label=demo.title, icon=demo.icon)
    st.markdown(demo.line)


@cache
def _drawing(demo: Demo) -> str:
    return base64.b64encode((ROOT / demo.picture).read_bytes()).decode()
