"""What stands beside any live stream or table of pictures: where the time went, why there is no answer, rows."""

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from components.camera.stream import LiveCamera
from components.hosting.house import house
from components.pictures import Picture, data_url
from models.runtime.csv_cells import harmless
from models.runtime.engine import Result, Stream

EVERY_S = 0.3  # how often a page looks for a newer result; each look is a small rerun on the server
STALE_S = 3.0


def show_seconds(seconds: Mapping[str, float | None]) -> None:
    """Where the time went, stage by stage; a stage that was not measured says so."""
    shown = "".join(
        f"<span>{html.escape(stage)} {'–' if s is None else f'{1000 * s:.1f} ms'}</span>"
        for stage, s in seconds.items()
    )
    st.html(f'<div class="latency">{shown}</div>')


def live_seconds(live: LiveCamera, result: Result) -> dict[str, float | None]:
    """The journey of the newest result: camera to server, unpacking, waiting, drawing."""
    stages = {
        "camera → server": live.link.to_server_s if live.link else None,
        "unpack": live.seconds["convert"],
        "wait": result.wait_s,
    }
    if live.draw is not None:
        stages["draw"] = live.seconds["draw"]
    return stages


def state_of(live: LiveCamera, stream: Stream, stale_s: float = STALE_S) -> Result | None:
    """The newest result worth showing, at most `stale_s` old; otherwise None, after saying on the page why there is
    none."""
    result = stream.latest()
    if not live.playing:
        st.caption("The answers appear here once the camera is on.")
    elif house().controls.now.paused:
        st.caption("The answers go on when the presenter lets the cameras go on.")
    elif result is None:
        st.caption("Waiting for the first picture…")
    elif result.error:
        st.error(
            f"The model could not read this picture ({result.error}). The camera goes on.",
            icon=":material/error:",
        )
    elif result.age_s > stale_s:
        st.warning(f"No new picture for {result.age_s:.0f} s. Is the camera covered, or the network slow?")
    else:
        return result
    return None


def live_pictures(live: LiveCamera, stream: Stream, show_one: Callable[[Any], None]) -> None:
    """Pictures that a slow stream makes (a heat map, feature maps), once a second."""

    @st.fragment(run_every=1.0 if live.playing else None)
    def show() -> None:
        result = stream.latest()
        if live.playing and result is not None and result.error is None:
            show_one(result.value)

    show()


def show_rows(pictures: Sequence[Picture], columns: Mapping[str, Sequence[Any]], row_height: int = 72) -> None:
    """A table with a row per picture: thumbnail, name, then these columns; "probability" in 0..1 is a bar."""
    st.dataframe(
        {
            "picture": [data_url(picture.rgb) for picture in pictures],
            # Streamlit lets one download what it shows
            "name": [harmless(picture.name) for picture in pictures],
            **{name: [harmless(x) if isinstance(x, str) else x for x in cells] for name, cells in columns.items()},
        },
        column_config={
            "picture": st.column_config.ImageColumn("", width="small"),
            "probability": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
        },
        row_height=row_height,
        hide_index=True,
        width="stretch",
    )
