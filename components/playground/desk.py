"""One visitor's network on the playground: its points, the learner, whether it learns, and what the browser sees."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from components.hosting.runtime import visitor
from components.live import page_feed
from components.loading import one_per_process
from components.playground.choice import CSV, Chosen
from models.playground.lessons import Lesson, Lessons
from models.playground.points import (
    MAX_CLASSES,
    MAX_POINTS,
    OUTLIER,
    OWN,
    REACH,
    WITH_OUTLIER,
    Points,
    make,
    split,
    tapped,
)

if TYPE_CHECKING:  # torch is heavy
    from models.hosting.feeds import Feed
    from models.playground.learner import Learner, Snapshot

CHANNEL = "playground"
COLOURS = ("#d9820f", "#2f7fc1", "#3f9c35", "#c0569b", "#8c6d31", "#7a5fc2")
PALETTE = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in COLOURS], np.uint8)
"""The same as uint8 (6, 3)."""
FEWEST = 4  # points to train on


@one_per_process(on_shutdown=lambda lessons: lessons.stop())
def lessons() -> Lessons:
    """The one line in which all visitors' networks learn."""
    return Lessons()


class Desk:
    """Of one session. The page's thread, the lessons' and the websockets' use it; `_lock` guards the taps."""

    def __init__(self) -> None:
        self.learner: Learner | None = None
        self.lesson: Lesson | None = None
        self.train = self.test = tapped([])
        self._lock = threading.Lock()
        self._taps: list[tuple[float, float, int]] = []
        self._outlier = OUTLIER
        self._made_of: Any = None
        self._chosen: Chosen | None = None
        self._points: Mapping[str, Any] = {}
        self._feed: Feed | None = None

    @property
    def is_learning(self) -> bool:
        """Whether it goes on by itself now."""
        return self.lesson is not None and not self.lesson.done

    def set(self, chosen: Chosen) -> None:
        """The settings of this run of the page. Other points or another network begin anew, and go on if it did."""
        csv: tuple[str, Points, str] | None = st.session_state.get(CSV) if chosen.kind == OWN else None
        made_of = (chosen.kind, chosen.count, chosen.noise, chosen.test, chosen.spec, csv and csv[0])
        self._feed, before = page_feed(), self._made_of
        self._feed.on_bytes = self.on_bytes
        self._chosen = chosen
        if self.lesson is not None:
            self.lesson.touch()
            self.lesson.epochs_per_s = chosen.pace
        if made_of == before:
            return
        self._made_of = made_of
        went_on = self.is_learning
        self.pause()
        self.learner = None
        self._deal(csv[1] if csv else None)
        if went_on and self.why_not() == "":
            self.run()
        elif before is not None:
            self._push()

    def _deal(self, given: Points | None = None) -> None:
        """Points to train on and to test on."""
        chosen = self._chosen
        assert chosen is not None
        if given is None:
            with self._lock:
                taps = list(self._taps)
            given = tapped(taps) if chosen.kind == OWN else self._made(chosen)
        self._split(given, chosen)
        self._points = {
            "kind": "playground",
            "colours": COLOURS,
            "inputs": ["x"] if given.is_curve else chosen.spec.inputs,
            "taps": chosen.kind == OWN and CSV not in st.session_state,
            "drags": chosen.kind == WITH_OUTLIER,
            "most": MAX_CLASSES,
            **self._dealt(given),
        }

    def why_not(self) -> str:
        """Why there is nothing to learn, "" where there is."""
        if len(self.train) < FEWEST:
            return f"Put at least {FEWEST + 2} points on the plane, of two classes."
        if not self.train.is_curve and len(np.unique(self.train.labels)) < 2:
            return "All points have one class: there is nothing to tell apart. Add some of another."
        return ""

    def made(self) -> Learner:
        """The learner; a new one where there is none."""
        from models.playground.learner import Learner

        if self.learner is None:
            assert self._chosen is not None
            self.learner = Learner(self._chosen.spec, self.train, self.test)
        return self.learner

    def run(self) -> None:
        """Go on from now on."""
        assert self._chosen is not None
        if self.why_not() == "" and not self.made().problem:
            self.lesson = lessons().begin(visitor(), self.made(), self._show, epochs_per_s=self._chosen.pace)

    def pause(self) -> None:
        """Stay as it is."""
        if self.lesson is not None:
            self.lesson.cancel()

    def one_step(self) -> None:
        """One batch, or rest of it, by hand."""
        self.pause()
        if self.why_not() == "":
            learner = self.made()
            with learner.lock:
                learner.step()
            self._push()

    def reset(self) -> None:
        """Back to the weights it began with; it goes on if it did."""
        went_on = self.is_learning
        self.pause()
        if self.learner is not None:
            self.learner = None
            self.made()
        if went_on:
            self.run()
        self._push()

    def first(self) -> Mapping[str, Any]:
        """What the browser shows now."""
        learner = self.learner
        if learner is None:
            return self._points
        with learner.lock:
            return {**learner.snapshot().to_browser(), **self._points}

    def _show(self, snapshot: Snapshot) -> None:
        if self._feed is not None:
            self._feed.push(CHANNEL, {**snapshot.to_browser(), **self._points})

    def _push(self) -> None:
        if self._feed is not None:
            self._feed.push(CHANNEL, self.first())

    def on_bytes(self, data: bytes) -> None:
        """A press on the plane, from the browser: {"x", "y", "label"} or {"undo": true}. All else is passed over."""
        try:
            sent = json.loads(data)
            tap = None if sent.get("undo") is True else (float(sent["x"]), float(sent["y"]), int(sent["label"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        chosen = self._chosen
        if chosen is not None and tap is not None and self._points.get("drags") and max(map(abs, tap[:2])) <= REACH:
            self._outlier = tap[:2]
            self._take(self._made(chosen), chosen)
            return
        if chosen is None or not self._points.get("taps"):
            return
        with self._lock:
            if tap is None:
                self._taps = self._taps[:-1]
            elif len(self._taps) < MAX_POINTS and 0 <= tap[2] < MAX_CLASSES and max(map(abs, tap[:2])) <= REACH:
                self._taps.append(tap)
        self._take(tapped(self._taps), chosen)

    def _made(self, chosen: Chosen) -> Points:
        return make(
            chosen.kind, count=chosen.count, noise=chosen.noise, seed=chosen.seed, outlier=self._outlier
        )  # fmt: skip

    def _split(self, points: Points, chosen: Chosen) -> None:
        """Into those to train on and those to test on; an outlier is always among the first."""
        if chosen.kind != WITH_OUTLIER:
            self.train, self.test = split(points, chosen.test, chosen.seed)
            return
        rest = np.arange(len(points) - 1)
        train, self.test = split(points.at(rest), chosen.test, chosen.seed)
        xy = np.concatenate([train.xy, points.xy[-1:]])
        self.train = Points(xy, np.zeros(len(xy), np.int64), points.names, is_curve=True)

    def _take(self, points: Points, chosen: Chosen) -> None:
        """Go on with these points, where the network can take them. On the websockets' thread."""
        self._split(points, chosen)
        self._points = {**self._points, **self._dealt(points)}
        learner = self.learner
        if learner is not None and learner.names == points.names and self.why_not() == "":
            with learner.lock:
                learner.learn_from(self.train, self.test)
        elif learner is not None:  # more classes than it was made for
            self.pause()
            self.learner = None
        self._push()

    def _dealt(self, points: Points) -> Mapping[str, Any]:
        xy = np.concatenate([self.train.xy, self.test.xy])
        labels = np.concatenate([self.train.labels, self.test.labels])
        levels = np.rint((xy + REACH) / (2 * REACH) * 255)
        return {
            "points": {"xy": _text(levels), "labels": _text(labels), "names": points.names, "train": len(self.train)}
        }


def _text(numbers: np.ndarray) -> str:
    return base64.b64encode(numbers.astype(np.uint8).tobytes()).decode()


def desk() -> Desk:
    """This session's."""
    return st.session_state.setdefault("playground/desk", Desk())
