"""How sure the model is of a person, against how sure it is of each keypoint; joint angles and fingers."""

import html
from collections.abc import Iterable

import streamlit as st

from components import layout
from components.pose.choice import BODY, FACE, HANDS, KINDS, Choice, of
from models.pose.angles import angles
from models.pose.hands import fingers_up
from models.pose.poses import Pose

COUNTED = {BODY: ("person", "people"), HANDS: ("hand", "hands"), FACE: ("face", "faces")}
HINTS = {
    BODY: "Step back until your shoulders are in the picture.",
    HANDS: "Hold up a hand with its palm to the camera.",
    FACE: "Turn your face to the camera.",
}


def show_found(poses: list[Pose], choice: Choice) -> None:
    """How many there are of each kind, in words."""
    counts = {what: len(of(what, poses)) for what in KINDS}
    found = [f"{count} {COUNTED[what][count > 1]}" for what, count in counts.items() if count]
    words = ", ".join(found) or f"No {COUNTED.get(choice.what, COUNTED[BODY])[0]} in view"
    st.html(f'<div class="verdict{"" if poses else " unsure"}">{words}</div>')


def show_confidence(poses: list[Pose], choice: Choice) -> None:
    """A bar for the first of them, and one per keypoint, named: only of a body's points does the model report a
    score. Of several kinds a bar for each one."""
    if not poses:
        st.caption(HINTS.get(choice.what, HINTS[BODY]))
        return
    limit, bodies = choice.overlay.min_keypoint_score, of(BODY, poses)
    shown = [("the pose as a whole", poses[0])] if choice.what in KINDS else [(_named(pose), pose) for pose in poses]
    rows = [(name, pose.score, f"{pose.score:.0%}", False) for name, pose in shown]
    for body in bodies[:1]:
        scored = zip(body.skeleton.names, body.keypoints[:, 2], strict=True)
        rows += [(name, float(s), f"{s:.0%}", s < limit) for name, s in scored]
    st.html(f'<div class="bars fine">{_bars(rows)}</div>')
    st.caption(
        "The pose score says *there is somebody*. A keypoint's score is its visibility: *in the picture and not "
        "hidden*, not how exact its place is. Grey: below the limit, so not drawn."
        if bodies
        else "How sure the model is that it is there at all; it gives no score of single points."
    )


def _named(pose: Pose) -> str:
    """What it is, a hand with its side."""
    what = next(what for what, kinds in KINDS.items() if pose.kind in kinds)
    return f"{pose.side or ''} {COUNTED[what][0]}".strip()


def show_angles(poses: list[Pose], choice: Choice) -> None:
    """Joint angles of the first body, which fingers of each hand are up."""
    if not poses:
        st.caption("Nobody in view.")
        return
    for body in of(BODY, poses)[:1]:
        joints = angles(body, choice.overlay.min_keypoint_score)
        rows = [(joint, (a or 0) / 180, "–" if a is None else f"{a:.0f}°", a is None) for joint, a in joints.items()]
        st.html(f'<div class="bars fine">{_bars(rows)}</div>')
        st.caption("In the picture's plane: 180° is straight. Turn sideways and see what the camera cannot know.")
    for hand in of(HANDS, poses):
        up = [finger for finger, is_up in fingers_up(hand).items() if is_up]
        st.markdown(f"**{(hand.side or 'a').capitalize()} hand**: {', '.join(up) or 'no finger'} up ({len(up)})")


def _bars(rows: Iterable[tuple[str, float, str, bool]]) -> str:
    """(name, share in 0..1, words, weak) as bars."""
    return "".join(
        layout.bar(html.escape(name), min(1.0, share), words, weak=weak) for name, share, words, weak in rows
    )
