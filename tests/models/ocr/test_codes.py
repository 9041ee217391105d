"""Codes written by zxing-cpp must be read back wherever they lie, with their corners; other pictures hold none."""

import cv2
import numpy as np
import pytest
import zxingcpp
from skimage import data
from zxingcpp import BarcodeFormat

from models.ocr.boxes import Code
from models.ocr.codes import MAX_FIRST_PIXELS, describe, read_codes

KINDS = [
    ("QRCode", "https://example.org/åäö?x=1", "QR code", None),
    ("MicroQRCode", "12345", "Micro QR code", None),
    ("DataMatrix", "part 7-b", "Data Matrix", None),
    ("Aztec", "M1LOVELACE/ADA", "Aztec code", None),
    ("PDF417", "driving licence 12", "PDF417", None),
    ("EAN13", "4006381333931", "EAN-13", None),
    ("EAN8", "96385074", "EAN-8", None),
    ("UPCA", "012345678905", "UPC-A", None),
    ("UPCE", "01234565", "UPC-E", None),
    ("Code128", "ABC-12345", "Code 128", None),
    ("Code39", "LIMELIGHT", "Code 39", None),
    ("Code93", "LIMELIGHT", "Code 93", None),
    ("ITF", "00012345678905", "ITF", None),
    ("DataBarOmni", "0950110153001", "DataBar Omni", "(01)09501101530010"),
]
WHITE = (255, 255, 255)


def drawn(kind: str, content: str | bytes, scale: int = 3) -> np.ndarray:
    """The code alone, without the margin."""
    barcode = zxingcpp.create_barcode(content, getattr(BarcodeFormat, kind))
    grey = np.array(barcode.to_image(scale=scale, add_quiet_zones=False))
    return np.repeat(grey[:, :, None], 3, axis=2)


def on_page(*placed: tuple[np.ndarray, int, int], width: int = 640, height: int = 480) -> np.ndarray:
    page = np.full((height, width, 3), 255, np.uint8)
    for rgb, x, y in placed:
        page[y : y + rgb.shape[0], x : x + rgb.shape[1]] = rgb
    return page


def corners(x: int, y: int, rgb: np.ndarray) -> np.ndarray:
    height, width = rgb.shape[:2]
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float32)


def rotated(rgb: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """The page turned clockwise about its centre, and the matrix of it."""
    height, width = rgb.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return cv2.warpAffine(rgb, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=WHITE), turn


class TestReading:
    @pytest.mark.parametrize("kind, content, name, text", KINDS)
    def test_each_kind_by_its_usual_name(self, kind: str, content: str, name: str, text: str | None) -> None:
        (code,) = read_codes(on_page((drawn(kind, content), 60, 50)))
        assert (code.kind, code.text) == (name, text or content)

    @pytest.mark.parametrize("turns", [0, 1, 2, 3])
    @pytest.mark.parametrize("kind, content", [("QRCode", "top left"), ("Code128", "ABC-12345")])
    def test_corners_go_clockwise_from_the_codes_own_top_left(self, kind: str, content: str, turns: int) -> None:
        code = drawn(kind, content, 4)
        page = np.ascontiguousarray(np.rot90(on_page((code, 100, 60)), -turns))
        (found,) = read_codes(page)
        expected = corners(100, 60, code)
        for height in [480, 640, 480][:turns]:  # a quarter turn clockwise: (x, y) → (height - y, x)
            expected = np.column_stack([height - expected[:, 1], expected[:, 0]])
        assert np.abs(found.polygon - expected).max() <= 4

    @pytest.mark.parametrize("degrees", [7, 20, 45, 70, 110, 135, 160, 200, 225, 340])
    @pytest.mark.parametrize("kind, content", [("QRCode", "askew"), ("DataMatrix", "askew"), ("Code128", "ASKEW-1")])
    def test_askew(self, kind: str, content: str, degrees: int) -> None:
        code = drawn(kind, content, 3)
        page, turn = rotated(on_page((code, 150, 150)), degrees)
        (found,) = read_codes(page)
        assert found.text == content
        expected = corners(150, 150, code) @ turn[:, :2].T + turn[:, 2]
        assert np.linalg.norm(found.polygon.mean(axis=0) - expected.mean(axis=0)) < 30
        assert cv2.contourArea(found.polygon, oriented=True) > 0  # clockwise, as y goes down
        if kind != "Code128":  # of bars the rows are found, which stay level
            assert np.abs(found.polygon - expected).max() <= 6

    @pytest.mark.parametrize("kind, content", [("QRCode", "dark"), ("EAN13", "4006381333931"), ("PDF417", "dark")])
    def test_light_on_dark(self, kind: str, content: str) -> None:
        assert [code.text for code in read_codes(255 - on_page((drawn(kind, content), 60, 50)))] == [content]

    def test_a_mirrored_code_keeps_its_top_left_and_the_clockwise_order(self) -> None:
        code = drawn("QRCode", "in the mirror", 4)
        (found,) = read_codes(np.ascontiguousarray(on_page((code, 100, 60))[:, ::-1]))
        left, top, right, bottom = 640 - 100 - code.shape[1], 60, 540, 60 + code.shape[0]
        expected = np.array([[right, top], [right, bottom], [left, bottom], [left, top]])
        assert np.abs(found.polygon - expected).max() <= 4

    def test_several_from_top_to_bottom_however_they_lie(self) -> None:
        low, high = drawn("QRCode", "low"), np.rot90(drawn("EAN13", "4006381333931"))
        inverted = 255 - np.pad(drawn("Code128", "MIDDLE"), ((20, 20), (40, 40), (0, 0)), constant_values=255)
        page = on_page((high, 300, 20), (inverted, 150, 340), (low, 40, 560), height=700)
        assert [code.text for code in read_codes(page)] == ["4006381333931", "MIDDLE", "low"]

    def test_the_same_label_twice_is_two_codes(self) -> None:
        label = drawn("EAN13", "4006381333931", 2)
        page = on_page((label, 40, 40), (label, 40, 300), (label, 300, 40))
        assert [code.text for code in read_codes(page)] == ["4006381333931"] * 3

    def test_a_large_photo_is_searched_smaller_and_the_corners_are_in_its_own_pixels(self) -> None:
        code = drawn("QRCode", "far away", 12)
        page = on_page((code, 3000, 2500), width=6000, height=4000)
        assert page[:, :, 0].size > MAX_FIRST_PIXELS
        (found,) = read_codes(page)
        assert np.abs(found.polygon - corners(3000, 2500, code)).max() <= 12


class TestNothingToRead:
    @pytest.mark.parametrize("shape", [(0, 0), (0, 9), (9, 0), (1, 1), (1, 30_000), (30_000, 1), (2, 3), (40_000, 3)])
    def test_odd_sizes(self, shape: tuple[int, int]) -> None:
        assert read_codes(np.zeros((*shape, 3), np.uint8)) == ()

    def test_a_long_strip_does_not_become_a_huge_square(self) -> None:
        strip = np.random.default_rng(0).integers(0, 256, (60, 30_000, 3), np.uint8)
        assert read_codes(strip) == ()

    @pytest.mark.parametrize("name", ["chelsea", "coffee", "page", "text", "brick", "grass", "checkerboard"])
    def test_photos_and_text(self, name: str) -> None:
        picture = getattr(data, name)()
        rgb = picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2)
        assert read_codes(rgb) == ()

    def test_bars_that_are_no_code(self) -> None:
        bars = np.repeat(np.random.default_rng(1).integers(0, 2, 160).astype(np.uint8) * 255, 3)
        assert read_codes(np.repeat(np.tile(bars, (200, 1))[:, :, None], 3, axis=2)) == ()


