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
}


def show_found(poses: list[Pose], choice: Choice) -> None:
    """How many there are of each kind, in words."""
    counts = {what: len(of(what, poses)) for what in KINDS}
    found = [f"{count} {COUNTED[what][count > 1]}" for what, count in counts.items() if count]
    words = ", ".join(found) or f"No {COUNTED.get(choice.what, COUNTED[BODY])[0]} in view"
    st.html(f'<div class="verdict{"" if poses else " unsure"}">{words}</div>')


def show_confidence(poses: list[Pose], choice: Choice) -> None:
    """A bar for the first body and one per keypoint, named; without a body one for each hand. The model reports no
    score of faces."""
    limit, bodies = choice.overlay.min_keypoint_score, of(BODY, poses)
    rows = [
        (f"{hand.side or 'a'} hand", hand.score, f"{hand.score:.0%}", False) for hand in of(HANDS, poses) if not bodies
    ]
    if not bodies and not rows:
        st.caption(HINTS.get(choice.what, HINTS[BODY]))
        return
    for body in bodies[:1]:
        rows.append(("the pose as a whole", body.score, f"{body.score:.0%}", False))
        scored = zip(body.skeleton.names, body.keypoints[:, 2], strict=True)
        rows += [(name, float(s), f"{s:.0%}", s < limit) for name, s in scored]
    st.html(f'<div class="bars fine">{_bars(rows)}</div>')
    st.caption(
        "The pose score says *there is somebody*. A keypoint's score is its visibility: *in the picture and not "
        "hidden*, not how exact its place is. Grey: below the limit, so not drawn."
        if bodies
        else "How sure the model is whether it is a left or a right hand; it gives no score of single points."
    )


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
