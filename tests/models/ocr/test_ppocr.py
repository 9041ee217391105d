"""Reading by PP-OCR: what was typeset must come out, whichever way the page lies and whatever its size."""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from shapely.geometry import Polygon

from models.errors import Cancelled
from models.ocr.boxes import Reading, TextBox
from models.ocr.lines.networks import DETECTION, RECOGNITION
from models.ocr.lines.recognition import Letters, LineReader
from models.ocr.ppocr import PPOCR, load_ppocr_with
from tests.models.ocr.typeset import Page, page, wrapped

PROSE = (
    "Printing is a process for mass reproducing text and images using a master form. The earliest known form of "
    "printing as applied to paper was woodblock printing, which appeared in China before 220 AD."
)
SWEDISH = "Språket på ön är lätt att förstå. En biljett kostar 12,50 € och båten går 07:45 från Östra kajen."
CODE = ["def __len__(self) -> int:", "    row[j] = min(row[j] + 1, last)", 'name = "_private"', "print('done')"]


def text_of(reading: Reading) -> str:
    return " ".join(" ".join(box.text for box in reading.boxes).split())


def prose(width: int = 600, **how: object) -> Page:
    face, size = str(how.get("face", "sans")), int(str(how.get("size", 20)))
    return page(wrapped(PROSE, width, face, size), **how)  # type: ignore[arg-type]


def share_inside(polygon: np.ndarray, other: np.ndarray) -> float:
    """The part of `polygon` that lies in `other`."""
    return float(Polygon(polygon).intersection(Polygon(other)).area / Polygon(polygon).area)


class TestRenderedText:
    @pytest.mark.parametrize(("face", "size"), [("sans", 12), ("serif", 16), ("mono", 20), ("bold", 28)])
    def test_faces_and_sizes(self, model: PPOCR, face: str, size: int) -> None:
        assert text_of(model.read(prose(face=face, size=size).rgb)) == PROSE

    @pytest.mark.parametrize("degrees", [-4, 3])
    def test_small_angles(self, model: PPOCR, degrees: float) -> None:
        assert text_of(model.read(prose().tilted(degrees).rgb)) == PROSE

    @pytest.mark.parametrize(
        ("ink", "paper"),
        [((212, 212, 212), (30, 30, 30)), ((170, 170, 170), (255, 255, 255)), ((255, 255, 255), (0, 90, 200))],
        ids=["dark theme", "light grey", "white on blue"],
    )
    def test_colours(self, model: PPOCR, ink: tuple[int, int, int], paper: tuple[int, int, int]) -> None:
        assert text_of(model.read(prose(size=16, ink=ink, paper=paper).rgb)) == PROSE

    def test_code_with_its_underscores_and_quotes(self, model: PPOCR) -> None:
        boxes = model.predict(page(CODE, face="mono", size=24).rgb)
        assert [box.text for box in boxes] == [line.strip() for line in CODE]

    @pytest.mark.parametrize("size", [12, 16, 30])
    def test_a_tight_crop_of_a_button(self, model: PPOCR, size: int) -> None:
        assert text_of(model.read(page(["Save as"], size=size, margin=2).rgb)) == "Save as"

    def test_columns_one_after_the_other(self, model: PPOCR) -> None:
        columns = [wrapped(PROSE, 300), wrapped(SWEDISH, 300)]
        assert text_of(model.read(page(*columns).rgb)) == f"{PROSE} {SWEDISH}"

    def test_small_print_on_a_large_sheet_and_a_large_heading(self, model: PPOCR) -> None:
        sheet = np.full((1500, 2400, 3), 255, np.uint8)
        small, large = page(["Terms apply, see page 12."], size=14).rgb, page(["SALE"], size=420, margin=20).rgb
        sheet[1400 : 1400 + small.shape[0], 1200 : 1200 + small.shape[1]] = small
        sheet[100 : 100 + large.shape[0], 200 : 200 + large.shape[1]] = large
        assert {box.text for box in model.predict(sheet)} == {"Terms apply, see page 12.", "SALE"}


