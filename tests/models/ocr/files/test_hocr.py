"""hOCR files are parsed as XML, and tell where and what the reading told."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from models.ocr.boxes import TextBox
from models.ocr.files.hocr import to_hocr
from models.ocr.files.pages import Page
from tests.models.ocr.files.read_pages import line, reading, rectangle, word

XHTML = "{http://www.w3.org/1999/xhtml}"


def parts(hocr: str, kind: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(hocr.encode())
    return [element for element in root.iter() if element.get("class") == kind]


def properties(element: ElementTree.Element) -> dict[str, str]:
    """The title's "name value; name value" as a dictionary."""
    return dict(part.strip().split(" ", 1) for part in element.get("title", "").split(";"))


def bbox(element: ElementTree.Element) -> list[int]:
    return [int(number) for number in properties(element)["bbox"].split()]


def says(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


LINES = (
    line(word("Grüße,", 10, 20, 100, score=0.954), word("€100", 120, 20, 90, score=0.5)),
    line(word("漢字", 10.4, 59.6, 60), word("العربية", 80, 60, 90), word("😀", 200, 60, 30)),
)


def test_lines_and_words_are_where_the_reading_has_them() -> None:
    hocr = to_hocr([Page("a.png", reading(*LINES))])
    (page,) = parts(hocr, "ocr_page")
    assert properties(page) == {"image": '"a.png"', "bbox": "0 0 800 600", "ppageno": "0"}
    assert [says(element) for element in parts(hocr, "ocr_line")] == [box.text for box in LINES]
    assert [bbox(element) for element in parts(hocr, "ocr_line")] == [[10, 20, 210, 50], [10, 60, 230, 90]]
    words = [(element.text, bbox(element), properties(element)["x_wconf"]) for element in parts(hocr, "ocrx_word")]
    assert words[:2] == [("Grüße,", [10, 20, 110, 50], "95"), ("€100", [120, 20, 210, 50], "50")]
    assert [text for text, _, _ in words[2:]] == ["漢字", "العربية", "😀"]


def test_the_tree_is_page_area_paragraph_line_word() -> None:
    root = ElementTree.fromstring(to_hocr([Page("a.png", reading(*LINES))]))
    path = ["body", "div", "div", "p", "span", "span"]
    found = root.findall("/".join(f"{XHTML}{tag}" for tag in path))
    assert len(found) == 5 and {element.get("class") for element in found} == {"ocrx_word"}
    (area,) = parts(to_hocr([Page("a.png", reading(*LINES))]), "ocr_carea")
    assert bbox(area) == [10, 20, 230, 90]


@pytest.mark.parametrize("angle", [-20, -3, 0, 5, 44])
def test_the_baseline_of_a_slanted_line_runs_through_the_letters(angle: float) -> None:
    box = TextBox(rectangle(300, 250, 200, 40, angle), "slanted", 1.0)
    (element,) = parts(to_hocr([Page("a", reading(box))]), "ocr_line")
    slope, offset = (float(number) for number in properties(element)["baseline"].split())
    left, _, _, bottom = bbox(element)
    share = 0.22  # of the line's height, from its lower edge
    for upper, lower in ((0, 3), (1, 2)):
        x, y = box.polygon[lower] * (1 - share) + box.polygon[upper] * share
        distance = (bottom + offset + slope * (x - left) - y) * np.cos(np.radians(angle))
        assert abs(distance) < 4, "a slanted line's foot is not right below where its descenders end"
    assert "textangle" not in properties(element)


@pytest.mark.parametrize(("angle", "told"), [(90, "270.0"), (-90, "90.0"), (180, "180.0"), (-100, "100.0")])
def test_a_line_on_its_side_tells_its_angle_counter_clockwise(angle: float, told: str) -> None:
    box = TextBox(rectangle(300, 250, 200, 40, angle), "turned", 1.0)
    (element,) = parts(to_hocr([Page("a", reading(box))]), "ocr_line")
    assert properties(element)["textangle"] == told and "baseline" not in properties(element)


def test_any_name_and_text_makes_valid_xml() -> None:
    nasty = "<script>&amp;\"'\0\x1b\ud83d\ufffe]]>"
    hocr = to_hocr([Page(f"{nasty}\n.png", reading(line(word(nasty, 0, 0, 100))))])
    (element,) = parts(hocr, "ocrx_word")
    assert element.text == "<script>&amp;\"']]>"
    (page,) = parts(hocr, "ocr_page")
    assert page.get("title", "").startswith("image \"<script>&amp;'']]> .png\"; bbox 0 0 ")
    assert hocr.encode().decode() == hocr


def test_ids_are_unique_over_pages_and_pages_are_counted() -> None:
    hocr = to_hocr(Page(name, reading(*LINES)) for name in "abc")
    ids = re.findall(r' id="([^"]+)"', hocr)
    assert len(ids) == len(set(ids)) == 3 * (3 + 2 + 5)
    assert [properties(page)["ppageno"] for page in parts(hocr, "ocr_page")] == ["0", "1", "2"]
    assert 'name="ocr-number-of-pages" content="3"' in hocr and 'content="Limelight by hand"' in hocr


@pytest.mark.parametrize("empty", [reading(), reading(TextBox(rectangle(0, 0, 9, 9), " \0", 1.0))])
def test_an_empty_reading_is_an_empty_page(empty: object) -> None:
    hocr = to_hocr([Page("a.png", empty)])  # type: ignore[arg-type]
    assert len(parts(hocr, "ocr_page")) == 1
    assert not parts(hocr, "ocr_carea") and not parts(hocr, "ocr_line")


def test_boxes_that_stick_out_of_the_picture_begin_at_its_edge() -> None:
    (element,) = parts(to_hocr([Page("a", reading(line(word("edge", -3, -2, 50))))]), "ocr_line")
    assert bbox(element) == [0, 0, 47, 28]
