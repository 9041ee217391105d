"""The presenter's console, at /console and not in the menu: the room in numbers, and what to do about it."""

import streamlit as st

from components import layout
from components.console import access, actions, log, memory, numbers
from components.rooms import presenting

layout.enter_by_router()
st.title("Presenter's console")
if access.is_open():
    actions.show()
    numbers.show()
    st.header("Rooms", anchor=False)
    presenting.show()
    st.header("Models", anchor=False)
    memory.show()
    st.header("Events", anchor=False)
    log.show()
    st.button("Sign out", icon=":material/logout:", on_click=access.sign_out)
