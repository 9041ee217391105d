"""Limelight: the router. Everything on a page is in pages/, everything that says `st.` for several in components/."""

import streamlit as st

from components import layout, menu, sharing, streamlit_patches
from components.console import access
from components.hosting import presence
from components.live import feed
from models.demos import sections

streamlit_patches.apply()
st.set_page_config(page_title="Limelight", page_icon="assets/icon.svg", layout="wide")
access.come_back()
STAFF = "visible" if access.signed_in() else "hidden"
HOME = [
    st.Page("pages/home.py", title="Home", icon=":material/home:", default=True),
    st.Page("pages/connection.py", title="Test my connection", icon=":material/network_check:", visibility="hidden"),
    st.Page("pages/console.py", title="Presenter's console", icon=":material/tune:", visibility=STAFF),
    st.Page("pages/projector.py", title="Projector", icon=":material/cast:", visibility=STAFF),
]
page = st.navigation(
    {"": HOME}
    | {
        section: [st.Page(demo.page, title=demo.title, icon=demo.icon, url_path=demo.name) for demo in demos]
        for section, demos in sections().items()
    },
    position="hidden" if presence.is_kiosk() else "sidebar",
    expanded=True,  # however many demos there are, none hides behind "View more"
)
sharing.turn_to(page.url_path)
layout.page_frame()
menu.mend()
presence.greet(page)
access.way_back()
with feed.of_page(page.url_path):
    page.run()
layout.footer()
