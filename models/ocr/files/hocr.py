"""hOCR: what was read as a web page that OCR tools exchange (version 1.2, http://kba.github.io/hocr-spec/1.2/)."""

import math
from collections.abc import Iterable
from html import escape

import numpy as np

from models.ocr.boxes import TextBox
from models.ocr.files.glyphless_font import DESCENT, EM
from models.ocr.files.pages import Page, printable, words_of

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
 <head>
  <title>{title}</title>
  <meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>
  <meta name="ocr-system" content="{system}"/>
  <meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word"/>
  <meta name="ocr-number-of-pages" content="{count}"/>
 </head>
 <body>
"""


def to_hocr(pages: Iterable[Page]) -> str:
    """The pages as valid XHTML in UTF-8: lines in reading order with their baseline, or `textangle` where they are
    turned, and words with `x_wconf` in percent. The text is the one that was read, not the visitor's.

    One area and paragraph around all lines of a page stand there for the tools that look for lines inside of them.
    """
    pages = list(pages)
    engines = sorted({page.reading.engine for page in pages if page.reading.engine})
    head = _HEAD.format(
        title=_escaped(", ".join(page.name for page in pages)),
        system=_escaped(" ".join(["Limelight", *engines])),
        count=len(pages),
    )
    return head + "".join(_page(page, number) for number, page in enumerate(pages, 1)) + " </body>\n</html>\n"


def _page(page: Page, number: int) -> str:
    height, width = page.reading.rgb.shape[:2]
    # A property's text stands in double quotes, which hOCR has no way to write inside of it.
    name = printable(page.name).replace('"', "'")
    title = f'image "{name}"; bbox 0 0 {width} {height}; ppageno {number - 1}'
    lines = [(index, box) for index, box in enumerate(page.reading.boxes, 1) if words_of(box)]
    inside = ""
    if lines:
        around = _bbox(np.concatenate([box.polygon for _, box in lines]))
        inside = (
            f'   <div class="ocr_carea" id="block_{number}_1" title="{around}">\n'
            f'    <p class="ocr_par" id="par_{number}_1" title="{around}">\n'
            + "".join(_line(box, f"{number}_{index}") for index, box in lines)
            + "    </p>\n   </div>\n"
        )
    return f'  <div class="ocr_page" id="page_{number}" title="{_escaped(title)}">\n{inside}  </div>\n'


def _line(box: TextBox, key: str) -> str:
    words = (
        f'      <span class="ocrx_word" id="word_{key}_{index}" '
        f'title="{_bbox(word.polygon)}; x_wconf {round(100 * word.score)}">{_escaped(word.text)}</span>\n'
        for index, word in enumerate(words_of(box), 1)
    )
    title = f"{_bbox(box.polygon)}; {_direction(box)}; x_size {box.height:.1f}"
    return f'     <span class="ocr_line" id="line_{key}" title="{title}">\n{"".join(words)}     </span>\n'


def _direction(box: TextBox) -> str:
    """How the line runs: its baseline, from the lower left corner of its bbox, or its angle if that is over 45°."""
    _, _, bottom_right, bottom_left = box.polygon.astype(float)
    right, down = bottom_right - bottom_left
    angle = math.degrees(math.atan2(-down, right)) % 360  # counter-clockwise, which y downwards turns round
    if 45 < angle < 315:
        return f"textangle {angle:.1f}"
    slope = down / right if right else 0.0
    left, _, _, bottom = box.xyxy
    offset = bottom_left[1] + slope * (left - bottom_left[0]) - box.height * DESCENT / EM - bottom
    return f"baseline {slope:.4f} {offset:.1f}"


def _bbox(points: np.ndarray) -> str:
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    return f"bbox {max(0, round(float(left)))} {max(0, round(float(top)))} {round(float(right))} {round(float(bottom))}"


def _escaped(text: str) -> str:
    return escape(printable(text))
