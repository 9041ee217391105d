"""Whether a camera will work from here: tested in the visitor's browser, said in plain words. Not in the menu."""

import streamlit as st

from components import layout
from components.camera.stream import ice_servers
from components.hosting.connection import test_of_connection

layout.enter_by_router()
st.title("Test my connection")
st.markdown(
    "Does the camera work from here? The browser tries what it takes, and says what is missing. No picture is taken."
)
test_of_connection(ice_servers())
