"""What the visitor chose: the points, the network, and how it is trained; all of it in the link."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from components import layout
from components.sharing import setting
from models.errors import BadInput
from models.playground.network import (
    ACTIVATIONS,
    CURVE_LOSSES,
    INPUTS,
    LOSSES,
    MAX_LAYERS,
    MAX_UNITS,
    OPTIMISERS,
    PENALTIES,
    RATES,
    Spec,
)
from models.playground.points import CURVES, KINDS, OWN, Points, from_csv

CSV = "playground/csv"
STRENGTHS = (0.0001, 0.001, 0.003, 0.01, 0.03, 0.1)

_XOR: dict[str, Any] = {"points": "XOR", "inputs": ["x", "y"], "rate": 0.03}
_OUTLIER: dict[str, Any] = {"points": "curve: line with an outlier", "layers": 0, "rate": 0.03}
PRESETS: dict[str, dict[str, Any]] = {
    "XOR without a hidden layer": {**_XOR, "layers": 0},
    "… with one": {**_XOR, "layers": 1, "units 1": 4},
    "… with x·y instead": {**_XOR, "layers": 0, "inputs": ["x·y"]},
    "Spiral": {"points": "spiral", "layers": 2, "units 1": 8, "units 2": 8, "noise": 0.0},
    "By heart": {
        "points": "apples and oranges",
        "layers": 3,
        **{f"units {layer}": 8 for layer in (1, 2, 3)},
        "test": 0.8,
        "noise": 0.5,
    },
    "Too fast": {"points": "curve: sine", "units 1": 8, "optimiser": "SGD", "rate": 3.0, "activation": "ReLU"},
    "An outlier": {**_OUTLIER, "loss of a curve": "squared error"},
    "… with Huber's loss": {**_OUTLIER, "loss of a curve": "Huber"},
}
"""Settings to try, by name; what one does not name goes back to its default."""

DEFAULTS: dict[str, Any] = {
    "points": "circles",
    "count": 300,
    "noise": 0.1,
    "test": 0.5,
    "seed": 1,
    "inputs": ["x", "y"],
    "layers": 1,
    **{f"units {layer}": 4 for layer in range(1, MAX_LAYERS + 1)},
    "activation": "tanh",
    "loss": LOSSES[0],
    "loss of a curve": CURVE_LOSSES[0],
    "optimiser": "Adam",
    "rate": 0.03,
    "batch": 10,
    "penalty": "none",
    "strength": 0.001,
    "dropout": 0.0,
    "batch norm": False,
    "one cycle": 0,
    "pace": 10,
}


@dataclass(frozen=True)
class Chosen:
    """`kind` is one of KINDS, whose points are made from count, noise and seed, or the visitor's own; `test` the share
    that is held out; `pace` in epochs a second."""

    kind: str
    count: int
    noise: float
    test: float
    seed: int
    spec: Spec
    pace: int

    @property
    def is_curve(self) -> bool:
        """Whether a curve is to be found, not classes."""
        return self.kind in CURVES


def choose() -> Chosen:
    """The three buttons with the settings, side by side where the page has a row for them, and what they stand at."""
    with st.popover("Points", icon=":material/scatter_plot:"):
        kind = st.selectbox("Which", KINDS, **setting("points"))
        count = st.slider("How many", 20, 1000, 300, 20, **setting("count"))
        noise = st.slider("Noise", 0.0, 1.0, 0.1, 0.05, **setting("noise"))
        test = st.slider("Held out to test", 0.0, 0.9, 0.5, 0.1, format="percent", **setting("test"))
        seed = st.number_input("Seed", 1, 9999, 1, **setting("seed"), help="Another seed: other points, other weights.")
        _upload(kind)
    is_curve = kind in CURVES
    with st.popover("Network", icon=":material/hub:"):
        inputs = ["x"]
        if not is_curve:
            inputs = st.pills(
                "It sees", list(INPUTS), default=["x", "y"], selection_mode="multi", **setting("inputs", free=True)
            )
        layers = st.slider("Hidden layers", 0, MAX_LAYERS, 1, **setting("layers"))
        units = [
            st.slider(f"Units of layer {layer}", 1, MAX_UNITS, 4, **setting(f"units {layer}"))
            for layer in range(1, layers + 1)
        ]
        activation = st.selectbox("Activation", ACTIVATIONS, **setting("activation"))
        batch_norm = st.toggle("Batch norm", False, **setting("batch norm"))
        dropout = st.slider("Dropout", 0.0, 0.8, 0.0, 0.1, **setting("dropout"))
    with st.popover("Training", icon=":material/fitness_center:"):
        if is_curve:
            loss = st.selectbox("Loss", CURVE_LOSSES, **setting("loss of a curve"))
        else:
            loss = st.selectbox("Loss", LOSSES, **setting("loss"))
        optimiser = st.selectbox("Optimiser", OPTIMISERS, index=OPTIMISERS.index("Adam"), **setting("optimiser"))
        rate = st.select_slider("Learning rate", RATES, 0.03, **setting("rate"))
        cycle = st.slider("One cycle over so many epochs; 0: the rate stays", 0, 300, 0, 10, **setting("one cycle"))
        batch = st.slider("Batch", 1, 100, 10, **setting("batch"))
        penalty = st.selectbox("Keeps weights small by", PENALTIES, **setting("penalty"))
        strength = st.select_slider(
            "… how strongly", (0.0001, 0.001, 0.003, 0.01, 0.03, 0.1), 0.001, **setting("strength")
        )
        pace = st.slider("Pace, epochs a second", 1, 60, 10, **setting("pace"))
    spec = Spec(
        tuple(name for name in INPUTS if name in inputs) or ("x", "y"),
        tuple(units),
        activation,
        loss,
        optimiser,
        rate,
        batch,
        penalty,
        strength,
        dropout,
        batch_norm,
        cycle,
        int(seed),
    )
    return Chosen(kind, count, noise, test, int(seed), spec, pace)


def presets() -> None:
    """Settings to try."""
    with st.container(horizontal=True, key="playground-presets"):
        for name in PRESETS:
            st.button(name, key=f"playground/preset/{name}", type="tertiary", on_click=_take, args=(name,))


def _take(name: str) -> None:
    st.session_state.update(DEFAULTS | PRESETS[name])


def _upload(kind: str) -> None:
    """A CSV file becomes the visitor's own points."""
    if kind != OWN:
        return
    given = st.file_uploader("Points from a CSV file: x, y, class", type=["csv", "txt", "tsv"], key="playground/upload")
    if given is None:
        st.session_state.pop(CSV, None)
        return
    known: tuple[str, Points, str] | None = st.session_state.get(CSV)
    if known is None or known[0] != given.file_id:
        try:
            points, said = from_csv(given.getvalue())
        except BadInput as error:
            st.session_state.pop(CSV, None)
            layout.say_error(error)
            return
        known = st.session_state[CSV] = given.file_id, points, said
    st.caption(known[2])
