"""What a face does: a drawn face that does the same, plain verdicts with their limits, the strongest blendshapes."""

import html
from collections.abc import Sequence

import streamlit as st

from components import layout
from models.pose.avatar import Head, avatar, data_url
from models.pose.blendshapes import MAX_TURN, plain, strongest, verdicts
from models.pose.poses import Pose


def show(faces: Sequence[Pose], *, mirrored: bool = False) -> None:
    """The drawn face of each, and what the first of them does."""
    faces = [face for face in faces if face.blendshapes]
    if not faces:
        st.caption("No face in view. Turn your face to the camera.")
        return
    heads = [Head.from_face(face) for face in faces]
    drawn = (avatar(f.blendshapes or {}, head, mirrored=mirrored) for f, head in zip(faces, heads, strict=True))
    pictures = "".join(f'<img alt="A drawn face that does the same" src="{data_url(svg)}">' for svg in drawn)
    shapes = faces[0].blendshapes or {}
    away = abs(heads[0].turn) > MAX_TURN
    judged = "".join(
        layout.bar(v.name, v.value, f"{v.value:.0%}, from {v.limit:.0%}", weak=away or not v.holds)
        for v in verdicts(shapes)
    )
    st.html(f'<div class="avatars">{pictures}</div><div class="bars fine words">{judged}</div>')
    if away:
        st.caption("Your head is turned too far for a verdict. Look at the camera.")
    st.caption(
        "The drawing is made from 52 numbers and from how the head is held, without the picture. Above: verdicts, grey "
        "below their limit. Below: the ten strongest numbers; left and right are your own. Wink, then blink: what "
        "differs?"
    )
    bars = "".join(layout.bar(html.escape(plain(name)), value, f"{value:.0%}") for name, value in strongest(shapes))
    st.html(f'<div class="bars fine words">{bars}</div>')
