"""The first page: what this is, and a card for each demo."""

import streamlit as st

from components import layout
from components.hosting import joining

layout.enter_by_router()
st.title("Limelight")
st.markdown("Machine learning, live on your camera, pictures and text. Pick a demo; everything runs on this server.")
layout.demo_cards()
joining.show()
st.caption(
    "Start a demo, press **Start camera** and allow it in the browser. No camera? They take pictures too, and the text "
    "generator needs none."
)
st.page_link("pages/connection.py", label="Will your camera work? Test my connection", icon=":material/network_check:")
