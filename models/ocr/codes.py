"""QR and bar codes in a picture, read by zxing-cpp, and what they hold in words."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import cv2
import numpy as np
import zxingcpp
from zxingcpp import BarcodeFormat

from models.ocr.boxes import Code
from models.pictures.arrays import scaled

MAX_FIRST_PIXELS = 12_000_000  # searched first: 0.1 s for a scan, 1.1 s for noise, the worst case
MAX_AGAIN_PIXELS = 2_000_000  # searched again inverted, turned or enlarged
MAX_CODE_SIDE = 32_767  # pixels; OpenCV's limit for turning, half of zxing-cpp's
MIN_ITF_DIGITS = 6  # two or four are found wherever there are bars; labels have 14

# zxing-cpp looks for these along rows and columns of dark on light only; the square codes it finds however they lie.
_ROW_FORMATS = (BarcodeFormat.AllLinear, BarcodeFormat.PDF417)
_ALL_FORMATS = (BarcodeFormat.AllReadable,)
_LINEAR = frozenset(zxingcpp.barcode_formats_list(zxingcpp.BarcodeFormats(BarcodeFormat.AllLinear)))
_REORDERS = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
_NAMES = {"Aztec": "Aztec code", "Aztec Code": "Aztec code"}
_CONTROLS = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\n\t"} | {127: "␡"}


def read_codes(rgb: np.ndarray) -> tuple[Code, ...]:
    """The codes in uint8 (H, W, 3) from top to bottom, none twice; empty where there is none, as in a picture of no
    pixels. QR, Data Matrix, Aztec, PDF417, EAN, UPC, Code 128 and kin, also turned, mirrored or light on dark."""
    if not rgb.size:
        return ()
    codes = []
    for view, to_rgb, formats in _views(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)):
        for barcode in zxingcpp.read_barcodes(view, formats=zxingcpp.BarcodeFormats(formats)):
            if barcode.format != BarcodeFormat.ITF or len(barcode.text) >= MIN_ITF_DIGITS:
                codes.append(_from_zxing(barcode, to_rgb))
    return tuple(sorted(_surest(codes), key=lambda code: tuple(code.polygon.min(axis=0)[::-1])))


def describe(code: Code) -> str:
    """What a code holds, in words: "Link to example.org", "Wi-Fi network Home, password secret"; else "Text"."""
    text = code.text.strip()
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if not colon:
        isbn = code.kind == "EAN-13" and text.startswith(("978", "979"))
        return "Book number (ISBN)" if isbn else "Article number" if code.kind.startswith(("EAN", "UPC")) else "Text"
    if scheme in ("http", "https"):
        return _link(text)
    if scheme == "wifi":
        return _wifi(rest)
    if scheme in ("mailto", "tel", "sms", "smsto", "geo"):
        whom = _shown(unquote(re.split("[?]" if scheme == "mailto" else "[?;:]", rest)[0]))
        what = {"mailto": "E-mail to", "tel": "Phone number", "geo": "Place at"}.get(scheme, "Text message to")
        return f"{what} {whom}".strip()
    if scheme == "otpauth":
        return "Key for one-time passwords: keep it secret"
    if scheme in ("begin", "mecard"):
        return "Calendar entry" if rest.upper().startswith(("VEVENT", "VCALENDAR")) else "Contact"
    return "Text"


def _views(grey: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, tuple[BarcodeFormat, ...]]]:
    """Pictures to search, each with the 2×3 matrix back to `grey`'s pixels and the formats to look for."""
    yield *_scaled(grey, _scale(grey, MAX_FIRST_PIXELS)), _ALL_FORMATS
    small, to_grey = _scaled(grey, _scale(grey, MAX_AGAIN_PIXELS))
    yield 255 - small, to_grey, _ROW_FORMATS
    yield *_turned(grey), _ROW_FORMATS
    if 4 * grey.size <= MAX_AGAIN_PIXELS and 2 * max(grey.shape) <= MAX_CODE_SIDE:
        yield *_scaled(grey, 2), _ALL_FORMATS


def _scale(grey: np.ndarray, max_pixels: int) -> float:
    return min(1.0, (max_pixels / grey.size) ** 0.5, MAX_CODE_SIDE / max(grey.shape))