class TestSafeText:
    @pytest.mark.parametrize(
        "content, text",
        [
            ("a\r\nb\tc\rd", "a\nb\tc\nd"),
            ("abc\u202egpj.exe", "abc�gpj.exe"),
            ("1\u20662\u20693", "1�2�3"),
            ("family \U0001f468\u200d\U0001f467", "family \U0001f468\u200d\U0001f467"),
        ],
    )
    def test_nothing_hides_or_reorders(self, content: str, text: str) -> None:
        (code,) = read_codes(on_page((drawn("QRCode", content), 60, 50)))
        assert code.text == text

    @pytest.mark.parametrize("content", [bytes(range(256)), b"\x00\xff\x1b[31m", b"\x07\x1d\x7f", "\x1b[2Jåäö\0"])
    @pytest.mark.parametrize("kind", ["QRCode", "DataMatrix"])
    def test_bytes_become_something_printable(self, kind: str, content: str | bytes) -> None:
        (code,) = read_codes(on_page((drawn(kind, content), 60, 50)))
        assert code.text
        assert all(char.isprintable() or char in "\n\t\N{NO-BREAK SPACE}\N{SOFT HYPHEN}" for char in code.text)


def code(text: str, kind: str = "QR code") -> Code:
    return Code(kind, text, np.zeros((4, 2), np.float32))


@pytest.mark.parametrize(
    "text, words",
    [
        ("https://example.org/a?b=c", "Link to example.org"),
        ("HTTP://EXAMPLE.ORG", "Link to example.org"),
        ("https://bank.example@evil.example/login", "Link to evil.example"),
        ("http://[::1", "Link"),
        ("https://", "Link"),
        (r"WIFI:T:WPA;S:Caf\;é;P:pa\:ss\\word;;", r"Wi-Fi network Caf;é, password pa:ss\word"),
        ("WIFI:S:Guests;T:nopass", "Wi-Fi network Guests, no password"),
        ("WIFI:", "Wi-Fi network, no password"),
        ("mailto:ada@example.org?subject=Hi", "E-mail to ada@example.org"),
        ("tel:+46%2070%20123%2045%2067", "Phone number +46 70 123 45 67"),
        ("tel:%E2%80%AE123", "Phone number �123"),
        ("SMSTO:+46701234567:Hello", "Text message to +46701234567"),
        ("geo:59.33,18.07?z=12", "Place at 59.33,18.07"),
        ("BEGIN:VCARD\nFN:Ada\nEND:VCARD", "Contact"),
        ("MECARD:N:Lovelace,Ada;;", "Contact"),
        ("BEGIN:VEVENT\nSUMMARY:x", "Calendar entry"),
        ("BEGIN:VCALENDAR\nVERSION:2.0", "Calendar entry"),
        ("otpauth://totp/x?secret=ABC", "Key for one-time passwords: keep it secret"),
        ("note: buy milk", "Text"),
        ("milk", "Text"),
        ("", "Text"),
        (":", "Text"),
    ],
)
def test_what_a_code_holds(text: str, words: str) -> None:
    assert describe(code(text)) == words


def test_numbers_of_books_and_articles() -> None:
    assert describe(code("9780262035613", "EAN-13")) == "Book number (ISBN)"
    assert describe(code("4006381333931", "EAN-13")) == "Article number"
    assert describe(code("9780262035613")) == "Text"
