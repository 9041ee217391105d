"""The first page: what this is, how others join, and a card for each demo."""

import streamlit as st

from components import home, layout
from components.hosting import joining

layout.enter_by_router()
with st.container(key="welcome"):
    with st.container(key="welcome-words"):
        st.title("Limelight")
        st.markdown(
            "Pick a demo, press **Start camera** and allow it in the browser. No camera? Photos, files and samples "
            "work too."
        )
        st.page_link("pages/connection.py", label="Test my connection", icon=":material/network_check:")
    joining.show()
home.cards()
