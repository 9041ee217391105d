"""Grainy paper hides no line, wherever the lines stand on the sheet; and what is faint is still looked for."""

import cv2
import numpy as np
import pytest

from models.ocr.lines.detection import TextFinder
from models.ocr.lines.speckle import inked_part, is_bare_paper, is_speckled
from models.ocr.ppocr import PPOCR
from tests.models.ocr.typeset import page

A4_300_DPI = (3508, 2481)
RECEIPT = ["NORTH QUAY BOOKS", "7 Mill Lane", "Atlas of birds 24.50", "Pencil 1.20", "TOTAL 25.70", "Thank you"]


def grain(shape: tuple[int, int], strength: float, quality: int, seed: int = 1) -> np.ndarray:
    """A sheet as scanned and saved: int16 (H, W, 1), what it adds to the picture."""
    random = np.random.default_rng(seed)
    noise = random.normal(0, 1, shape)
    for size in (3, 8):
        blotches = random.normal(0, 1, (shape[0] // size + 1, shape[1] // size + 1))
        noise += cv2.resize(blotches, shape[::-1], interpolation=cv2.INTER_CUBIC)
    sheet = np.clip(245 + strength / 1.7 * noise, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE).astype(np.int16)[..., None] - 245


def on_sheet(clean: np.ndarray, strength: float, quality: int = 75) -> np.ndarray:
    return np.clip(clean - 10.0 + grain(clean.shape[:2], strength, quality), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("strength", "quality", "size"), [(3, 75, 44), (5, 60, 44), (4, 70, 22), (9, 90, 40)])
def test_a_small_receipt_on_a_large_grainy_scan(model: PPOCR, strength: float, quality: int, size: int) -> None:
    given = page(RECEIPT, size=size, margin=300, shape=A4_300_DPI)
    boxes = model.read(on_sheet(given.rgb, strength, quality)).boxes
    assert [box.text for box in boxes] == RECEIPT


@pytest.mark.parametrize("strength", [0, 4])
def test_a_small_receipt_takes_one_pass_and_its_coarser_ones(finder: TextFinder, strength: float) -> None:
    passes: list[None] = []
    # across the corner where four tiles meet
    corner = page(RECEIPT, size=44, margin=1050, shape=A4_300_DPI).rgb
    found = finder.find(on_sheet(corner, strength) if strength else corner, check=lambda: passes.append(None))
    assert len(found.polygons) == len(RECEIPT)
    assert len(passes) <= 3


def test_the_inked_part_holds_all_ink_and_little_else() -> None:
    sheet = page(RECEIPT, size=44, margin=300, shape=(1500, 1500)).rgb
    for rgb in (sheet, on_sheet(sheet, 4)):
        rows, columns = inked_part(rgb)
        beyond = np.ones(rgb.shape[:2], bool)
        beyond[rows, columns] = False
        assert sheet[beyond].min() == 255
        assert (~beyond).mean() < 0.4


def test_faint_print_beside_strong_ink_belongs_to_the_inked_part(finder: TextFinder) -> None:
    faint = page([" ".join(RECEIPT * 3)] * 90, size=14, ink=(232, 232, 232), shape=(1900, 1950)).rgb
    faint[1800:1880, 1700:1900] = 0
    assert len(finder.find(faint).polygons) >= 90


def test_a_picture_of_nothing_but_grain_has_no_line(model: PPOCR) -> None:
    assert model.read(on_sheet(np.full((1000, 1000, 3), 255, np.uint8), 5)).boxes == ()


def test_bare_paper_is_that_without_ink() -> None:
    sheet = np.full((1200, 1200, 3), 250, np.uint8)
    faint = page(["one faint line of small print"], size=14, ink=(205, 205, 205), paper=(250, 250, 250)).rgb
    written = sheet.copy()
    written[600 : 600 + faint.shape[0], 500 : 500 + faint.shape[1]] = faint
    assert is_bare_paper(sheet) and is_bare_paper(on_sheet(sheet, 4))
    assert not is_bare_paper(written) and not is_bare_paper(on_sheet(written, 4))


def test_a_sheet_full_of_faint_small_print_is_found(finder: TextFinder) -> None:
    sheet = page([" ".join(RECEIPT * 3)] * 90, size=14, ink=(232, 232, 232), shape=(1900, 1950)).rgb
    assert len(finder.find(sheet).polygons) == 90


def test_lines_are_no_specks() -> None:
    heat = np.zeros((1000, 1000), np.uint8)
    heat[20::40, 50:900] = heat[21::40, 50:900] = 255
    assert not is_speckled(heat, 76)
    heat[::20, ::20] = 255
    assert is_speckled(heat, 76)
