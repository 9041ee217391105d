"""Collecting on the Teachable page while other cameras run: is every sample there, in its class, ten times a second?

A real Chromium films numbered frames (tests/bench/numbered.py) and records into two classes in turns; then the project
is saved by the page and opened here, and each kept picture is asked which frame it is. When a recording began and
ended is read off the page's own preview, so a sample of another recording's frames counts as in the wrong class.
"""

import argparse
import contextlib
import itertools
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, sync_playwright

from models.teachable.keep.files import from_bytes
from models.teachable.kinds import opened
from models.teachable.project import Project
from tests.bench import numbered
from tests.bench.figures import engine_figures
from tests.bench.limits import judged, show
from tests.bench.server import Server
from tests.bench.tabs import Tabs
from tests.bench.target import ENGINE, TARGETS
from tests.bench.teaching import TRAIN, settle
from tests.browser import lab

AT_LEAST_PER_S = 9.8
PATIENCE_S = 60
START_BOUND_SECONDS = 240
ALONE_S = 8  # that the other streams run before the first recording
SLACK = numbered.FPS // 2  # frames: from the preview to the server and back it takes up to half a second
PAUSE_S = 1.5  # between recordings, longer than twice the slack

CARD = '[class*="st-key-teach-card-"]'
RECORD, STOP = (re.compile(rf"{word}\s*$") for word in ("Record", "Stop"))

LOOK_SIDE = 64  # pixels: as many as the blocks need
LOOK = f"""video => {{
  const canvas = new OffscreenCanvas({LOOK_SIDE}, {LOOK_SIDE}).getContext("2d", {{willReadFrequently: true}});
  const side = video.videoHeight;
  canvas.drawImage(video, (video.videoWidth - side) / 2, 0, side, side, 0, 0, {LOOK_SIDE}, {LOOK_SIDE});
  return [...canvas.getImageData(0, 0, {LOOK_SIDE}, {LOOK_SIDE}).data];
}}"""


@dataclass(frozen=True)
class Recording:
    """Of one class, by its place: the frames that the preview showed before the press and after the end."""

    class_at: int
    first: int
    last: int

    def has(self, number: int) -> bool:
        return self.first - SLACK <= number <= self.last + SLACK


def numbers_in(project: Project) -> list[list[int | None]]:
    """Of each class the frame numbers of its samples, in the order they came; None where it can't be read."""
    return [[numbered.read_number(opened(sample.jpeg)) for sample in one.samples] for one in project.classes]


def figures_of(classes: Sequence[Sequence[int | None]], recordings: Sequence[Recording], seconds: float) -> dict:
    """What came of recordings of so many seconds each. `wrong`: readable samples that no recording of their class
    filmed; `strays` are those among them that none did."""
    if any(after.first - SLACK <= before.last + SLACK for before, after in itertools.pairwise(recordings)):
        raise RuntimeError("the recordings' frames overlap, so nothing can be told from them")
    rates, gaps = [], []
    for one in recordings:
        own = sorted(number for number in classes[one.class_at] if number is not None and one.has(number))
        rates.append(len(own) / seconds)
        gaps.append(max(np.diff(own), default=None))
    wrong = [
        number
        for at, numbers in enumerate(classes)
        for number in numbers
        if number is not None and not any(one.class_at == at and one.has(number) for one in recordings)
    ]
    readable = Counter(number for numbers in classes for number in numbers if number is not None)
    return {
        "per_s": rates,
        "gaps": [None if gap is None else int(gap) for gap in gaps],
        "wrong": len(wrong),
        "strays": sum(not any(one.has(number) for one in recordings) for number in wrong),
        "unreadable": sum(number is None for numbers in classes for number in numbers),
        "twice": sum(count - 1 for count in readable.values()),
    }


def _shown(page: Page) -> int:
    """The number of the frame that the preview shows."""
    video = page.locator("video.shown")
    for _ in range(20):
        if video.count():
            pixels = np.array(video.evaluate(LOOK), np.uint8).reshape(LOOK_SIDE, LOOK_SIDE, 4)
            if (number := numbered.read_number(pixels[..., :3])) is not None:
                return number
        page.wait_for_timeout(30)
    raise RuntimeError(
        "the preview shows no frame of the film, so the camera has stopped: streamlit-webrtc's front end ends it when "
        "it hears nothing from the server for a few seconds, as where there is more to do than the cores can"
    )


def _button(page: Page, class_at: int, words: re.Pattern[str]) -> Locator:
    """On the card of a class, by its place."""
    return page.locator(CARD).nth(class_at).locator(".stButton button:enabled").filter(has_text=words)


def _counters(page: Page) -> list[int]:
    """How many samples each class has, as the page says."""
    return [int(text.replace(",", "")) for text in page.locator(".count b").all_inner_texts()]


def _set_duration(page: Page, seconds: int) -> None:
    """Under "Recording", once the page knows that the camera is on: a rerun closes what is open."""
    _button(page, 0, RECORD).wait_for()
    settle(page, CARD, 2)
    page.get_by_role("button", name="Recording").click()
    choice = page.get_by_role("radio", name=f"{seconds} s", exact=True)
    choice.click()
    page.locator('[role="radio"][aria-checked="true"]').and_(choice).wait_for()
    page.keyboard.press("Escape")


