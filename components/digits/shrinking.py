"""The views "Shrink" and "Fool": smaller versions of the network, and a change that deceives it."""

import time

import numpy as np
import streamlit as st

from components.digits.drawing import needed, shown
from components.layout import bar, percent
from components.remembered import remembered_one
from components.sharing import setting
from models.digits.bundled import Digits, Shrunk

ROUNDS = 15  # of which the median counts


def show(digits: Digits) -> None:
    """A row for each version: size, time, how right it is, what it says of the digit on the pad."""
    seen = needed()
    rows = ["| version | size | one digit | right on the test digits | says of yours |", "|---|--:|--:|--:|--:|"]
    answers = set()
    for version in digits.shrunk.values():
        took = _took(version, np.zeros((28, 28), np.float32) if seen is None else seen)
        says = "–"
        if seen is not None:
            reading = version.reader.read(seen)
            answers.add(reading.best)
            says = f"**{reading.best}**, {reading.probabilities.max():.0%}"
        size = f"{version.nbytes / 1000:.0f} kB"
        rows.append(f"| {version.title} | {size} | {took:.2f} ms | {version.test:.2%} | {says} |")
    st.markdown("\n".join(rows))
    st.caption(
        "int8: each number in a byte instead of four. Pruned: the smallest weights are 0 and need not be kept. "
        "With a teacher: a small network learns what the large one says of each picture, not the label alone "
        "(distillation); that pays where labels are few."
    )
    if len(answers) > 1:
        told = ", ".join(map(str, sorted(answers)))
        st.info(f"They disagree about your digit: {told}. Small versions give up odd digits first.")


def _took(version: Shrunk, seen: np.ndarray) -> float:
    """Milliseconds of one digit, the median."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        version.reader.probabilities(seen[None])
        times.append(time.perf_counter() - began)
    return 1000 * sorted(times)[ROUNDS // 2]


def fool(digits: Digits) -> None:
    """One step along the gradient's signs, as far as the slider says, beside as much noise."""
    seen = needed()
    if seen is None:
        return
    from models.digits.fooling import direction, moved, noise

    best = digits.reader.read(seen).best
    along = remembered_one("digits/direction", seen.tobytes(), lambda: direction(digits.weights, seen, best))
    by = st.slider("How far each pixel may move", 0.0, 0.5, 0.25, 0.01, **setting("by"))
    pictures = {
        "Yours": seen,
        "Against the gradient": moved(seen, along, by),
        "As much noise": moved(seen, noise(1, seen.shape), by),
    }
    for place, (name, picture) in zip(st.columns(3, gap="medium"), pictures.items(), strict=True):
        with place:
            reading = digits.reader.read(picture)
            st.markdown(f"**{name}: {reading.best}**")
            st.image(shown(picture), alt=f"{name}: it says {reading.best}", width="stretch")
            order = np.argsort(-reading.probabilities)[:3]
            shares = [(int(digit), float(reading.probabilities[digit])) for digit in order]
            bars = "".join(
                bar(str(digit), share, percent(share), weak=digit != reading.best) for digit, share in shares
            )
            st.html(f'<div class="bars">{bars}</div>')
    tried = np.arange(0, 0.51, 0.01)
    said = digits.reader.probabilities(np.stack([moved(seen, along, step) for step in tried])).argmax(1)
    fooled = [float(step) for step, digit in zip(tried, said, strict=True) if digit != best]
    end = f"From {fooled[0]:.2f} on it is fooled." if fooled else "Even at 0.5 this digit resists."
    st.caption(
        f"The gradient says for each pixel which way makes the network less sure of {best}. {end} As much noise hardly "
        "ever fools it: it has learnt on noisy digits, and nobody has shown it this kind."
    )
