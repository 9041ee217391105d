"""Tesseract, where Debian's package is installed, as a second reader to compare with. By pytesseract.

It runs as a program of its own for each picture, on one core, so that the live demos keep theirs.
"""

import os
import shutil
import subprocess
import threading
from collections import ChainMap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytesseract
from PIL import Image
from pytesseract import Output, TesseractError, TesseractNotFoundError

from models.errors import BadImage, ModelFailed
from models.ocr.boxes import Reading, TextBox, Word, rectangle
from models.ocr.codes import read_codes
from models.ocr.stages import OnStage, Stages
from models.pictures.arrays import check
from models.runtime.report import Report

RUN_LIMIT_S = 60  # seconds for each run of the program; a full page of 8 megapixels takes 3
MAX_TESSERACT_SIDE = 32_767  # pixels, Tesseract's own limit
MAX_LANGUAGES = 4  # read together; where more are installed only English is, because each takes time
MIN_TURN_CONFIDENCE = 7.0  # which side is up, Tesseract's own threshold; below it receipts were turned upside down

_COLUMNS = ("block_num", "par_num", "line_num", "left", "top", "width", "height", "conf", "text")
_INSTALL = "On Debian and Ubuntu: apt install tesseract-ocr"
# Its threads gain little and take every core. As the program's environment only: the variable would also hold back
# torch, which reads it, too.
pytesseract.pytesseract.environ = ChainMap({"OMP_THREAD_LIMIT": "1"}, os.environ)


@cache
def available() -> bool:
    """Whether the program is installed."""
    return shutil.which("tesseract") is not None


@cache
def languages() -> tuple[str, ...]:
    """The languages that it can read here, by their three letters, English first; empty where it is not installed."""
    try:
        installed = pytesseract.get_languages()
    except TesseractNotFoundError:
        return ()
    return tuple(sorted(set(installed) - {"osd", "equ", "snum"}, key=lambda name: (name != "eng", name)))


def load_tesseract(path: Path | None, report: Report) -> "Tesseract":
    """Raises ModelFailed, saying what to install, where the program or its languages are missing."""
    report("Looking for the program", None)
    with _errors_in_words():
        version = str(pytesseract.get_tesseract_version())
    names = languages()
    if not names:
        raise ModelFailed(f"Tesseract is here without any language. {_INSTALL}-eng")
    return Tesseract(version, names if len(names) <= MAX_LANGUAGES else names[:1])


class Tesseract:
    """Reads text in pictures, uint8 (H, W, 3) RGB. Safe to call from any thread. All methods raise BadImage where
    the program takes more than RUN_LIMIT_S or a side is longer than MAX_TESSERACT_SIDE, ModelFailed where it fails."""

    def __init__(self, version: str, languages: tuple[str, ...]) -> None:
        self.name = f"Tesseract {version}"
        self.languages = languages

    def predict(self, rgb: np.ndarray) -> list[TextBox]:
        """Its lines, in its order and in the picture's own pixels, even if it lies turned."""
        return self.read(rgb).boxes_as_it_lay()

    def read(
        self,
        rgb: np.ndarray,
        *,
        thorough: bool = True,
        on_stage: OnStage | None = None,
        cancel: threading.Event | None = None,
    ) -> Reading:
        """Everything in the picture, turned upright where Tesseract can tell; not `thorough`, as it is held. `on_stage`
        is called with what begins; setting `cancel` raises Cancelled before the next stage."""
        check(rgb)
        if max(rgb.shape) > MAX_TESSERACT_SIDE:
            raise BadImage(
                f"The picture is {rgb.shape[1]} × {rgb.shape[0]} pixels, and Tesseract takes at most "
                f"{MAX_TESSERACT_SIDE} on a side. Crop it, or scale it down."
            )
        stages = Stages(on_stage, cancel)
        turns, certain = 0, True
        if thorough:
            with stages.stage("turning", "Tesseract finds out which side is up"):
                turns, certain = _quarter_turns(rgb)
        with stages.stage("recognition", "Tesseract reads"):
            reading = self._as_turned(rgb, turns)
        if turns and not certain:
            with stages.stage("other way up", "Tesseract reads it as it was"):
                reading = max(reading, self._as_turned(rgb, 0), key=_certain_letters)
        with stages.stage("codes", "Looking for bar codes"):
            codes = read_codes(reading.rgb)
        return replace(reading, codes=codes, seconds=stages.seconds)

    def _as_turned(self, rgb: np.ndarray, turns: int) -> Reading:
        upright = np.ascontiguousarray(np.rot90(rgb, -turns)) if turns else rgb
        with _errors_in_words():
            table = pytesseract.image_to_data(
                _uncompressed(upright), lang="+".join(self.languages), output_type=Output.DICT, timeout=RUN_LIMIT_S
            )
        return Reading(upright, tuple(_lines(table)), turned=turns, engine=self.name)


def _lines(table: dict[str, list[Any]]) -> Iterator[TextBox]:
    """The lines of Tesseract's table, which has a row for each word."""
    rows = zip(*(table.get(name, ()) for name in _COLUMNS), strict=True)
    for _, line in groupby(rows, key=lambda row: row[:3]):
        words = []
        for *_, left, top, width, height, confidence, text in line:
            text = "".join(text.split())
            if text and confidence >= 0:  # else it is a paragraph, a picture, a ruled line
                words.append(Word(text, min(confidence / 100, 1.0), rectangle(left, top, left + width, top + height)))
        if words:
            corners = np.concatenate([word.polygon for word in words])
            yield TextBox.of_words(rectangle(*corners.min(axis=0), *corners.max(axis=0)), words)


def _quarter_turns(rgb: np.ndarray) -> tuple[int, bool]:
    """By how many quarters clockwise to turn the picture, and whether that is certain."""
    try:
        with _errors_in_words():
            found = pytesseract.image_to_osd(_uncompressed(rgb), output_type=Output.DICT, timeout=RUN_LIMIT_S)
    except ModelFailed:  # too few letters to tell, or no data for it
        return 0, True
    return found.get("rotate", 0) // 90 % 4, found.get("orientation_conf", 0.0) >= MIN_TURN_CONFIDENCE


def _certain_letters(reading: Reading) -> float:
    return sum(box.score * len(box.text) for box in reading.boxes)


def _uncompressed(rgb: np.ndarray) -> Image.Image:
    image = Image.fromarray(rgb)
    image.format = "PPM"  # in which pytesseract hands it over; PNG takes seconds to write for a large picture
    return image


@contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except TesseractNotFoundError as error:
        raise ModelFailed(f"Tesseract is not installed on this server. {_INSTALL}") from error
    except TesseractError as error:
        raise ModelFailed(f"Tesseract gave up on the picture: {_in_a_line(error.message or error.status)}.") from error
    except RuntimeError as error:  # pytesseract's word for the time limit
        raise BadImage(
            f"Tesseract did not finish within {RUN_LIMIT_S} seconds and was stopped. Crop the picture to the text, or "
            "scale it down."
        ) from error
    except (SystemExit, subprocess.SubprocessError, OSError) as error:  # SystemExit: a version it cannot understand
        raise ModelFailed(f"Tesseract is installed but does not run: {_in_a_line(error)}. {_INSTALL}") from error


def _in_a_line(words: object) -> str:
    return " ".join(str(words).split()).rstrip(".")[:300]