class TestTurnedPages:
    @pytest.mark.parametrize("quarters", [1, 2, 3])
    def test_read_rights_it(self, model: PPOCR, quarters: int) -> None:
        upright = prose()
        reading = model.read(upright.turned(quarters).rgb)
        assert reading.turned == (4 - quarters) % 4
        assert np.array_equal(reading.rgb, upright.rgb)
        assert text_of(reading) == PROSE
        assert reading.detection is not None and reading.detection.heat.shape[1] > reading.detection.heat.shape[0]

    @pytest.mark.parametrize("quarters", [0, 1, 2, 3])
    def test_predict_gives_boxes_in_the_picture_as_given(self, model: PPOCR, quarters: int) -> None:
        given = prose().turned(quarters)
        boxes = model.predict(given.rgb)
        assert " ".join(box.text for box in boxes) == PROSE
        for box, truth in zip(boxes, given.polygons, strict=True):
            assert share_inside(truth, box.polygon) > 0.9
            first = np.linalg.norm(box.polygon - truth[0], axis=1).argmin()
            assert first == 0, "a box must begin where its reader begins"

    def test_a_line_on_end_on_an_upright_page(self, model: PPOCR) -> None:
        sheet = prose().rgb
        spine = page(["Volume three"]).turned(3).rgb  # reads upwards
        picture = np.full((max(sheet.shape[0], spine.shape[0]), sheet.shape[1] + spine.shape[1], 3), 255, np.uint8)
        picture[: sheet.shape[0], : sheet.shape[1]] = sheet
        picture[: spine.shape[0], sheet.shape[1] :] = spine
        box = next(box for box in model.predict(picture) if "Volume" in box.text)
        assert box.polygon[0, 1] > box.polygon[1, 1], "its first edge must go up"

    @pytest.mark.parametrize("text", ["wow", "SOS", "pod", "noon", "I", "1", "60%"])
    def test_a_word_that_reads_upside_down_too_stays(self, model: PPOCR, text: str) -> None:
        reading = model.read(page([text], size=24).rgb)
        assert reading.turned == 0 and text_of(reading).lower() == text.lower()


class TestStagesApart:
    def test_detection_finds_every_line_and_its_heat_covers_the_text(self, model: PPOCR) -> None:
        given = prose()
        found = model.detect(given.rgb)
        assert len(found.polygons) == len(given.lines)
        for truth in given.polygons:
            assert max(share_inside(truth, polygon) for polygon in found.polygons) > 0.95
        heat = cv2.resize(found.heat, given.rgb.shape[1::-1])
        text = np.zeros(heat.shape, np.uint8)
        cv2.fillPoly(text, list(np.rint(given.polygons).astype(np.int32)), 1)
        assert heat[text == 1].mean() > 0.3 > 0.05 > heat[text == 0].mean()  # it marks the middle of each line
        assert found.heat.min() >= 0 and found.heat.max() <= 1

    def test_recognition_keeps_the_order_and_leaves_out_what_is_empty(self, model: PPOCR) -> None:
        given = page(["first line", "second line"])
        paper = np.array([(0, 0), (15, 0), (15, 8), (0, 8)], np.float32)
        boxes = model.recognise(given.rgb, np.stack([given.polygons[1], paper, given.polygons[0]]))
        assert [box.text for box in boxes] == ["second line", "first line"]

    def test_recognition_of_polygons_that_leave_the_picture(self, model: PPOCR) -> None:
        far = np.array([(900, 900), (990, 900), (990, 920), (900, 920)], np.float32)
        assert model.recognise(page(["here"]).rgb, far[None]) == []

    def test_another_recognition_network_is_loaded_from_its_file(self, tmp_path: Path) -> None:
        copy = tmp_path / "other.onnx"
        copy.write_bytes(RECOGNITION.read_bytes())
        other = load_ppocr_with(copy, lambda *_: None)
        assert [box.text for box in other.predict(page(["Another one"]).rgb)] == ["Another one"]

    def test_a_network_without_an_alphabet_is_refused_and_nothing_downloaded(self) -> None:
        with pytest.raises(ValueError, match="alphabet"):
            load_ppocr_with(DETECTION, lambda *_: None)


class TestWords:
    def boxes(self, model: PPOCR, given: Page) -> list[TextBox]:
        boxes = model.read(given.rgb).boxes
        assert boxes
        return list(boxes)

    @pytest.mark.parametrize("degrees", [0, 5])
    def test_they_lie_inside_their_box_and_do_not_overlap(self, model: PPOCR, degrees: float) -> None:
        for box in self.boxes(model, prose().tilted(degrees)):
            assert " ".join(word.text for word in box.words) == box.text
            for word in box.words:
                assert share_inside(word.polygon, box.polygon) > 0.98
            for one, other in zip(box.words, box.words[1:], strict=False):
                assert share_inside(one.polygon, other.polygon) < 0.02

    def test_each_lies_on_its_ink_to_two_pixels(self, model: PPOCR) -> None:
        words = [("Minim", 40), ("illi", 200), ("Twin", 330)]
        rgb = np.full((80, 480, 3), 255, np.uint8)
        for text, x in words:
            block = page([text], size=24, margin=0).rgb
            rgb[25 : 25 + block.shape[0], x : x + block.shape[1]] = np.minimum(
                rgb[25 : 25 + block.shape[0], x : x + block.shape[1]], block
            )
        inked = (rgb < 160).any(axis=(0, 2))
        found = [word for box in self.boxes_of(model, rgb) for word in box.words]
        assert [word.text for word in found] == [text for text, _ in words]
        for word, (_, x) in zip(found, words, strict=True):
            columns = np.flatnonzero(inked[x - 5 : x + 120]) + x - 5
            assert abs(word.polygon[:, 0].min() - columns[0]) <= 2
            assert abs(word.polygon[:, 0].max() - columns[-1] - 1) <= 2

    def boxes_of(self, model: PPOCR, rgb: np.ndarray) -> list[TextBox]:
        return sorted(model.read(rgb).boxes, key=lambda box: box.xyxy[0])


