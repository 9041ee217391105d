"""How the boxes come about, step by step, on one picture: maps or candidates, peaks, boxes before and after
suppression."""

from collections.abc import Iterator

import numpy as np
import streamlit as st

from components.detector.choice import BUNDLED, MAPS, Choice
from models.detector.boxes import Found
from models.detector.class_maps import Look
from models.detector.drawing import outlined, with_dots
from models.detector.settling import suppressed
from models.pictures.arrays import scaled
from models.pictures.drawing import heatmap

SIDE = 480  # pixels of a picture in the row
Step = tuple[np.ndarray, str]
"""A picture, and what stands below it."""


def steps(rgb: np.ndarray, choice: Choice) -> list[Step]:
    """Of that picture, by that detector. Runs on any thread."""
    small = scaled(rgb, min(1.0, SIDE / max(rgb.shape[:2])))
    if choice.name == MAPS:
        return list(_of_maps(small, choice.model.look(rgb, choice.rules)))
    return list(_of_candidates(small, choice.find(rgb), choice))


def _of_maps(small: np.ndarray, look: Look) -> Iterator[Step]:
    if not look.names:
        yield small, "No name is strong anywhere: nothing to cut out. Lower the peak."
        return
    for name, heat in zip(look.names[:2], look.heat, strict=False):
        yield heatmap(small, heat / max(float(heat.max()), 1e-6), strength=0.7), f"Where **{name}** is strong"
    yield with_dots(small, look.peaks.tolist()), f"Peaks: {len(look.peaks)} pieces hang together"
    yield _drawn(small, look.before), f"Before suppression: {len(look.before)} boxes"
    yield _drawn(small, look.after), f"After it: {len(look.after)} boxes"


def _of_candidates(small: np.ndarray, found: Found, choice: Choice) -> Iterator[Step]:
    heat = np.zeros(small.shape[:2], np.float32)
    sides = np.array((small.shape[1], small.shape[0]) * 2) / np.array(found.size_wh * 2)
    for box, score in zip(np.rint(found.boxes * sides).astype(int), found.scores, strict=True):
        middle = (box[:2] + box[2:]) // 2
        reach = np.maximum((box[2:] - box[:2]) // 8, 2)
        (left, top), (right, bottom) = np.maximum(middle - reach, 0), middle + reach
        heat[top:bottom, left:right] = np.maximum(heat[top:bottom, left:right], score)
    sure = found.chosen(choice.wanted.min_score, choice.wanted.names)
    yield heatmap(small, heat, strength=0.8), f"Middles of {len(found)} boxes that may hold something"
    yield _drawn(small, sure), f"Those with a score of {choice.wanted.min_score:.2f} and more: {len(sure)}"
    each = suppressed(sure, choice.wanted.max_iou)
    yield _drawn(small, each), f"Suppressed within each name: {len(each)}"
    shown = choice.wanted.of(found)
    yield _drawn(small, shown), f"One name for a box: {len(shown)} are shown"


def _drawn(small: np.ndarray, found: Found) -> np.ndarray:
    sides = np.array((small.shape[1], small.shape[0]) * 2, np.float32) / np.array(found.size_wh * 2, np.float32)
    at = Found(found.boxes * sides, found.names, found.scores, (small.shape[1], small.shape[0]))
    return outlined(small, at)


def show(shown: list[Step]) -> None:
    """The steps side by side."""
    for start in range(0, len(shown), 3):
        columns = st.columns(3)
        for column, (picture, words) in zip(columns, shown[start : start + 3], strict=False):
            column.image(picture, caption=words, alt=words, width="stretch")


def explain(choice: Choice) -> None:
    """What is to be seen, in two lines."""
    if choice.name == MAPS:
        st.caption(
            "The classifier's last layer, asked at every place of the picture. What hangs together above a share of "
            "its peak gets a box: good at names, poor at edges, for nobody ever showed it a box."
        )
    elif choice.name == BUNDLED:
        st.caption(
            "For every place a small network says whether the middle of a thing is near and how far its four sides "
            "are; another names what is inside. Suppression keeps one box of many."
        )
