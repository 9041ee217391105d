"""An image classifier's scores on the page: verdict, bars, what was seen, the table of several pictures."""

import html
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import streamlit as st

from components import layout, live
from components.camera.stream import LiveCamera
from components.layout import percent
from components.pictures import Picture, show_rows
from components.remembered import remembered
from models.classifier.results import Scores
from models.runtime.csv_cells import csv_text
from models.runtime.engine import Result, Stream

NOT_SURE = "Not sure"
HISTORY_LENGTH = 500


@dataclass(frozen=True)
class AnswerSettings:
    """How a visitor wants scores read: how many bars, and below which probability to name nothing."""

    top_k: int = 5
    threshold: float = 0.3

    def verdict(self, scores: Scores) -> str | None:
        """The top label, or None when it is not sure enough."""
        ((label, value),) = scores.top(1)
        return label if value >= self.threshold else None

    def answer(self, scores: Scores) -> str:
        """The verdict in words: below the threshold the top label is a guess, not a "none of these"."""
        ((label, value),) = scores.top(1)
        return self.verdict(scores) or f"{NOT_SURE}. Perhaps {label} ({percent(value)})"


@dataclass
class History:
    """What one session's camera saw: (time, label, probability) at each change of what was named, newest last. The
    engine's thread adds, the page reads and clears."""

    rows: list[tuple[datetime, str, float]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, label: str | None, value: float) -> None:
        """Note a label, once until another one follows; None (not sure) is no entry."""
        with self._lock:
            if label is not None and (not self.rows or self.rows[-1][1] != label):
                self.rows = [*self.rows[-HISTORY_LENGTH + 1 :], (datetime.now().astimezone(), label, value)]

    def clear(self) -> None:
        """Forget what was seen."""
        with self._lock:
            self.rows = []

    def csv(self) -> str:
        """The history as a CSV file with a header line."""
        rows = ([when.isoformat(timespec="milliseconds"), label, f"{p:.4f}"] for when, label, p in self.rows)
        return csv_text([["time", "label", "probability"], *rows])


def show_scores(scores: Scores, settings: AnswerSettings) -> None:
    """Verdict and top-k bars."""
    top = scores.top(settings.top_k)
    answer = html.escape(settings.answer(scores))
    if settings.verdict(scores) is not None:
        words = f'<div class="verdict">{answer} <small>{html.escape(percent(top[0][1]))}</small></div>'
    else:
        words = f'<div class="verdict unsure">{answer}</div>'
    bars = "".join(
        layout.bar(html.escape(name), value, percent(value), weak=value < settings.threshold) for name, value in top
    )
    st.html(f'{words}<div class="bars">{bars}</div>')


def show_live(camera: LiveCamera, stream: Stream, settings: AnswerSettings, history: History) -> bool:
    """Verdict, bars and seconds of the newest result, again and again while the camera plays. Whether results are
    pushed to the browser."""

    def note(result: Result) -> None:
        if result.error is None:
            history.add(settings.verdict(result.value), result.value.top(1)[0][1])

    def to_browser(scores: Scores) -> dict[str, Any]:
        return scores.to_browser(settings.top_k, settings.threshold)

    def show_one(result: Result) -> live.Seconds:
        scores: Scores = result.value
        if not is_pushed:
            show_scores(scores, settings)
        return scores.seconds

    stream.subscribe("history", note)  # each result, however seldom the page looks
    is_pushed = live.show_pushed(camera, stream, to_browser)
    live.show(camera, stream, show_one, is_pushed=is_pushed)
    return is_pushed


def show_history(camera: LiveCamera, history: History) -> None:
    """The strip of what was seen, and its download."""

    @st.fragment(run_every=3.0 if camera.playing else None)
    def show() -> None:
        st.markdown("**Seen so far**")
        if not history.rows:
            st.caption("Each new thing that the network is sure of is noted here.")
            return
        chips = "".join(
            f"<span>{html.escape(label)} <small>{html.escape(percent(value))} · {when:%H:%M:%S}</small></span>"
            for when, label, value in reversed(history.rows[-20:])
        )
        st.html(f'<div class="history">{chips}</div>')
        with st.container(horizontal=True):
            st.download_button(
                "Download as CSV", history.csv, "seen.csv", "text/csv", icon=":material/download:", on_click="ignore"
            )
            st.button("Clear", on_click=history.clear, icon=":material/delete:")

    show()


def scores_of(pictures: Sequence[Picture], name: str, model: Any) -> list[Scores]:
    """The scores of each picture by the model of that name; those that the last run had are not computed again."""
    place, count = st.empty(), len(pictures)

    def predict(numbered: tuple[int, Picture]) -> Scores:
        number, picture = numbered
        if count > 4:
            place.progress(number / count, f"Picture {number + 1} of {count}")
        return model.predict(picture.rgb)

    items = (((name, picture.key), (number, picture)) for number, picture in enumerate(pictures))
    scores = list(remembered("scores", items, predict))
    place.empty()
    return scores


def show_table(pictures: Sequence[Picture], scores: Sequence[Scores], settings: AnswerSettings) -> None:
    """One row per picture: thumbnail, name, verdict, probability, runners-up."""
    show_rows(
        pictures,
        {
            "answer": [settings.answer(s) for s in scores],
            "probability": [s.top(1)[0][1] for s in scores],
            "next": [
                ", ".join(f"{label} {percent(value)}" for label, value in s.top(settings.top_k)[1:]) for s in scores
            ],
        },
    )
