"""A part of the bench `hostile`: small files that would cost minutes to hours, given by one visitor, in this process.

How long until each is refused or ended, how long another visitor's page (read by the real model) and sample take
meanwhile, and how long a cancel takes. One JSON line per figure.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from models.cache import ModelCache
from models.errors import Cancelled, LimelightError
from models.ocr.files.pdf_pages import Pdf
from models.ocr.reading_queue import ReadingQueue, ReadPage
from models.pictures.images import open_image, sample_pictures, to_jpeg
from models.pictures.video import annotate
from models.teachable.intake import Arrival, Intake
from models.teachable.project import Project
from tests.bench.costly_files import FILMS, PDFS, PICTURES, many_scans
from tests.bench.limits import judged, show

ENDED_S, OTHERS_S, CANCEL_S = 10, 5, 1
PATIENCE_S = 120
Open = Callable[[threading.Event | None], Any]


def _cases(folder: Path) -> dict[str, Open]:
    """By name, what the app does with each file."""

    def page(data: bytes) -> Open:
        def draw(cancel: threading.Event | None) -> Any:
            with Pdf(data) as pdf:
                return pdf.page(1, cancel=cancel)

        return draw

    def picture(data: bytes) -> Open:
        return lambda _: open_image(data)

    def film(name: str, data: bytes) -> Open:
        path = folder / f"{name}.mp4"
        path.write_bytes(data)
        return lambda cancel: annotate(path, folder / "out.mp4", lambda rgb, _: rgb, cancel=cancel)

    cases: dict[str, Open] = {name: page(make()) for name, make in PDFS.items()}
    cases |= {name: picture(make()) for name, make in PICTURES.items()}
    cases["as many scans as are let in"] = picture(many_scans(75, 5000))
    return cases | {name: film(name, make()) for name, make in FILMS.items()}


class Room:
    """The lines in which everybody waits."""

    def __init__(self) -> None:
        self.queue = ReadingQueue(forget_s=PATIENCE_S)
        self.intake = Intake(lambda kind, rgb: np.zeros(kind.size, np.float32))
        self.models = ModelCache(2_000_000_000)
        self.picture = to_jpeg(next(sample for sample in sample_pictures() if sample.name == "page").load())

    def read(self, visitor: str, call: Open) -> Any:
        """One page of a visitor's, put into the line."""

        def run(page: ReadPage) -> None:
            rgb = page.aside(lambda: call(page.cancel))
            with self.models.lease("ppocr") as model:
                model.read(rgb, on_stage=page.stage, cancel=page.cancel)

        return self.queue.submit(visitor, {"page": run})

    def other(self) -> tuple[float, float]:
        """Seconds that another visitor's page and sample take."""
        began = time.monotonic()
        job = self.read("bo", lambda _: open_image(self.picture))
        project = Project.fresh()
        self.intake.add(project, [Arrival(project.classes[0].id, "a.jpg", self.picture)])
        page_s = sample_s = 0.0
        while not (page_s and sample_s) and time.monotonic() - began < PATIENCE_S:
            page_s = page_s or (job.done and time.monotonic() - began)
            sample_s = sample_s or (not self.intake.waiting(project) and time.monotonic() - began)
            time.sleep(0.01)
        assert not job.errors, job.errors
        return page_s or PATIENCE_S, sample_s or PATIENCE_S


def _ended(call: Open) -> tuple[float, str]:
    """Seconds until it is over, and how."""
    began, how = time.monotonic(), "opened"
    try:
        call(None)
    except LimelightError as error:
        how = type(error).__name__
    return time.monotonic() - began, how


def _cancelled(call: Open, after_s: float = 0.3) -> float | None:
    """Seconds from the cancel to the end; None where it was over before."""
    cancel, began = threading.Event(), 0.0

    def press() -> None:
        nonlocal began
        began = time.monotonic()
        cancel.set()

    timer = threading.Timer(after_s, press)
    timer.start()
    try:
        call(cancel)
    except Cancelled:
        return time.monotonic() - began
    except LimelightError:
        timer.cancel()
    return None


def main(argv: list[str]) -> None:
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    room = Room()
    room.other()  # the model is loaded before anything is measured
    with tempfile.TemporaryDirectory() as folder:
        for name, call in _cases(Path(folder)).items():
            seconds, how = _ended(call)
            about = {"part": "costly", "file": name}
            show(judged("hostile", "refused or ended", seconds, "s", at_most=ENDED_S, how=how, **about))
            show(judged("hostile", "cancelled", _cancelled(call), "s", at_most=CANCEL_S, **about))
            alone_s, _ = room.other()
            attack = room.read("anna", call)
            page_s, sample_s = room.other()
            show(
                judged(
                    "hostile",
                    "another visitor's page meanwhile",
                    page_s,
                    "s",
                    at_most=OTHERS_S,
                    alone_s=alone_s,
                    **about,
                )
            )
            show(judged("hostile", "another visitor's sample meanwhile", sample_s, "s", at_most=OTHERS_S, **about))
            while not attack.done:  # what cannot be cancelled comes to its end before the next file
                attack.wait(1)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
