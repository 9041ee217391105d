"""What all of the pose tracker's page shares: what to track, by which model, and how to show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components import loading
from components.pictures import file_of, opened
from components.sharing import setting
from models.catalog import about, of_task, title_of
from models.pictures.drawing import rgb_of
from models.pictures.variants import samples_of
from models.pose.masks import BACKGROUNDS, COLOUR, KEEP, PICTURE, PLAIN, Behind
from models.pose.overlay import Overlay
from models.pose.poses import MIN_PRESENCE, Pose
from models.pose.skeletons import SKELETONS

BODY, HANDS, FACE, ALL = TRACKED = ("Body", "Hands", "Face", "All")
TASKS = {BODY: "pose", HANDS: "hands", FACE: "face", ALL: "everything"}
KINDS = {BODY: ("body33", "coco17"), HANDS: ("hand21",), FACE: ("face468", "face478")}
STYLES = ("Skeleton", "Points", "Names", "Boxes", "Trail", "Only on black")
SILHOUETTE = "Silhouette"
GREEN = "#2e8b57"  # of a wall, at first
FILE_TYPES = ("jpg", "jpeg", "png", "webp")


def of(what: str, poses: Iterable[Pose]) -> list[Pose]:
    """The bodies, hands or faces among these poses."""
    return [pose for pose in poses if pose.kind in KINDS[what]]


@dataclass(frozen=True)
class Choice:
    """What the visitor chose. `name` is the model's in the catalogue, `model` it itself or None while it is not here;
    `min_score` bounds a body's score, `overlay.min_keypoint_score` the visibility of each keypoint."""

    what: str
    name: str
    model: Any
    people: int
    seventeen: bool
    min_score: float
    overlay: Overlay

    @property
    def stream(self) -> str:
        """What makes another tracker necessary."""
        return f"{self.name} {self.people}{' masks' if self.overlay.masks else ''}"

    @property
    def samples(self) -> tuple[str, str]:
        """Which sample pictures fit, and the one that stands there at first: see models/pictures/variants.py."""
        return ("hands", "hand") if self.what == HANDS else ("pose", "astronaut")

    @property
    def has_bodies(self) -> bool:
        """Whether bodies are among what is tracked."""
        return self.what in (BODY, ALL)

    def shown(self, poses: list[Pose]) -> list[Pose]:
        """Those that the model is sure enough of, by 17 points if asked. Only a body's score says that it is there."""
        sure = [pose for pose in poses if pose.score >= self.min_score or pose.kind not in KINDS[BODY]]
        return [pose.as_coco17() if self.seventeen and pose.kind == "body33" else pose for pose in sure]


def choose() -> Choice:
    """The controls beside the picture."""
    what = st.segmented_control("Track", TRACKED, default=BODY, required=True, **setting("track"))
    names = [entry.name for entry in of_task(TASKS[what])]
    name = names[0]
    people = st.slider("People, at most", 1, 5, 1, **setting("people"))
    with_bodies = what in (BODY, ALL)
    styles = [*STYLES, SILHOUETTE] if with_bodies else STYLES
    style = st.pills(
        "Show", styles, selection_mode="multi", default=["Skeleton", "Points"], wrap=True, **setting("style", free=True)
    )
    background = KEEP
    if with_bodies:
        background = st.segmented_control(
            "Background", BACKGROUNDS, default=KEEP, required=True, wrap=True, **setting("background")
        )
    behind = _behind(background)
    with st.popover("Detector settings", icon=":material/settings:"):
        if len(names) > 1:
            name = st.selectbox("Model", names, format_func=title_of, **setting("pose-model"))
        st.caption(about(name))
        seventeen, min_score = False, MIN_PRESENCE
        if with_bodies:
            seventeen = (
                st.segmented_control("Keypoints", (33, 17), default=33, required=True, **setting("points")) == 17
            )
            min_score = st.slider(
                "Show nobody below a pose score of",
                MIN_PRESENCE,
                1.0,
                MIN_PRESENCE,
                0.05,
                **setting("pose-score"),
                help="How sure the model must be that there is somebody at all. Below 0.5 it reports nobody anyway.",
            )
        min_keypoint = st.slider(
            "Draw no keypoint below a score of",
            0.0,
            1.0,
            0.5,
            0.05,
            **setting("keypoint-score"),
            help="A keypoint's score is its visibility: how likely it lies in the picture and is not hidden. An ankle "
            "behind a table scores low, its person high.",
        )
        trail = None
        if "Trail" in style:
            kind = "coco17" if seventeen else {HANDS: "hand21", FACE: "face478"}.get(what, "body33")
            points = SKELETONS[kind].names
            default = {HANDS: "index finger tip", FACE: "point 1"}.get(what, "right wrist")
            trail = st.selectbox("Trail of", points, index=points.index(default), **setting(f"trail {kind}"))
    name, model = loading.model_or_bundled(name)
    overlay = Overlay(
        skeleton="Skeleton" in style,
        points="Points" in style,
        names="Names" in style,
        boxes="Boxes" in style,
        trail=trail,
        on_black="Only on black" in style,
        silhouette=SILHOUETTE in style and with_bodies,
        background=background,
        behind=behind,
        min_keypoint_score=min_keypoint,
    )
    return Choice(what, name, model, people, seventeen, min_score, overlay)


def _behind(background: str) -> Behind:
    """The colour or the picture that the visitor wants behind people."""
    if background == COLOUR:
        return rgb_of(st.color_picker("Colour behind", GREEN, **setting("behind")))
    if background == PICTURE:
        given = st.file_uploader("Picture behind", type=list(FILE_TYPES), key="pose/behind")
        shown = opened([file_of(given.name, given.getvalue())]) if given else []
        return shown[0].rgb if shown else samples_of("classifier")["rocket"].load()
    return PLAIN
