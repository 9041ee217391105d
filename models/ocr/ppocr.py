"""PP-OCRv6 small through rapidocr, stage by stage: where there is text, which way up, what it says, in which order.

The networks are those bundled in the package rapidocr (Apache-2.0), its stages are called one by one, so that each
can be shown. One object serves every thread.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from models.ocr.boxes import Detection, Reading, TextBox
from models.ocr.codes import read_codes
from models.ocr.languages import RECOGNITION_NETWORKS
from models.ocr.layout.order import in_reading_order
from models.ocr.lines.crop import crop_line, line_size
from models.ocr.lines.detection import TextFinder
from models.ocr.lines.gutters import split_at_gutters
from models.ocr.lines.networks import DETECTION, RECOGNITION, cores, text_detector, text_recognizer
from models.ocr.lines.recognition import Letters, LineReader
from models.ocr.lines.slices import Slices, slices
from models.ocr.lines.stacked import stacked_words
from models.ocr.lines.unread import MIN_COVERED_INK, covered, doubted, is_foreign_greek, unread_lines
from models.ocr.lines.upright import first_corner, is_tall, quarter_turns, turned
from models.ocr.lines.words import text_box
from models.ocr.stages import Check, OnStage, Stages
from models.pictures import arrays
from models.runtime.report import Report
from models.settings import settings

MIN_LINE_SCORE = 0.5  # a line below this is taken for unread, as in rapidocr
MAX_DOUBTFUL_SCORE = 0.75  # a line below this is also read upside down
MIN_LINE_GAIN = 0.2  # of score, by which another way round must be better
MIN_UPSIDE_DOWN_LETTERS = 4  # in a line taken for upside down; fewer look alike both ways
MAX_LIVE_LINES = 40  # read in a camera's frame, the largest first


class _Networks:
    """Both networks with a number of threads."""

    def __init__(self, detection: Path, recognition: Path, threads: int) -> None:
        self.finder = TextFinder(text_detector(detection, threads))
        self.reader = LineReader(text_recognizer(recognition, threads))


@dataclass(frozen=True, eq=False)
class _Lines:
    """What was read, the lines (n, 4, 2) that could not be, and Greek ones (m, 4, 2) that only half were."""

    boxes: list[TextBox]
    unread: np.ndarray
    greek: np.ndarray


class _PictureReader:
    """Reads the lines of one picture, none twice: those read to find which way up it lies need not be read again."""

    def __init__(self, rgb: np.ndarray, reader: LineReader, check: Check = lambda: None) -> None:
        self.rgb = rgb
        self.alphabet = reader.alphabet
        self._reader, self._check = reader, check
        self._known: dict[bytes, Letters] = {}

    def read(self, polygons: Sequence[np.ndarray] | np.ndarray) -> list[Letters]:
        """One for each polygon float32 (4, 2), read from its first corner."""
        new = [polygon for polygon in polygons if polygon.tobytes() not in self._known]
        lines = self._reader.read(
            [line_size(polygon) for polygon in new], lambda index: crop_line(self.rgb, new[index]), self._check
        )
        self._known.update((polygon.tobytes(), letters) for polygon, letters in zip(new, lines, strict=True))
        return [self._known[polygon.tobytes()] for polygon in polygons]


class PPOCR:
    """Reads text in pictures. Safe to call from any thread; each call takes its own memory, up to about 0.5 GB for a
    picture of 40 megapixels. Pictures are uint8 (H, W, 3) RGB and only read; ValueError for another shape."""

    def __init__(self, recognition: Path = RECOGNITION, name: str = "PP-OCRv6 small") -> None:
        self.name = name
        self._recognition = recognition
        self._still = _Networks(DETECTION, recognition, cores())
        self.nbytes = 3 * (DETECTION.stat().st_size + recognition.stat().st_size)

    @cached_property
    def _live(self) -> _Networks:
        # many streams share the machine, so one frame gets as few threads as the settings say
        return _Networks(DETECTION, self._recognition, min(cores(), settings().inference_threads))

    def detect(self, rgb: np.ndarray) -> Detection:
        """The first stage alone: where there is text, for pictures of any size. A line that stands on end begins at
        its top left here, whichever way it reads."""
        arrays.check(rgb)
        return self._still.finder.find(rgb)

    def recognise(self, rgb: np.ndarray, polygons: np.ndarray) -> list[TextBox]:
        """The second stage alone: one box for each of the polygons (n, 4, 2) that has text, in their order. A polygon
        that turns out to read from another corner begins there in its box."""
        height, width = arrays.check(rgb)
        inside = np.clip(np.asarray(polygons, np.float32).reshape(-1, 4, 2), 0, (width, height))
        return _recognise(inside, _PictureReader(rgb, self._still.reader)).boxes

    def slices(self, rgb: np.ndarray, polygon: np.ndarray) -> Slices:
        """What the second stage says of each slice of one line: polygon float32 (4, 2)."""
        arrays.check(rgb)
        return slices(self._still.reader, crop_line(rgb, polygon))

    def predict(self, rgb: np.ndarray) -> list[TextBox]:
        """What is written in the picture, in reading order and in the picture's own pixels, even if it lies turned."""
        return self.read(rgb).boxes_as_it_lay()

    def read(
        self,
        rgb: np.ndarray,
        *,
        thorough: bool = True,
        on_stage: OnStage | None = None,
        cancel: threading.Event | None = None,
    ) -> Reading:
        """Everything in the picture, turned upright. Not `thorough`, for a camera's frames: as it is held, made small
        to be searched, its largest lines. `on_stage` is called with what begins; setting `cancel` raises Cancelled at
        the next step, within about a second."""
        arrays.check(rgb)
        stages = Stages(on_stage, cancel)
        networks = self._still if thorough else self._live
        with stages.stage("detection", "Looking for text"):
            found = networks.finder.find(rgb, thorough=thorough, check=stages.check)
        turns, polygons = 0, found.polygons
        stacked: list[TextBox] = []
        reader = _PictureReader(rgb, networks.reader, stages.check)
        if thorough:
            with stages.stage("turning", "Turning it upright"):
                stacked, polygons = _stacked_apart(rgb, polygons, networks.reader, stages.check)
                turns = quarter_turns(polygons, reader.read)
                if turns:  # then what stood below each other lay side by side
                    stacked, polygons = [], turned(found.polygons, turns, rgb.shape)
                    rgb = np.ascontiguousarray(np.rot90(rgb, -turns))
                    reader = _PictureReader(rgb, networks.reader, stages.check)
                    found = Detection(np.ascontiguousarray(np.rot90(found.heat, -turns)), polygons, found.scores)
        else:
            polygons = _largest(polygons)
        count = f"{len(polygons)} line" + "s" * (len(polygons) != 1)
        with stages.stage("recognition", f"Reading {count}"):
            lines = _recognise(polygons, reader, doubt=thorough)
        unread = None
        if thorough and len(lines.unread) + len(lines.greek):
            with stages.stage("script", "Looking at what could not be read"):
                unread = unread_lines(rgb, lines.unread, lines.greek, polygons)
        with stages.stage("order", "Putting it in order"):
            boxes = in_reading_order(split_at_gutters(rgb, stacked + lines.boxes))
        with stages.stage("codes", "Looking for bar codes"):
            codes = read_codes(rgb)
        stages.check()
        return Reading(rgb, tuple(boxes), codes, turns, self.name, found, stages.seconds, unread)