class TestPicturesOfNothing:
    @pytest.mark.parametrize("shape", [(1, 1), (1, 300), (32, 4000), (300, 30_000), (600, 800)])
    @pytest.mark.parametrize("level", [0, 255])
    def test_blank(self, model: PPOCR, shape: tuple[int, int], level: int) -> None:
        reading = model.read(np.full((*shape, 3), level, np.uint8))
        assert reading.boxes == () and reading.codes == () and reading.turned == 0

    def test_noise(self, model: PPOCR) -> None:
        noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
        assert model.read(noise).boxes == ()

    @pytest.mark.parametrize(
        "bad",
        [np.zeros((5, 5), np.uint8), np.zeros((5, 5, 4), np.uint8), np.zeros((5, 5, 3)), np.zeros((0, 5, 3), np.uint8)],
    )
    def test_what_is_no_picture_is_refused(self, model: PPOCR, bad: np.ndarray) -> None:
        for stage in (model.read, model.detect, model.predict):
            with pytest.raises(ValueError, match="uint8"):
                stage(bad)

    def test_the_picture_is_only_read(self, model: PPOCR) -> None:
        rgb = page(["read only"]).rgb
        rgb.flags.writeable = False
        assert text_of(model.read(rgb)) == "read only"


class TestLongStrips:
    def test_a_line_through_many_tiles_is_read_once_and_whole(self, model: PPOCR) -> None:
        line = " ".join(f"word{number}" for number in range(1, 100))
        assert text_of(model.read(page([line], size=20).rgb)) == line


class TestLive:
    def test_one_look_as_it_is_held(self, model: PPOCR) -> None:
        reading = model.read(prose(size=24).rgb, thorough=False)
        assert text_of(reading) == PROSE
        assert model.read(prose().turned(2).rgb, thorough=False).turned == 0

    def test_only_the_largest_lines(self, model: PPOCR) -> None:
        rows = [f"{number} and" for number in range(30)]
        reading = model.read(page(rows, rows, size=12, leading=1.6).rgb, thorough=False)
        assert 0 < len(reading.boxes) <= 40


class TestCallers:
    def test_two_threads_at_once_read_what_one_after_the_other_would(self, model: PPOCR) -> None:
        pages = [prose(size=16), page(wrapped(SWEDISH, 400)), page(CODE, face="mono"), prose().turned(2)]
        alone = [text_of(model.read(one.rgb)) for one in pages]
        with ThreadPoolExecutor(2) as pool:
            together = list(pool.map(lambda one: text_of(model.read(one.rgb)), pages))
        assert together == alone

    def test_no_line_of_an_upright_page_is_read_twice(self, model: PPOCR, monkeypatch: pytest.MonkeyPatch) -> None:
        rgb, read, lines = prose().rgb, LineReader.read, list[int]()

        def counted(reader: LineReader, sizes: Sequence[tuple[float, float]], *how: object) -> list[Letters]:
            lines.append(len(sizes))
            return read(reader, sizes, *how)  # type: ignore[arg-type]

        monkeypatch.setattr(LineReader, "read", counted)
        assert text_of(model.read(rgb)) == PROSE
        assert sum(lines) == len(model.detect(rgb).polygons)

    def test_stages_are_told_and_timed(self, model: PPOCR) -> None:
        told: list[str] = []
        reading = model.read(prose().rgb, on_stage=told.append)
        assert len(told) == len(reading.seconds) >= 4
        assert any(str(len(reading.boxes)) in sentence for sentence in told)
        assert all(seconds >= 0 for seconds in reading.seconds.values())

    @pytest.mark.parametrize("stage", range(4))
    def test_cancel_ends_it_at_the_next_step(self, model: PPOCR, stage: int) -> None:
        cancel, told = threading.Event(), list[str]()

        def on_stage(sentence: str) -> None:
            told.append(sentence)
            if len(told) == stage + 1:
                cancel.set()

        with pytest.raises(Cancelled):
            model.read(prose().rgb, on_stage=on_stage, cancel=cancel)
        assert len(told) == stage + 1

    def test_nothing_is_written_to_the_console(self, capfd: pytest.CaptureFixture[str]) -> None:
        PPOCR().predict(page(["quiet"]).rgb)
        assert capfd.readouterr() == ("", "")
        assert not logging.getLogger("RapidOCR").isEnabledFor(logging.ERROR)


def test_two_columns_that_stand_close_are_read_one_after_the_other(model: PPOCR) -> None:
    left = wrapped(
        "The ferry is back after eleven weeks in the dockyard with a new engine and a coat of paint " * 2, 330
    )
    right = wrapped(
        "The committee has chosen among nineteen drawings a lantern shaped like a lily of the valley " * 2, 330
    )
    close = page(left, right, gutter=16)
    assert [box.text for box in model.predict(close.rgb)] == list(close.lines)
