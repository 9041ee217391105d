"""The view "Understand": which classes are mixed up, which samples are wrong, doubtful or twice there, and a map."""

import html
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from components import layout
from components.teachable.data_needed import show_data_needed
from components.teachable.desk import apply, counted, desk, rows, say, show_undo, tiles
from components.teachable.gallery import gallery
from components.teachable.sample_map import sample_map
from components.teachable.study import hidden_units, signature, studied, training_set
from models.teachable.duplicates import WITHIN, near_duplicates, thinned
from models.teachable.judging import Judgement, judge
from models.teachable.sample_plane import plane
from models.teachable.samples import TrainingSet

CONFUSION, WRONG, UNSURE, TWICE, DATA, MAP = PARTS = (
    "Confusion",
    "Wrong ones",
    "Unsure ones",
    "Near-copies",
    "How much data",
    "Map",
)
MOST_SHOWN = 60
RIGHT_COLOUR, WRONG_COLOUR = "rgb(72, 122, 12)", "rgb(190, 40, 40)"


def show(model: Any) -> None:
    """The whole view."""
    part = st.pills("Look at", PARTS, default=CONFUSION, required=True, key="teach/part", label_visibility="collapsed")
    given = training_set()
    if given is None:
        return
    if part in (CONFUSION, WRONG, UNSURE):
        judgement = _judged(given)
        if judgement is not None:
            {CONFUSION: _confusion, WRONG: _wrong, UNSURE: _unsure}[part](given, judgement)
    elif part == TWICE:
        _twice(given)
    elif part == DATA:
        show_data_needed(given)
    else:
        _map(given)
    show_undo()


def _judged(given: TrainingSet) -> Judgement | None:
    hidden = hidden_units()
    return studied(
        "judge",
        (signature(given), hidden),
        lambda on_share: judge(given.features, given.labels, hidden=hidden, on_step=on_share),
        "Judging every sample by a head that has not seen it (cross-validation)…",
    )


def _gallery(given: TrainingSet, chosen: Sequence[int], captions: Sequence[str], to: Sequence[str], key: str) -> None:
    """Samples by their numbers in `given`, those that are still there."""
    here = desk()
    there = {sample.key for sample in here.project.samples}
    kept = [at for at, index in enumerate(chosen) if given.samples[index].key in there][:MOST_SHOWN]
    if len(chosen) > MOST_SHOWN:
        st.caption(f"The first {MOST_SHOWN} of {len(chosen):,}.")
    apply(
        gallery(
            tiles(
                [given.samples[chosen[at]] for at in kept],
                [captions[at] for at in kept],
                [to[at] for at in kept] if to else (),
            ),
            rows(here.project),
            key=f"teach/{here.number}/{key}",
            side=84,
        )
    )


def _confusion(given: TrainingSet, judgement: Judgement) -> None:
    names = [one.name for one in given.classes]
    st.markdown(
        f"**{judgement.accuracy:.0%}** of {counted(len(given.labels), 'sample')} are recognised by a head that has not "
        "seen them. Click a square to see its pictures."
    )
    figure = _matrix(judgement.confusion, names)
    event: Any = st.plotly_chart(
        figure,
        key="teach/confusion",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
    )
    bars = "".join(
        layout.bar(
            html.escape(one.name),
            float(recall),
            f"{recall:.0%} found, {precision:.0%} right" if precision == precision else f"{recall:.0%} found",
            colour=one.colour,
        )
        for one, recall, precision in zip(given.classes, judgement.recall, judgement.precision, strict=True)
    )
    cell = _clicked(event, len(names))
    if cell is not None:
        true, predicted = cell
        found = judgement.cell(true, predicted)
        what = "recognised" if true == predicted else f"taken for {names[predicted]}"
        st.markdown(layout.plain(f"{counted(len(found), 'picture')} of {names[true]}, {what}"))
        _gallery(given, found.tolist(), _sure(judgement, found), (), "cell")
    st.html(f'<div class="bars">{bars}</div>')
    st.caption("Found: of a class's samples. Right: of what was taken for the class.")


def _sure(judgement: Judgement, indices: np.ndarray) -> list[str]:
    return [f"{judgement.probabilities[i].max():.0%}" for i in indices]


