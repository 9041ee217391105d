"""What a page says of lines that could not be read: whose letters they may be, and who reads those."""

import streamlit as st

from components.ocr import choice
from models.ocr.boxes import Unread
from models.ocr.languages import RECOGNITION_NETWORKS, networks_for


def show(unread: Unread, engine: str) -> None:
    """The sentence, and a button for each network that may read them. `engine` is who did not, as the catalogue names
    it."""
    count = len(unread.polygons)
    lines = "One line was found but" if count == 1 else f"{count} lines were found but"
    networks = [network for script in unread.scripts for network in networks_for(script)]
    if networks:
        why = f"hardly read: perhaps **{' and '.join(unread.scripts)}** letters, which another network reads."
    elif unread.scripts:
        why = f"hardly read: perhaps **{' and '.join(unread.scripts)}** letters. No network here reads them."
    else:
        why = "hardly read: letters of another script, perhaps, or unsharp ones. If you know the script, choose it."
        networks = list(RECOGNITION_NETWORKS)
    st.warning(f"{lines} {why}", icon=":material/translate:")
    with st.container(horizontal=True):
        for network in networks:
            if network.name != engine:
                st.button(
                    f"Read it as {network.script}",
                    help=network.languages,
                    on_click=choice.read_with,
                    args=(network.name,),
                    key=f"ocr/script/{network.name}",
                )
