"""The view "Understand": which classes are mixed up, which samples are wrong, doubtful or twice there, and a map."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import streamlit as st

from components.layout import counted
from components.sharing import choose, setting
from components.teachable.confusion import show_confusion
from components.teachable.data_needed import show_data_needed
from components.teachable.desk import attempt, desk, say, show_undo
from components.teachable.sample_gallery import show_of_study
from components.teachable.sample_map import sample_map
from components.teachable.study import hidden_units, how_held_out, signature, studied, training_set
from models.teachable.learn.judging import Judgement, judge
from models.teachable.samples import TrainingSet
from models.teachable.understand.duplicates import DUPLICATE_DISTANCE, near_duplicates, thinned
from models.teachable.understand.sample_plane import plane

CONFUSION, WRONG, UNSURE, TWICE, DATA, MAP = PARTS = (
    "Confusion",
    "Wrong ones",
    "Unsure ones",
    "Near-copies",
    "How much data",
    "Map",
)


METHODS: tuple[Literal["PCA", "t-SNE"], ...] = ("PCA", "t-SNE")


def show() -> None:
    """The whole view."""
    part = st.pills(
        "Look at",
        PARTS,
        default=CONFUSION,
        required=True,
        wrap=True,
        **setting("teach/part"),
        label_visibility="collapsed",
    )
    given = training_set()
    if given is None:
        return
    if part in (CONFUSION, WRONG, UNSURE):
        judgement = _judged(given)
        if judgement is not None:
            {CONFUSION: show_confusion, WRONG: _wrong, UNSURE: _unsure}[part](given, judgement)
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
        lambda on_share: judge(given.features, given.labels, groups=given.groups, hidden=hidden, on_step=on_share),
        "Judging every sample by a head that has not seen it (cross-validation)…",
    )


def _wrong(given: TrainingSet, judgement: Judgement) -> None:
    wrong = judgement.misclassified()
    if not len(wrong):
        st.success(
            f"None: all {len(given.labels):,} are recognised by a head that has not seen them.",
            icon=":material/check_circle:",
        )
        st.caption(how_held_out(given))
        return
    st.markdown(
        f"{len(wrong):,} of {counted(len(given.labels), 'sample')} taken for another class, the surest first. "
        "Is the sample in the wrong class? "
        "Then move it to the right one. Or is it a hard picture? Then more like it help."
    )
    predicted = judgement.predicted[wrong]
    captions = [
        f"{given.classes[judgement.labels[i]].name} → {given.classes[p].name} {judgement.probabilities[i, p]:.0%}"
        for i, p in zip(wrong, predicted, strict=True)
    ]
    show_of_study(given, wrong.tolist(), "wrong", captions, [given.classes[p].id for p in predicted])


def _unsure(given: TrainingSet, judgement: Judgement) -> None:
    st.markdown("The samples between two classes, the closest first: more like these are likely to teach most.")
    found = judgement.uncertain(min(24, len(given.labels)))
    captions = []
    for i in found:
        first, second = np.argsort(-judgement.probabilities[i])[:2]
        p = judgement.probabilities[i]
        captions.append(f"{given.classes[first].name} {p[first]:.0%}, {given.classes[second].name} {p[second]:.0%}")
    show_of_study(given, found.tolist(), "unsure", captions)


def _twice(given: TrainingSet) -> None:
    within = st.slider(
        "Alike up to a distance of", 0.0, 0.2, DUPLICATE_DISTANCE, 0.005, format="%.3f", **setting("teach/within")
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
            f"{counted(pairs.samples_across, 'sample')} lie in one class and, nearly the same, in another. One of the "
            "two may be in the wrong class; or the classes just look alike there, with only the background in view, "
            "say.",
            icon=":material/warning:",
        )
        _pairs(given, pairs.across, "across")
    if not pairs.samples:
        st.success("No two samples are that much alike.", icon=":material/check_circle:")
        return
    st.markdown(
        f"{pairs.samples:,} of {counted(len(given.labels), 'sample')} have a near-copy. A camera held still makes "
        "many. They teach little new, and a test with copies of what was learnt looks better than it is."
    )
    if len(drop) and st.button(
        f"Delete {len(drop):,} near-{'copy' if len(drop) == 1 else 'copies'}",
        icon=":material/filter_none:",
        key="teach/thin",
    ):
        if attempt(lambda: desk().project.delete([given.samples[i].key for i in drop])):
            say(f"{counted(len(drop), 'sample')} deleted. Undo brings them back.")
        st.rerun()
    _pairs(given, pairs.inside, "inside")


def _pairs(given: TrainingSet, pairs: Sequence[tuple[int, int, float]], key: str) -> None:
    """The samples of these pairs, each once, with the distance to its nearest; pairs are nearest first."""
    nearest: dict[int, float] = {}
    for a, b, distance in pairs:
        nearest.setdefault(a, distance)
        nearest.setdefault(b, distance)
    show_of_study(given, list(nearest), key, [f"{distance:.3f}" for distance in nearest.values()])


def _map(given: TrainingSet) -> None:
    method = choose("Method", METHODS, "teach/method")
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
        else "t-SNE: most neighbours stay neighbours. How far apart the clumps lie, and how large they are, means "
        "little."
    )