def load_ppocr(path: Path | None, report: Report) -> PPOCR:
    """PP-OCRv6 small, bundled in rapidocr."""
    report("Loading the networks", None)
    model = PPOCR()
    report("Warming up", None)
    model.read(np.full((64, 64, 3), 255, np.uint8))
    return model


def load_ppocr_with(recognition: Path, report: Report) -> PPOCR:
    """The same detection with another recognition network: an .onnx file with its alphabet inside."""
    report("Loading the networks", None)
    titles = {network.file.filename: network.title for network in RECOGNITION_NETWORKS}
    return PPOCR(recognition, titles.get(recognition.name, recognition.stem))


def _recognise(polygons: np.ndarray, reader: _PictureReader, *, doubt: bool = True) -> _Lines:
    """Read each line as it stands; those that are tall or illegible also the other ways round, and keep the best."""
    best = list(zip(polygons, reader.read(polygons), strict=True))
    tries: list[tuple[int, np.ndarray]] = []
    for index, (polygon, letters) in enumerate(best):
        if is_tall(polygon):
            tries += [(index, first_corner(polygon, quarters)) for quarters in (1, 3)]
        elif doubt and letters.score < MAX_DOUBTFUL_SCORE:
            tries.append((index, first_corner(polygon, 2)))
    other = reader.read([polygon for _, polygon in tries])
    for (index, polygon), letters in zip(tries, other, strict=True):
        upside_down = not is_tall(polygons[index])
        if letters.score > best[index][1].score + MIN_LINE_GAIN and len(letters.text) >= (
            MIN_UPSIDE_DOWN_LETTERS if upside_down else 1
        ):
            best[index] = (polygon, letters)
    boxes: list[TextBox] = []
    unread: list[np.ndarray] = []
    greek: list[np.ndarray] = []
    for polygon, letters in best:
        crop = crop_line(reader.rgb, polygon)
        box = text_box(polygon, crop, letters)
        if box is not None and box.score < MIN_LINE_SCORE:
            box = None
        share = covered(letters, crop)
        if box is None or share < MIN_COVERED_INK:
            unread.append(polygon)
            box = box and doubted(box, share)
        elif is_foreign_greek(box.text, reader.alphabet):
            greek.append(polygon)
        boxes += [box] if box else []
    return _Lines(boxes, *(np.array(some, np.float32).reshape(-1, 4, 2) for some in (unread, greek)))


def _stacked_apart(
    rgb: np.ndarray, polygons: np.ndarray, reader: LineReader, check: Check
) -> tuple[list[TextBox], np.ndarray]:
    """The words whose letters stand below each other, and the polygons that are no part of them."""
    words = stacked_words(rgb, polygons, reader, check)
    parts = [part for word in words for part in word.parts]
    return [word.box for word in words], np.delete(polygons, parts, axis=0)


def _largest(polygons: np.ndarray) -> np.ndarray:
    heights = np.array([min(line_size(polygon)) for polygon in polygons])
    return polygons[np.sort(np.argsort(-heights, kind="stable")[:MAX_LIVE_LINES])]
