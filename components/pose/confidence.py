"""How sure the model is of a person, against how sure it is of each keypoint; joint angles, fingers, expressions."""

import html
from collections.abc import Iterable

import streamlit as st

from components import layout
from components.pose.choice import BODY, HANDS, Choice
from models.pose.angles import angles
from models.pose.face import EYE_SHUT, EYE_WIDE, expressions
from models.pose.hands import fingers_up
from models.pose.poses import Pose

COUNTED = {BODY: ("person", "people"), HANDS: ("hand", "hands")}
HINTS = {
    BODY: "Step back until your shoulders are in the picture.",
    HANDS: "Hold up a hand with its palm to the camera.",
}


def show_found(poses: list[Pose], choice: Choice) -> None:
    """How many there are, in words."""
    one, several = COUNTED.get(choice.what, ("face", "faces"))
    words = f"{len(poses)} {one if len(poses) == 1 else several}" if poses else f"No {one} in view"
    st.html(f'<div class="verdict{"" if poses else " unsure"}">{words}</div>')


def show_confidence(poses: list[Pose], choice: Choice) -> None:
    """A bar for the first of them, and one per keypoint, named: only of a body's points does the model tell a score."""
    if not poses:
        st.caption(HINTS.get(choice.what, "Turn your face to the camera."))
        return
    pose, limit = poses[0], choice.overlay.min_keypoint_score
    rows = [("the pose as a whole", pose.score, f"{pose.score:.0%}", False)]
    if choice.what == BODY:
        scores = pose.keypoints[:, 2]
        names = pose.skeleton.names
        rows += [(name, float(s), f"{s:.0%}", s < limit) for name, s in zip(names, scores, strict=True)]
    st.html(f'<div class="bars fine">{_bars(rows)}</div>')
    st.caption(
        "The pose score says *there is somebody*. A keypoint's score is its visibility: *in the picture and not "
        "hidden*, not how exact its place is. Grey: below the limit, so not drawn."
        if choice.what == BODY
        else "How sure the model is that it is there at all; it gives no score of single points."
    )


def show_angles(poses: list[Pose], choice: Choice) -> None:
    """Joint angles of a body, which fingers of a hand are up, what a face does."""
    if not poses:
        st.caption("Nobody in view.")
        return
    pose = poses[0]
    if pose.kind == "hand21":
        for hand in poses:
            up = [finger for finger, is_up in fingers_up(hand).items() if is_up]
            st.markdown(f"**{(hand.side or 'a').capitalize()} hand**: {', '.join(up) or 'no finger'} up ({len(up)})")
    elif pose.kind.startswith("face"):
        found = {measure: round(value, 2) + 0.0 for measure, value in expressions(pose).items()}  # -0.0 is 0
        measures = [(measure, _openness(measure, value), f"{value:.2f}", False) for measure, value in found.items()]
        st.html(f'<div class="bars fine">{_bars(measures)}</div>')
        st.caption(
            "Ratios, not per cent. An eye's height to its width: about 0.1 shut, 0.2 to 0.4 open, if the face looks at "
            "the camera. The gap between the lips to the mouth's width: 0 closed. Turn: 0 straight ahead, -1 and 1 to "
            "the person's own right and left."
        )
    else:
        joints = angles(pose, choice.overlay.min_keypoint_score)
        rows = [(joint, (a or 0) / 180, "–" if a is None else f"{a:.0f}°", a is None) for joint, a in joints.items()]
        st.html(f'<div class="bars fine">{_bars(rows)}</div>')
        st.caption("In the picture's plane: 180° is straight. Turn sideways and see what the camera cannot know.")


def _openness(measure: str, value: float) -> float:
    """How long the bar of one of `expressions` is, in 0..1: an eye's goes from shut to wide open."""
    if measure.endswith("eye open"):
        return min(1.0, max(0.0, (value - EYE_SHUT) / (EYE_WIDE - EYE_SHUT)))
    return abs(value)


def _bars(rows: Iterable[tuple[str, float, str, bool]]) -> str:
    """(name, share in 0..1, words, weak) as bars."""
    return "".join(
        layout.bar(html.escape(name), min(1.0, share), words, weak=weak) for name, share, words, weak in rows
    )
