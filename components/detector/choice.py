"""What all of the detector's page shares: which detector, what of its boxes is shown, where things are counted."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from components import loading
from components.sharing import choose as choose_one
from components.sharing import setting
from models.catalog import about, of_task, title_of
from models.detector.boxes import Found
from models.detector.class_maps import RULES, Rules
from models.detector.coco import NAMES
from models.detector.counting import Gate
from models.detector.learnt import LEARNT, NAMED_BY
from models.detector.names import everyday
from models.detector.settling import Wanted

BUNDLED, MAPS = "detector-learnt", "detector-maps"
MIN_SCORES = {BUNDLED: 0.4, MAPS: 0.15}
OTHERS_SCORE = 0.4
PART = 0.9  # of a box in another of its name: one thing for whoever looks on, if not for average precision
NOWHERE, LINE, ZONE = COUNTS = ("No counting", "Line", "Zone")
UPRIGHT, LEVEL = ("Upright", "Level")


@dataclass(frozen=True)
class Choice:
    """What the visitor chose. `name` is the detector's in the catalogue, `model` it itself or None while it is not
    here; `named_by` says who names its boxes, where there is a choice; `gate` is where things are counted, as the
    visitor sees it."""

    name: str
    model: Any
    named_by: str
    wanted: Wanted
    rules: Rules
    gate: Gate | None
    people: bool
    steps: bool

    @property
    def stream(self) -> str:
        """What makes another stream necessary."""
        return f"{self.name} {self.named_by}"

    def find(self, rgb: Any, *, live: bool = False) -> Found:
        """Everything that may be a thing, before suppression."""
        look = self.model.predict if live else self.model.find
        if self.name == BUNDLED:
            look = partial(look, named_by=self.named_by)
        elif self.name == MAPS:
            look = partial(look, rules=self.rules)
        found: Found = look(rgb)
        return found


def choose(*, counts: bool) -> Choice:
    """The controls beside the picture; `counts`: things move, so that they can be counted."""
    gate = _gate() if counts else None
    with st.container(horizontal=True):
        steps = st.toggle("Step by step", **setting("steps"), help="How the boxes come about, on this picture.")
        people = st.toggle(
            "People, faces and hands", **setting("people"), help="As well, by the pose tracker's models, in grey."
        )
    with st.popover("Detector settings", icon=":material/settings:"):
        name, named_by = _detector()
        wanted, rules = _wanted(name, named_by), _rules() if name == MAPS else RULES
    name, model = loading.model_or_bundled(name)
    return Choice(name, model, named_by, wanted, rules, gate, people, steps)


def _detector() -> tuple[str, str]:
    names = [entry.name for entry in of_task("detection")]
    name = st.selectbox("Detector", names, format_func=title_of, **setting("detector"))
    st.caption(about(name))
    named_by = LEARNT
    if name == BUNDLED:
        named_by = st.segmented_control("Names from", NAMED_BY, default=LEARNT, required=True, **setting("named-by"))
    return name, named_by


def _wanted(name: str, named_by: str) -> Wanted:
    known = everyday()[0] if name == MAPS or (name == BUNDLED and named_by != LEARNT) else NAMES
    names = st.multiselect(
        "Names to show", sorted(known), placeholder="All", **setting(f"names {len(known)}", free=True)
    )
    min_score = st.slider(
        "Show nothing below a score of",
        0.05,
        1.0,
        MIN_SCORES.get(name, OTHERS_SCORE),
        0.05,
        **setting(f"score {name}"),
        help="Low: more is found, and more of it is wrong.",
    )
    max_iou = st.slider(
        "One of two boxes goes when they overlap by more than",
        0.1,
        1.0,
        Wanted.max_iou,
        0.05,
        **setting("iou"),
        help="Overlap: what both cover over what either covers (IoU). The surer box stays: non-maximum suppression.",
    )
    return Wanted(min_score, max_iou, frozenset(names), max_part=PART if max_iou < 1 else 1.0)


def _rules() -> Rules:
    names = st.slider("Strongest names looked at", 1, 12, RULES.names, **setting("maps-names"))
    share = st.slider("A piece is what exceeds, of its peak", 0.1, 0.9, RULES.share, 0.05, **setting("maps-share"))
    peak = st.slider("No name with a peak below", 0.05, 0.9, RULES.min_peak, 0.05, **setting("maps-peak"))
    return Rules(names, peak, share)


def _gate() -> Gate | None:
    what = choose_one("Count", COUNTS, "count")
    if what == NOWHERE:
        return None
    if what == ZONE:
        left, right = st.slider("Across", 0, 100, (25, 75), 5, format="%d %%", **setting("zone-x"))
        top, bottom = st.slider("Down", 0, 100, (25, 75), 5, format="%d %%", **setting("zone-y"))
        if left == right or top == bottom:
            st.caption("The zone has no size: pull its two ends apart.")
            return None
        return Gate(True, left / 100, top / 100, right / 100, bottom / 100)
    way = choose_one("Line", (UPRIGHT, LEVEL), "line")
    at = st.slider("Where", 5, 95, 50, 5, format="%d %%", **setting("line-at")) / 100
    return Gate(False, 0, at, 1, at) if way == LEVEL else Gate(False, at, 0, at, 1)
