"""The log of events, the newest first, with its download."""

from datetime import datetime

import streamlit as st

from components.console.access import presenter_only, while_signed_in
from components.hosting.house import house

SHOWN = 200


@st.fragment(run_every=3)
@presenter_only
def show() -> None:
    """What happened, without anybody's name, address, text or picture."""
    rows = [
        {
            "Time": datetime.fromtimestamp(event.at).strftime("%H:%M:%S"),
            "What": event.kind,
            "About": ", ".join(f"{name} {value}" for name, value in event.facts.items()),
        }
        for event in house().events.newest(SHOWN)
    ]
    st.dataframe(rows, hide_index=True, width="stretch", height=320, key="console/events")
    st.download_button(
        "Download all of them",
        while_signed_in(house().events.as_jsonl),
        "limelight-events.jsonl",
        "application/jsonl",
        icon=":material/download:",
        on_click="ignore",
        key="console/download",
    )
