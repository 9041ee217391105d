"""A room for everybody to see, at /projector and in the presenter's menu alone: its code, and what is in it by now."""

import streamlit as st

from components import layout
from components.console import access
from components.digits import pooling
from components.rooms import projector

layout.enter_by_router()
if access.is_open():
    projector.show()
    pooling.board()
else:
    st.title("Projector")