def _scaled(grey: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    resized = scaled(grey, scale)
    down, across = np.divide(grey.shape, resized.shape)
    return resized, np.array([[across, 0, 0], [0, down, 0]])


def _turned(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turned by 45 degrees on a white square, which for a strip is far larger than the strip."""
    max_side = (2 * MAX_AGAIN_PIXELS) ** 0.5
    grey, to_grey = _scaled(grey, min(1.0, max_side / (sum(grey.shape) * 0.5**0.5)))
    height, width = grey.shape
    side = int(np.ceil((height + width) * 0.5**0.5)) + 1
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 45, 1)
    turn = turn + np.array([[0, 0, (side - width) / 2], [0, 0, (side - height) / 2]])
    back = cv2.invertAffineTransform(turn)
    turned = cv2.warpAffine(grey, turn, (side, side), borderValue=(255,))
    return turned, to_grey @ np.vstack([back, [0, 0, 1]])


def _from_zxing(barcode: zxingcpp.Barcode, to_rgb: np.ndarray) -> Code:
    at = barcode.position
    corners = np.array([[p.x, p.y, 1] for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)])
    polygon = (corners @ to_rgb.T).astype(np.float32)
    if cv2.contourArea(polygon, oriented=True) < 0:  # mirrored, which in bars is the same as upside down
        polygon = polygon[[3, 2, 1, 0] if barcode.format in _LINEAR else [0, 3, 2, 1]]
    kind, text = str(barcode.format), barcode.text
    if kind == "EAN-13" and text.startswith("0"):  # the way zxing-cpp writes the 12 digits of UPC-A
        kind, text = "UPC-A", text[1:]
    elif kind == "UPC-E":  # which it writes out in full, unlike the label
        extra = barcode.extra
        text = extra.get("UPCE", text) if isinstance(extra, dict) else text
    return Code(_NAMES.get(kind, kind.replace(" Code", " code")), _shown(text), polygon)


def _shown(text: str) -> str:
    """Safe to show and to copy: control characters as their pictures (␝), none that hide or reorder others."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)
    return "".join("�" if _deceives(char) else char for char in text)


def _deceives(char: str) -> bool:
    if char in "\n\t":
        return False
    return unicodedata.category(char) in ("Cc", "Cs") or unicodedata.bidirectional(char) in _REORDERS


def _surest(codes: list[Code]) -> Iterator[Code]:
    """One code for each place. Views may disagree about bars that lie askew: the text that was read from the largest
    area is taken."""
    groups: list[list[Code]] = []
    for code in sorted(codes, key=_area, reverse=True):
        group = next((group for group in groups if _one_place(code, group[0])), None)
        if group is None:
            groups.append([code])
        else:
            group.append(code)
    for group in groups:
        areas: defaultdict[str, float] = defaultdict(float)
        for code in group:
            areas[code.text] += _area(code)
        text = max(areas, key=areas.__getitem__)
        yield next(code for code in group if code.text == text)


def _one_place(code: Code, larger: Code) -> bool:
    x, y = map(float, code.polygon.mean(axis=0))
    # of bars that lie askew, a few rows may be found apart, along the edge of the others
    margin = 0.05 * cv2.arcLength(larger.polygon, True) if code.text == larger.text else 0.0
    return bool(cv2.pointPolygonTest(larger.polygon, (x, y), True) >= -margin)


def _area(code: Code) -> float:
    return float(cv2.contourArea(code.polygon))


def _link(url: str) -> str:
    try:
        host = urlsplit(url).hostname
    except ValueError:  # such as an unfinished [address]
        host = None
    return f"Link to {host}" if host else "Link"


def _wifi(rest: str) -> str:
    """`T:WPA;S:name;P:password;;` in words; a backslash keeps the character after it."""
    fields = dict(re.findall(r"([A-Z]):((?:\\.|[^\\;])*);", rest if rest.endswith(";") else rest + ";"))
    name, password = (re.sub(r"\\(.)", r"\1", fields.get(key, "")) for key in "SP")
    words = f"Wi-Fi network {name}".strip()
    return f"{words}, password {password}" if password else f"{words}, no password"
