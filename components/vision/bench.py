"""The chain at work: on the camera's pictures, on a still, and one step of it looked at closely."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import cv2
import numpy as np
import plotly.graph_objects as go
import streamlit as st

from components import charts
from components.hosting.house import house
from components.pictures import Picture, hand_over
from components.rubbing import rub
from components.vision import editing, walking
from components.vision.boxing import draw_box
from models.demos import demo
from models.pictures.arrays import scaled, thumbnail
from models.pictures.drawing import mirror
from models.vision.augment import VERSIONS, versions
from models.vision.chain import Chain, Trace, code_of, run
from models.vision.frequencies import SIDE, spectrum
from models.vision.pace import Pace
from models.vision.step import grey_of

if TYPE_CHECKING:  # the camera's libraries are heavy
    from components.camera.stream import LiveCamera

LONGEST_SIDE = 960  # pixels of a still on the bench
SMALL = 480  # of the pictures of one step
EVERY_S = 1.0


class Bench:
    """One session's: the chain that the camera's pictures go through, and what it made of the newest. Written by the
    page's thread and by the frames'."""

    def __init__(self) -> None:
        self.chain: Chain = ()
        self.is_mirrored = False
        self.trace: Trace | None = None
        self.scale = 1.0  # of the trace's pictures beside the camera's
        self._pace = Pace()

    def draw(self, rgb: np.ndarray) -> np.ndarray:
        """What is sent back: the picture after the last step, the way round that the visitor sees himself."""
        scale, chain = self._pace.scale, self.chain
        small = scaled(mirror(rgb) if self.is_mirrored else rgb, scale)
        if scale < 1:
            chain = tuple(link.scaled(scale) for link in chain)
        trace = run(chain, small)
        self.scale, self.trace = scale, trace
        self._pace.took(sum(trace.seconds))
        made = trace.pictures[-1]
        return made if scale == 1 else cv2.resize(made, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def bench() -> Bench:
    """This session's."""
    return st.session_state.setdefault("vision/bench", Bench())


def send_back(camera: LiveCamera, links: Chain) -> None:
    """Send the camera's pictures back as the chain makes them."""
    own = bench()
    own.chain, own.is_mirrored = links, camera.mirrored
    camera.draw_with(own.draw)


def show_still(picture: Picture, links: Chain) -> None:
    """The picture before and after the chain."""
    own = bench()
    own.scale, own.trace = 1.0, (trace := run(links, thumbnail(picture.rgb, LONGEST_SIDE)))
    with st.container(key="vision-pictures"):
        before, after = st.columns(2, gap="small")
    before.image(trace.pictures[0], caption="Before", alt=f"{picture.name}, before", width="stretch")
    after.image(trace.pictures[-1], caption="After", alt=f"{picture.name}, after the chain", width="stretch")


def show_step(links: Chain, at: int | None, camera: LiveCamera | None) -> None:
    """Before, after, histograms and numbers of one step; of a camera's newest picture once a second."""
    own = bench()

    @st.fragment(run_every=EVERY_S if camera is not None and camera.playing else None)
    def newest() -> None:
        if camera is not None and not camera.playing:
            st.caption("Before and after each step: here once the camera is on.")
        elif camera is not None and house().controls.now.paused:
            st.caption("The presenter has paused the cameras.")
        elif (trace := own.trace) is not None and len(trace.seconds) == len(links):
            if own.scale < 1:
                width, height = trace.pictures[0].shape[1::-1]
                st.caption(f"These steps are slow: they work on {width}×{height} pixels, so that the picture keeps up.")
            _step(trace, tuple(link.scaled(own.scale) for link in links), at)

    newest()


def _step(trace: Trace, links: Chain, at: int | None) -> None:
    """Before, after, the two histograms and the numbers of a step."""
    for words in trace.failed.values():
        st.warning(words, icon=":material/block:")
    if at is None or at >= len(links):
        return
    link, before, after = links[at], trace.pictures[at], trace.pictures[at + 1]
    if len(links) > 1:
        with st.container(key="vision-pictures-of-step"):
            one, two = st.columns(2, gap="small")
        one.image(thumbnail(before, SMALL), caption=f"Before step {at + 1}", alt="Before this step", width="stretch")
        two.image(thumbnail(after, SMALL), caption=f"After {link.step.title}", alt="After this step", width="stretch")
    numbers = link.step.numbers(before, after, link.given) if link.is_on else {}
    said = [f"**{link.step.title}:**", *(f"{name} **{number}** ·" for name, number in numbers.items())]
    st.markdown(" ".join([*said, f"{1000 * trace.seconds[at]:.1f} ms"]))
    charts.show(_histograms(before, after), "vision/histogram")


