"""The room in numbers, now and over the last minutes."""

from datetime import datetime

import plotly.graph_objects as go
import streamlit as st

from components.console.access import presenter_only
from components.hosting.house import house
from models.demos import DEMOS
from models.hosting.governor import CAPS, Level
from models.hosting.meter import Sample

TITLES = {"": "Home", "console": "Console", "projector": "Projector", "connection": "Connection test"} | {
    d.name: d.title for d in DEMOS
}
POINTS = 300  # of a chart: more is not seen, and has to be sent each time
GREEN, GREY, ORANGE = "#5f9a10", "#8a8f98", "#e66100"


@st.fragment(run_every=2)
@presenter_only
def show() -> None:
    """Numbers at a glance, where people are, and the charts."""
    sample = house().meter.newest
    if sample is None:
        st.caption("The first numbers come in a second.")
        return
    _level()
    _at_a_glance(sample)
    where, charts = st.columns([2, 5], gap="medium")
    with where:
        _where_people_are()
    with charts:
        _charts()


def _level() -> None:
    governor, capacity = house().governor, house().capacity()
    if governor.level == Level.FULL:
        words = "Everything runs in full."
    else:
        words = f"{CAPS[governor.level].words} (Because {governor.reason}.)"
    if capacity is not None:
        words += f" {capacity} {'camera' if capacity == 1 else 'cameras'} may be on at a time."
    (st.success if governor.level == Level.FULL else st.warning)(words)


def _at_a_glance(sample: Sample) -> None:
    figures = (
        ("Sessions", f"{sample.sessions} (max {house().attendance.peak})"),
        ("Cameras", str(sample.cameras)),
        ("In line", str(sample.in_line)),
        ("Answers", f"{sample.inferences_per_s:.0f}/s"),
        ("Answer delay (typical / slowest)", f"{_ms(sample.age_p50_s)} / {_ms(sample.age_p95_s)}"),
        ("Processor", f"{sample.cpu:.0%} (machine {sample.machine_cpu:.0%})"),
        ("Memory", f"{sample.rss / 1e9:.1f} GB (machine {sample.machine_memory:.0%})"),
        ("Network in / out", f"{sample.received_per_s * 8e-6:.1f} / {sample.sent_per_s * 8e-6:.1f} Mbit/s"),
    )
    boxes = (f'<div class="glance"><small>{label}</small><b>{value}</b></div>' for label, value in figures)
    st.html(f'<div class="glances">{"".join(boxes)}</div>')


def _ms(seconds: float | None) -> str:
    return "–" if seconds is None else f"{1000 * seconds:.0f} ms"


def _where_people_are() -> None:
    per_page = house().attendance.per_page()
    rows = [
        {"Page": TITLES.get(page, page), "Here": here, "Cameras": on}
        for page, (here, on) in sorted(per_page.items(), key=lambda item: -item[1][0])
    ]
    st.dataframe(rows, hide_index=True, width="stretch", key="console/where-people-are")
    queues = {name: house().sources[name]() for name in ("generation", "reading") if name in house().sources}
    waiting = [f"{name}: {stats['waiting']} waiting" for name, stats in queues.items() if "waiting" in stats]
    if waiting:
        st.caption(" · ".join(waiting).replace("generation", "Text generator").replace("reading", "OCR pages"))


def _charts() -> None:
    history = list(house().meter.history)
    history = history[:: max(1, len(history) // POINTS)]
    times = [datetime.fromtimestamp(sample.at) for sample in history]
    charts = (
        (
            "Sessions and cameras",
            "",
            [("sessions", GREY, lambda s: s.sessions), ("cameras", GREEN, lambda s: s.cameras)],
        ),
        ("Answers per second", "", [("answers", GREEN, lambda s: s.inferences_per_s)]),
        (
            "Answer delay",
            " ms",
            [
                ("typical", GREEN, lambda s: _times_1000(s.age_p50_s)),
                ("slowest", ORANGE, lambda s: _times_1000(s.age_p95_s)),
            ],
        ),
        (
            "Processor",
            " %",
            [("machine", GREY, lambda s: 100 * s.machine_cpu), ("this server", GREEN, lambda s: 100 * s.cpu)],
        ),
    )
    left, right = st.columns(2)
    for number, (title, unit, lines) in enumerate(charts):
        figure = go.Figure(layout=_layout(title, unit))
        for name, colour, value in lines:
            figure.add_scatter(x=times, y=[value(s) for s in history], name=name, line={"color": colour, "width": 2})
        column = left if number % 2 == 0 else right
        column.plotly_chart(figure, key=f"console/chart {title}", config={"displayModeBar": False, "staticPlot": True})


def _times_1000(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds


def _layout(title: str, unit: str) -> dict[str, object]:
    return {
        "title": {"text": title, "font": {"size": 15}, "x": 0, "xanchor": "left"},
        "height": 200,
        "margin": {"l": 8, "r": 8, "t": 34, "b": 8},
        "yaxis": {"rangemode": "tozero", "ticksuffix": unit, "automargin": True},
        "xaxis": {"automargin": True, "nticks": 5, "tickformat": "%H:%M:%S"},
        "legend": {"orientation": "h", "x": 0, "y": -0.25, "yanchor": "top"},
        "uirevision": "same",
    }