def _record(page: Page, class_at: int, seconds: float) -> Recording:
    """One recording, until the page says that it is over."""
    settle(page, CARD, 2)
    before, first, stop = _counters(page), _shown(page), _button(page, class_at, STOP)
    _button(page, class_at, RECORD).click()
    began = time.monotonic()
    while not stop.count() and _counters(page) == before:
        if time.monotonic() - began > PATIENCE_S:
            raise RuntimeError(f"nothing was recorded within {PATIENCE_S} s of the press")
        page.wait_for_timeout(50)
    page.wait_for_timeout(1000 * max(0, began + seconds - time.monotonic()))
    stop.wait_for(state="detached")
    return Recording(class_at, first, _shown(page))


def _features_s(page: Page) -> float:
    """Seconds until the page no longer says that pictures have to be looked at; it looks twice a second."""
    began = time.monotonic()
    page.get_by_text("still to be looked at").wait_for(state="detached")
    return time.monotonic() - began


def _saved(page: Page) -> Project:
    page.get_by_role("radio", name="Keep").click()
    button = page.locator(".st-key-teach-save button:enabled")
    settle(page, ".st-key-teach-save")
    with page.expect_download() as download:
        button.click()
    return from_bytes(Path(download.value.path()).read_bytes(), budget_bytes=200_000_000)


@contextlib.contextmanager
def _visitor(server: Server, frames: int) -> Iterator[Page]:
    """A tab on the page whose camera is on."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, sync_playwright() as playwright:
        browser = lab.launch(playwright, numbered.write(Path(folder) / "film.mjpeg", frames))
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.goto(f"http://127.0.0.1:{server.port}/teachable?input=Live&fps={numbered.FPS}")
        settle(page, TRAIN)
        lab.start_camera(page)
        yield page
        browser.close()


def _others_play(stack: contextlib.ExitStack, server: Server, n: int, seconds: float) -> None:
    """All of them, until the stack is left. A stream that begins while its page still loads may be cut off by
    streamlit-webrtc, which takes that for leaving the page; a visitor would press again, so they all come again."""
    for left in (2, 1, 0):
        tabs = Tabs(server, n=n, mode="send-only", fps=numbered.FPS, seconds=seconds)
        with contextlib.ExitStack() as attempt:
            errors = attempt.enter_context(tabs).wait("playing", START_BOUND_SECONDS)["errors"]
            if not errors:
                stack.push(attempt.pop_all())
                return
        if left == 0:
            raise RuntimeError(f"not all of the {n} other streams began: {errors}")


def collect(options: argparse.Namespace) -> None:
    """Raises RuntimeError or Playwright's Error when there are no figures."""
    seconds, rounds, n = options.record, options.rounds, options.streams
    recorded_s = 2 * rounds * (seconds + PAUSE_S + 5)
    frames = min(numbered.MOST_FRAMES, round((recorded_s + 60) * numbered.FPS))
    recordings: list[Recording] = []
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Server(TARGETS["app"]))
        if n:
            _others_play(stack, server, n, recorded_s + 4 * PATIENCE_S)
        errors_before = server.log_errors()
        page = stack.enter_context(_visitor(server, frames))
        _set_duration(page, seconds)
        times = [time.time()]
        page.wait_for_timeout(1000 * ALONE_S)
        times.append(time.time())
        for _ in range(rounds):
            for class_at in (0, 1):
                recordings.append(_record(page, class_at, seconds))
                if len(recordings) < 2 * rounds:
                    page.wait_for_timeout(1000 * PAUSE_S)
        times.append(time.time())
        features_s = _features_s(page)
        told = _counters(page)
        project = _saved(page)
        stats, errors = server.stats(), server.log_errors() - errors_before
    alone, meanwhile = (engine_figures(stats, window, ENGINE) for window in itertools.pairwise(times))
    _say(project, told, recordings, features_s, alone, meanwhile, errors, options)


def _say(
    project: Project,
    told: list[int],
    recordings: list[Recording],
    features_s: float,
    alone: dict,
    meanwhile: dict,
    errors: int,
    options: argparse.Namespace,
) -> None:
    about = {"part": "collect", "recordings": len(recordings), "seconds_each": options.record}
    about |= {"other_streams": options.streams}

    def say(*arguments, **more) -> None:
        show(judged("teachable", *arguments, **about, **more))

    figures = figures_of(numbers_in(project), recordings, options.record)
    kept = [len(one.samples) for one in project.classes]
    rates = [round(rate, 2) for rate in figures["per_s"]]
    filmed = [one.last - one.first for one in recordings]
    say("samples recorded, slowest", min(rates), "1/s", at_least=AT_LEAST_PER_S, each=rates, frames_filmed=filmed)
    gaps = [gap for gap in figures["gaps"] if gap is not None]
    say("largest gap between two samples", max(gaps, default=None), f"frames of 1/{numbered.FPS} s", each=gaps)
    lost = sum(max(0, a - b) for a, b in zip(told, kept, strict=True)) if len(told) == len(kept) else None
    say("samples lost between the page's counters and its file", lost, "", at_most=0, told=told, kept=kept)
    more = {name: figures[name] for name in ("strays", "twice", "unreadable")}
    say("samples in the wrong class", figures["wrong"], f"of {sum(kept)}", at_most=0, **more)
    missing = sum(sample.features is None for sample in project.samples)
    say("samples without features in the file", missing, "", at_most=0)
    say("until all features were there, after the last sample", features_s, "s, to half a second")
    say("other streams that ran to the end", meanwhile["streams"], "", at_least=options.streams)
    before = alone["worst_results_per_s"]
    say("results of the other stream with fewest", meanwhile["worst_results_per_s"], "1/s", without_recording=before)
    before = alone["age_ms"]["p95"]
    say("age of the others' results, p95", meanwhile["age_ms"]["p95"], "ms", without_recording=before)
    say("tracebacks in the server's log", errors, "", at_most=0)