def _matrix(confusion: np.ndarray, names: Sequence[str]) -> go.Figure:
    """A heat map with points on it: of a heat map alone Streamlit tells no clicks."""
    c = len(names)
    true, predicted = (a.ravel() for a in np.mgrid[0:c, 0:c])
    counts = confusion.ravel()
    share = counts / np.maximum(1, confusion.sum(1))[true]
    signed = np.where(true == predicted, share, -np.sqrt(share)).reshape(c, c)  # a few wrong ones should be seen
    heat = go.Heatmap(
        z=signed,
        zmin=-1,
        zmax=1,
        colorscale=[(0, WRONG_COLOUR), (0.5, "rgba(128,128,128,0.08)"), (1, RIGHT_COLOUR)],
        showscale=False,
        xgap=3,
        ygap=3,
        hoverinfo="skip",
    )
    points = go.Scatter(
        x=predicted,
        y=true,
        mode="markers",
        # small: of those that overlap at the pointer Plotly takes any, not the nearest
        marker={"symbol": "square", "size": 8, "color": "rgba(0,0,0,0)"},
        hovertext=[
            _shown(f"{names[t]} taken for {names[p]}: {n}") for t, p, n in zip(true, predicted, counts, strict=True)
        ],
        hoverinfo="text",
        selected={"marker": {"color": "rgba(128,128,128,0.35)", "size": max(12, 230 // c)}},  # fits those of a phone
        unselected={"marker": {"opacity": 1}},
    )
    figure = go.Figure([heat, points])
    for t, p, n, s in zip(true, predicted, counts, signed.ravel(), strict=True):
        if n:  # no text of the points: Plotly dims it where another square is selected
            font = {"size": 16} | ({"color": "#ffffff"} if abs(s) > 0.45 else {})
            figure.add_annotation(x=p, y=t, text=str(n), font=font, showarrow=False)
    ticks = {"tickvals": list(range(c)), "ticktext": [_shown(_short(name)) for name in names], "showgrid": False}
    span = [-0.5, c - 0.5]
    figure.update_layout(
        height=70 + max(160, min(460, 110 * c)),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={**ticks, "title": {"text": "taken for"}, "range": span, "zeroline": False},
        yaxis={**ticks, "title": {"text": "is"}, "range": span[::-1], "zeroline": False},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode=False,
        clickmode="event+select",
        hovermode="closest",
        hoverdistance=-1,
        showlegend=False,
    )
    return figure


def _shown(words: str) -> str:
    """A text in which Plotly finds no HTML; it knows no &quot;."""
    return html.escape(words, quote=False)


def _short(name: str) -> str:
    return name if len(name) <= 14 else f"{name[:13]}…"


def _clicked(event: Any, classes: int) -> tuple[int, int] | None:
    """The (true, predicted) of the square that was clicked."""
    try:
        index = int(event.selection.points[0]["point_index"])
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        return None
    return divmod(index, classes) if 0 <= index < classes * classes else None


def _wrong(given: TrainingSet, judgement: Judgement) -> None:
    wrong = judgement.misclassified()
    if not len(wrong):
        st.success("None: a head that has not seen a sample recognises it, every one.", icon=":material/check_circle:")
        return
    st.markdown(
        f"{counted(len(wrong), 'sample')} taken for another class, the surest first. Is the sample in the wrong class? "
        "Then move it to the right one. Or is it a hard picture? Then more like it help."
    )
    predicted = judgement.predicted[wrong]
    captions = [
        f"{given.classes[judgement.labels[i]].name} → {given.classes[p].name} {judgement.probabilities[i, p]:.0%}"
        for i, p in zip(wrong, predicted, strict=True)
    ]
    _gallery(given, wrong.tolist(), captions, [given.classes[p].id for p in predicted], "wrong")


def _unsure(given: TrainingSet, judgement: Judgement) -> None:
    st.markdown("The samples between two classes, the closest first: more like these teach most.")
    found = judgement.uncertain(min(24, len(given.labels)))
    captions = []
    for i in found:
        first, second = np.argsort(-judgement.probabilities[i])[:2]
        p = judgement.probabilities[i]
        captions.append(f"{given.classes[first].name} {p[first]:.0%}, {given.classes[second].name} {p[second]:.0%}")
    _gallery(given, found.tolist(), captions, (), "unsure")


def _twice(given: TrainingSet) -> None:
    within = st.slider(
        "Alike up to a distance of", 0.0, 0.2, WITHIN, 0.005, format="%.3f", key="teach/within", persist_state="session"
    )
    found = studied(
        "duplicates",
        (signature(given), within),
        lambda on_share: (
            near_duplicates(given.features, given.labels, within=within),
            thinned(given.features, given.labels, within),
        ),
        "Comparing every sample with every other…",
    )
    if found is None:
        return
    pairs, drop = found
    if pairs.across:
        st.warning(
            f"{counted(pairs.samples_across, 'sample')} lie in one class and, nearly the same, in another: one of the "
            "two is in the wrong class.",
            icon=":material/warning:",
        )
        _pairs(given, pairs.across, "across")
    if not pairs.samples:
        st.success("No two samples are that much alike.", icon=":material/check_circle:")
        return
    st.markdown(
        f"{counted(pairs.samples, 'sample')} have a near-copy. A camera held still makes many; they teach nothing new, "
        "and they make validation look better than it is."
    )
    if len(drop) and st.button(
        f"Delete {len(drop):,} near-{'copy' if len(drop) == 1 else 'copies'}",
        icon=":material/filter_none:",
        key="teach/thin",
    ):
        count = desk().project.delete([given.samples[i].key for i in drop])
        say(f"{counted(count, 'sample')} deleted. Undo brings them back.")
        st.rerun()
    _pairs(given, pairs.inside, "inside")


def _pairs(given: TrainingSet, pairs: Sequence[tuple[int, int, float]], key: str) -> None:
    chosen = [index for a, b, _ in pairs[: MOST_SHOWN // 2] for index in (a, b)]
    captions = [f"{distance:.3f}" for _, _, distance in pairs[: MOST_SHOWN // 2] for _ in (0, 1)]
    _gallery(given, chosen, captions, (), key)


def _map(given: TrainingSet) -> None:
    chosen = st.segmented_control(
        "Method", ("PCA", "t-SNE"), default="PCA", required=True, key="teach/method", label_visibility="collapsed"
    )
    method: Literal["PCA", "t-SNE"] = "PCA" if chosen == "PCA" else "t-SNE"
    found = studied(
        f"map {method}",
        signature(given),
        lambda on_share: plane(given.features, method, labels=given.labels),
        f"Laying the samples out ({method})…",
    )
    if found is None:
        return
    shown = found.index.tolist()
    sample_map(
        found.points,
        [given.samples[i].jpeg for i in shown],
        [int(given.labels[i]) for i in shown],
        [(one.name, one.colour) for one in given.classes],
        key=f"teach/{desk().number}/map/{method}",
    )
    if len(shown) < len(given.labels):
        st.caption(f"{len(shown):,} of {len(given.labels):,} samples, drawn from every class.")
    st.caption(
        f"PCA: the plane on which the features spread most; it shows {found.explained:.0%} of the spread."
        if found.explained is not None
        else "t-SNE: neighbours stay neighbours. How far apart the clumps lie, and how large they are, means nothing."
    )