def _histograms(before: np.ndarray, after: np.ndarray) -> go.Figure:
    """How often each grey level comes, before and after, and the share of pixels up to it after."""
    lines = []
    for name, rgb, line in (("before", before, charts.GREY), ("after", after, charts.GREEN)):
        counts = np.bincount(grey_of(rgb).ravel(), minlength=256) / rgb[..., 0].size
        bins = counts.reshape(64, 4).sum(axis=1)
        levels = list(range(2, 256, 4))
        lines.append(go.Scatter(x=levels, y=np.minimum(bins, 0.12), name=name, fill="tozeroy", line={"color": line}))
    summed = np.cumsum(bins) * 0.12
    lines.append(go.Scatter(x=levels, y=summed, name="summed up", line={"color": charts.GREEN, "dash": "dot"}))
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom"}
    return charts.quiet(
        go.Figure(lines),
        190,
        margin_t=30,
        legend=legend,
        yaxis={"visible": False},
        xaxis={"title": {"text": "grey level"}},
    )


def show_tools(links: Chain, at: int | None, *, is_live: bool) -> None:
    """What one does to the newest picture by hand for the step that is chosen: erase frequencies, cut a part out, walk
    the kernel's window. Then the chain as code, and where the picture can go from here."""
    trace = bench().trace
    if at is not None and trace is not None and len(trace.pictures) > at:
        link, before = links[at], trace.pictures[at]
        if link.step.name == "fourier":
            _erase(before, at, "live" if is_live else _digest(before))
        elif link.step.held:
            _cut_out(scaled(before, 1 / bench().scale) if is_live else before, link.step.held, is_live=is_live)
        elif link.step.name == "kernel":
            walking.show(grey_of(before), link.values)
    with st.expander("The lines of OpenCV that do it", icon=":material/code:"):
        st.code(code_of(links), language="python")
    if trace is not None:
        _hand_over(trace)


def _digest(rgb: np.ndarray) -> str:
    return hashlib.sha256(rgb.tobytes()).hexdigest()[:16]


def _erase(before: np.ndarray, at: int, of: str) -> None:
    st.markdown(
        "**Erase frequencies:** the slow waves are in the middle. Rub out what glows; its mirror image goes too."
    )
    shown = cv2.resize(spectrum(grey_of(before)), (512, 512), interpolation=cv2.INTER_AREA)
    with st.columns(2)[0]:
        of = f"{of} {editing.edits()}"  # begun anew, also where the frequencies were put back
        cells = rub(cv2.cvtColor(shown, cv2.COLOR_GRAY2RGB), key="vision/rub", of=of, side=SIDE, grey=0)
    if cells and st.session_state.get("vision/rubbed") != (of, cells):
        st.session_state["vision/rubbed"] = of, cells
        editing.change(at, erased=cells)
        st.rerun()


def _cut_out(before: np.ndarray, name: str, *, is_live: bool) -> None:
    kept = "vision/cut from"
    if is_live:
        press = "Cut it out of the newest picture"
        if st.button(press, icon=":material/photo_camera:", key="vision/keep"):
            st.session_state[kept] = before
    else:
        st.session_state[kept] = before
    if (shown := st.session_state.get(kept)) is None:
        return
    with st.columns(2)[0]:
        part = draw_box(shown, f"Draw a box around the {name} to look for.", key="vision/box", of=_digest(shown))
    if part is not None and editing.hold(name, part):
        st.rerun()


def _hand_over(trace: Trace) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Does a network still see it?")
        if st.button("To the classifier", icon=":material/arrow_outward:", key="vision/classify"):
            hand_over(demo("classifier"), {"from the vision bench": trace.pictures[-1]})
        if st.button("Nine versions to Teachable", icon=":material/arrow_outward:", key="vision/teach"):
            made = versions(trace.pictures[0], 0.3)
            hand_over(demo("teachable"), dict(zip(VERSIONS, made, strict=True)))
