"""Tesseract, where Debian's package is installed, as a second reader to compare with. By pytesseract.

It runs as a program of its own for each picture, on one core, so that the live demos keep theirs.
"""

import os
import shutil
import subprocess
import threading
import time
from collections import ChainMap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np
import pytesseract
from PIL import Image
from pytesseract import Output, TesseractError, TesseractNotFoundError

from models.errors import BadImage, Cancelled, ModelFailed
from models.ocr.boxes import Reading, TextBox, Word
from models.ocr.codes import read_codes
from models.pictures.arrays import check
from models.runtime.report import Report

LIMIT_S = 60  # for each run of the program; a full page of 8 megapixels takes 3
LONGEST_SIDE = 32_767  # pixels, Tesseract's own limit
FEW_LANGUAGES = 4  # up to so many are read together; who has more installed all there are, and each takes its time
SURE = 7.0  # of which side is up, Tesseract's own threshold; under it, receipts are seen upside down

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
    return Tesseract(version, names if len(names) <= FEW_LANGUAGES else names[:1])


class Tesseract:
    """Reads text in pictures, uint8 (H, W, 3) RGB. Safe to call from any thread. All methods raise BadImage where
    the program takes more than LIMIT_S or the picture is longer than LONGEST_SIDE, ModelFailed where it fails."""

    def __init__(self, version: str, languages: tuple[str, ...]) -> None:
        self.name = f"Tesseract {version}"
        self.languages = languages

    def predict(self, rgb: np.ndarray) -> list[TextBox]:
        """Its lines, in its order and in the picture's own pixels, even if it lies turned."""
        reading = self.read(rgb)
        return [_turned_back(box, reading.turned, reading.rgb.shape) for box in reading.boxes]

    def read(
        self,
        rgb: np.ndarray,
        *,
        thorough: bool = True,
        on_stage: Callable[[str], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Reading:
        """Everything in the picture, turned upright where Tesseract can tell; not `thorough`, as it is held. `on_stage`
        is told what begins; setting `cancel` raises Cancelled before the next stage."""
        check(rgb)
        if max(rgb.shape) > LONGEST_SIDE:
            raise BadImage(
                f"The picture is {rgb.shape[1]} × {rgb.shape[0]} pixels, and Tesseract takes at most {LONGEST_SIDE} on "
                "a side. Crop it, or scale it down."
            )
        seconds: dict[str, float] = {}

        @contextmanager
        def stage(name: str, sentence: str) -> Iterator[None]:
            if cancel is not None and cancel.is_set():
                raise Cancelled("Reading was cancelled; nothing of this picture was kept. Start it again to read it.")
            if on_stage is not None:
                on_stage(sentence)
            began = time.perf_counter()
            yield
            seconds[name] = time.perf_counter() - began

        turns, sure = 0, True
        if thorough:
            with stage("turning", "Tesseract finds out which side is up"):
                turns, sure = _quarter_turns(rgb)
        with stage("recognition", "Tesseract reads"):
            reading = self._as_turned(rgb, turns)
        if turns and not sure:
            with stage("other way up", "Tesseract reads it as it was"):
                reading = max(reading, self._as_turned(rgb, 0), key=_certain_letters)
        with stage("codes", "Looking for bar codes"):
            codes = read_codes(reading.rgb)
        return replace(reading, codes=codes, seconds=seconds)

    def _as_turned(self, rgb: np.ndarray, turns: int) -> Reading:
        upright = np.ascontiguousarray(np.rot90(rgb, -turns)) if turns else rgb
        with _errors_in_words():
            table = pytesseract.image_to_data(
                _uncompressed(upright), lang="+".join(self.languages), output_type=Output.DICT, timeout=LIMIT_S
            )
        return Reading(upright, tuple(_lines(table)), turned=turns, engine=self.name)


def _lines(table: dict[str, list]) -> Iterator[TextBox]:
    """The lines of Tesseract's table, which has a row for each word."""
    rows = zip(*(table.get(name, ()) for name in _COLUMNS), strict=True)
    for _, line in groupby(rows, key=lambda row: row[:3]):
        words = []
        for *_, left, top, width, height, confidence, text in line:
            text = "".join(text.split())
            if text and confidence >= 0:  # else it is a paragraph, a picture, a ruled line
                words.append(Word(text, min(confidence / 100, 1.0), _rectangle(left, top, left + width, top + height)))
        if words:
            corners = np.concatenate([word.polygon for word in words])
            letters = sum(len(word.text) for word in words)
            score = sum(word.score * len(word.text) for word in words) / letters
            polygon = _rectangle(*corners.min(axis=0), *corners.max(axis=0))
            yield TextBox(polygon, " ".join(word.text for word in words), score, tuple(words))


def _rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def _turned_back(box: TextBox, turns: int, shape: tuple[int, ...]) -> TextBox:
    """The box where it was before its picture was turned by quarters clockwise into that shape (H, W)."""

    def back(polygon: np.ndarray) -> np.ndarray:
        height, width = shape[:2]
        for _ in range(turns):
            polygon = np.column_stack([polygon[:, 1], width - polygon[:, 0]])
            height, width = width, height
        return polygon

    words = tuple(replace(word, polygon=back(word.polygon)) for word in box.words)
    return replace(box, polygon=back(box.polygon), words=words)


def _quarter_turns(rgb: np.ndarray) -> tuple[int, bool]:
    """By how many quarters clockwise to turn the picture, and whether that is sure."""
    try:
        with _errors_in_words():
            found = pytesseract.image_to_osd(_uncompressed(rgb), output_type=Output.DICT, timeout=LIMIT_S)
    except ModelFailed:  # too few letters to tell, or no data for it
        return 0, True
    return found.get("rotate", 0) // 90 % 4, found.get("orientation_conf", 0.0) >= SURE


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
            f"Tesseract did not finish within {LIMIT_S} seconds and was stopped. Crop the picture to the text, or "
            "scale it down."
        ) from error
    except (SystemExit, subprocess.SubprocessError, OSError) as error:  # SystemExit: a version it cannot understand
        raise ModelFailed(f"Tesseract is installed but does not run: {_in_a_line(error)}. {_INSTALL}") from error


def _in_a_line(words: object) -> str:
    return " ".join(str(words).split()).rstrip(".")[:300]
