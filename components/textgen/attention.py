"""What each token looks at in one layer and head: tokens to point at, and the whole as a heat map.

`weights` are a head's attention, float32 (T, T): row i is what token i looks at, and sums to 1. With `causal` a token
sees itself and the ones before it (Vaswani et al. 2017, section 3.2.3); without, all of them.
"""

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from components import charts
from components.layout import browser_component, shortened
from models.errors import BadInput

MAX_TOKENS = 128
_LONGEST = 24  # characters of a token that are shown
_MAX_LABELS = 24  # on the x axis, whose width is the visitor's screen

# the colour scale: beside the map, it would take a third of a phone's width
_ABOVE = {"orientation": "h", "thickness": 8, "len": 0.5, "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"}

# Unicode has signs for control characters (␀, ␛ …); those for spaces are ours.
_SIGNS = {chr(code): chr(0x2400 + code) for code in range(32)} | {" ": "·", "\n": "↵", "\t": "⇥"}
_NO_GLYPH = "▯"  # other characters that have no ink, and pieces that are only a part of a character

_SPOKEN = {"": "part of a character", " ": "space", "\n": "new line", "\t": "tab"}


def visible(token: str) -> str:
    """A token as one sees it: a space as ·, a new line as ↵, other characters without ink as signs; at most 24 long."""
    signs = (_SIGNS.get(char) or (char if char.isprintable() else _NO_GLYPH) for char in shortened(token, _LONGEST))
    return "".join(signs) or _NO_GLYPH


def spoken(token: str) -> str:
    """A token as a screen reader should read it: without the signs for spaces, and named where it is nothing else."""
    if words := shortened(token.strip(), _LONGEST).split():
        return " ".join(visible(word) for word in words)
    return _SPOKEN.get(token, "new line" if "\n" in token else "space")


def attention_view(tokens: Sequence[str], weights: np.ndarray, *, key: str, causal: bool) -> None:
    """The tokens in reading order; the one pointed at, tapped or chosen by arrow keys shades those it looks at.

    Raises BadInput for no tokens or more than MAX_TOKENS, ValueError for weights that are not (T, T).
    """
    _check(tokens, weights)
    browser_component("attention")(key=key, data=_data(tokens, weights, causal))


def _data(tokens: Sequence[str], weights: np.ndarray, causal: bool) -> dict[str, Any]:
    """What the browser gets; of causal weights only what was seen."""
    rows = np.round(weights.astype(np.float64), 3).tolist()
    return {
        "tokens": [{"text": visible(t), "spoken": spoken(t), "ends": t.endswith("\n")} for t in tokens],
        "weights": [row[: i + 1] for i, row in enumerate(rows)] if causal else rows,
    }


def attention_map(tokens: Sequence[str], weights: np.ndarray, title: str, *, causal: bool) -> go.Figure:
    """The heat map: a row is a token, top-down, a column what it looks at; what it may not see stays blank.

    For st.plotly_chart, in light and dark. Raises what `attention_view` raises.
    """
    _check(tokens, weights)
    count = len(tokens)
    shown = [html.escape(visible(token), quote=False) for token in tokens]  # Plotly reads a little HTML
    seen = np.tril(np.ones((count, count), bool)) if causal else np.ones((count, count), bool)
    z = np.where(seen, weights, np.nan).astype(np.float64)
    hover = [
        [f"‹{a}› looks at ‹{b}›: {100 * weights[i, j]:.0f} %" if seen[i, j] else "" for j, b in enumerate(shown)]
        for i, a in enumerate(shown)
    ]
    gap = 1 if count <= 48 else 0  # on a phone, the cells of a long text are hardly wider
    cells = go.Heatmap(
        z=z,
        text=hover,
        hoverinfo="text",
        hoverongaps=False,
        zmin=0,
        zmax=float(np.nanmax(z)) or 1.0,
        # see-through to full: the page's own background shows, whether light or dark
        colorscale=[[0, "rgba(110, 165, 20, 0.1)"], [1, "rgba(110, 165, 20, 1)"]],
        colorbar=_ABOVE | {"tickformat": ".0%", "outlinewidth": 0, "nticks": 3, "ticklabelposition": "outside top"},
        xgap=gap,
        ygap=gap,
    )
    axis: dict[str, Any] = {"showgrid": False, "zeroline": False, "fixedrange": True, "automargin": True}
    axis |= {"tickmode": "array", "tickfont": {"size": 11}}
    every = -(-count // _MAX_LABELS)
    across, down = list(range(0, count, every)), list(range(count))
    return charts.quiet(
        go.Figure(cells),
        190 + max(14, min(26, 720 // count)) * count,
        title={"text": html.escape(title, quote=False), "font": {"size": 15}},
        margin_t=84,
        xaxis=axis
        | {"tickvals": across, "ticktext": [shown[j] for j in across], "tickangle": -90, "title": {"text": "looks at"}},
        yaxis=axis | {"tickvals": down, "ticktext": shown, "range": [count - 0.5, -0.5]},
    )


def _check(tokens: Sequence[str], weights: np.ndarray) -> None:
    if not 0 < len(tokens) <= MAX_TOKENS:
        raise BadInput(
            f"This text has {len(tokens)} tokens; attention can be shown for 1 to {MAX_TOKENS}. "
            f"{'Shorten it' if tokens else 'Write some text'} and try again."
        )
    if weights.shape != (len(tokens), len(tokens)):
        raise ValueError(f"expected weights {(len(tokens), len(tokens))} for {len(tokens)} tokens, got {weights.shape}")
