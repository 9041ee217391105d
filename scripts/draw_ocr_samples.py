"""Draw the pictures in assets/ocr again, always the same ones:

    .venv/bin/python -m scripts.draw_ocr_samples [FOLDER]

All names, places and numbers are invented: addresses end in example.org, phone numbers come from the range that is
kept free for stories. The fonts are DejaVu, which matplotlib brings along.
"""

import builtins
import io
import keyword
import sys
import tokenize
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

FOLDER = Path(__file__).parent.parent / "assets" / "ocr"
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"

Colour = str | tuple[int, int, int]


class Sheet:
    """A picture being drawn, with what print needs: a font by name and size, and text that wraps."""

    def __init__(self, width: int, height: int, colour: Colour = "white") -> None:
        self.image = Image.new("RGB", (width, height), colour)
        self.draw = ImageDraw.Draw(self.image)

    @property
    def rgb(self) -> np.ndarray:
        return np.array(self.image)

    def text(self, x: float, y: float, text: str, font: str, size: float, ink: Colour, anchor: str = "ls") -> float:
        """Write one line on the base line `y`; returns where it ends."""
        face = ImageFont.truetype(str(FONTS / f"DejaVu{font}.ttf"), size)
        self.draw.text((x, y), text, ink, face, anchor)
        return x + face.getlength(text)

    def column(
        self, x: float, y: float, width: float, text: str, font: str, size: float, ink: Colour, leading: float = 1.5
    ) -> float:
        """Write text that wraps at `width`, broken at spaces and soft hyphens, justified but for its last line;
        returns the base line of the line after it."""
        face = ImageFont.truetype(str(FONTS / f"DejaVu{font}.ttf"), size)
        lines, line = [], ""
        for word in text.split():
            for i, part in enumerate(parts := word.split("\u00ad")):
                joined = line + (" " if line and not i else "") + part
                hyphen = "-" if i < len(parts) - 1 else ""
                if face.getlength(joined + hyphen) <= width or not line:
                    line = joined
                else:
                    lines.append(line + ("-" if i else ""))
                    line = part
        lines.append(line)
        for n, words in enumerate((line.split(" ") for line in lines), 1):
            gap = face.getlength(" ")
            if n < len(lines) and len(words) > 1:
                gap = (width - sum(face.getlength(word) for word in words)) / (len(words) - 1)
            at = x
            for word in words:
                self.draw.text((at, y), word, ink, face, "ls")
                at += face.getlength(word) + gap
            y += leading * size
        return y


def smooth_noise(rng: np.random.Generator, height: int, width: int, across: float, along: float) -> np.ndarray:
    """float32 (height, width), mean 0, deviation 1, in blots of `along` by `across` pixels."""
    noise = rng.normal(size=(height, width)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), sigmaX=along, sigmaY=across)
    return (noise - noise.mean()) / noise.std()


def photographed(
    paper: np.ndarray, corners: Sequence[tuple[float, float]], ground: np.ndarray, shadow: float = 0.55
) -> np.ndarray:
    """The paper on the ground, float32, its corners (top left, then clockwise) where they are told, with a shadow."""
    height, width = ground.shape[:2]
    flat = np.array([(0, 0), (paper.shape[1], 0), (paper.shape[1], paper.shape[0]), (0, paper.shape[0])], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, np.array(corners, np.float32))
    paper = cv2.GaussianBlur(paper, (0, 0), 0.8)  # it is drawn larger than it is shown
    seen = cv2.warpPerspective(paper.astype(np.float32), matrix, (width, height), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.ones(paper.shape[:2], np.float32), matrix, (width, height))[..., None]
    dark = cv2.GaussianBlur(np.roll(mask[..., 0], (14, 10), (0, 1)), (0, 0), 14)[..., None]
    return ground * (1 - shadow * dark) * (1 - mask) + seen * mask


def lit(scene: np.ndarray, x: float, y: float, fall: float, rng: np.random.Generator, grain: float) -> np.ndarray:
    """A photo of the scene under a lamp above (x, y), shares of it: darker by `fall` a width away, and with grain."""
    height, width = scene.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32) / width
    light = 1.08 - fall * np.hypot(xs - x, ys - y * height / width)
    photo = scene * light[..., None] * np.array([1.0, 0.985, 0.95]) + rng.normal(0, grain, (height, width, 1))
    return np.clip(np.rint(photo), 0, 255).astype(np.uint8)


def wood(rng: np.random.Generator, height: int, width: int, colour: Colour) -> np.ndarray:
    grain = 0.6 * smooth_noise(rng, height, width, 1.5, 150) + 0.6 * smooth_noise(rng, height, width, 6, 300)
    planks = np.ones((height, 1), np.float32)
    for seam in range(-60, height, 310):
        planks[max(seam, 0) : max(seam + 4, 0)] = 0.55
    return np.array(colour, np.float32) * ((1 + 0.13 * grain) * planks)[..., None]


def receipt() -> np.ndarray:
    rng = np.random.default_rng(1)
    ink: Colour = (52, 50, 58)
    sheet = Sheet(900, 1560, (247, 245, 240))
    sheet.text(450, 120, "KAFÉ SJUTTON BÄR", "Sans-Bold", 62, ink, "ms")
    for y, line in ((175, "Påhittgatan 7, 123 45 Ödeby"), (218, "Tel. 08-465 004 12")):
        sheet.text(450, y, line, "SansMono", 33, ink, "ms")
    rule = "-" * 38
    rows = [
        ("Receipt 004127", "2026-03-14 09:42"),
        (rule, ""),
        ("2 x Cinnamon bun", "7.80"),
        ("1 x Oat latte, large", "4.60"),
        ("1 x Blåbärspaj", "5.25"),
        ("3 x Tea, lemon & ginger", "9.90"),
        ("1 x Rye bread, whole", "6.45"),
        (rule, ""),
        ("Subtotal", "34.00"),
        ("Tea lovers' discount", "-2.00"),
    ]
    y = 300.0
    for left, right in rows:
        sheet.text(64, y, left, "SansMono", 33, ink)
        sheet.text(836, y, right, "SansMono", 33, ink, "rs")
        y += 60
    y += 30
    sheet.text(64, y, "TOTAL", "SansMono-Bold", 56, ink)
    sheet.text(836, y, "€32.00", "SansMono-Bold", 56, ink, "rs")
    for left, right in (("VAT 12 % included", "3.43"), ("Paid by card", "32.00")):
        y += 66
        sheet.text(64, y, left, "SansMono", 33, ink)
        sheet.text(836, y, right, "SansMono", 33, ink, "rs")
    sheet.text(450, y + 130, "Thank you, come again!", "SansMono-Oblique", 36, ink, "ms")
    code = zxingcpp.create_barcode("731004127920", zxingcpp.BarcodeFormat.ITF).to_image(scale=5, add_quiet_zones=False)
    bars = np.repeat(np.asarray(code)[:1], 110, axis=0)
    sheet.image.paste(Image.fromarray(bars), (450 - bars.shape[1] // 2, round(y) + 180))
    sheet.text(450, y + 330, "731004127920", "SansMono", 30, ink, "ms")
    paper = sheet.rgb * (1 + 0.012 * smooth_noise(rng, 1560, 900, 60, 60))[..., None]
    for fold in (520, 1040):  # it came out of a pocket
        ridge = np.exp(-(((np.arange(1560) - fold) / 9) ** 2)) - np.exp(-(((np.arange(1560) - fold - 22) / 12) ** 2))
        paper = paper * (1 + 0.05 * ridge)[:, None, None]
    table = wood(rng, 1300, 960, (88, 60, 42))
    scene = photographed(paper.astype(np.float32), [(184, 62), (778, 92), (822, 1206), (126, 1238)], table)
    return lit(cv2.GaussianBlur(scene, (0, 0), 0.6), 0.3, 0.15, 0.38, rng, 2.5)


def newsletter() -> np.ndarray:
    ink: Colour = (34, 34, 40)
    accent: Colour = (24, 92, 110)
    sheet = Sheet(1120, 1420, (253, 252, 248))
    sheet.text(70, 122, "The Harbour Letter", "Serif-Bold", 72, accent)
    sheet.draw.line((70, 150, 1050, 150), accent, 4)
    sheet.text(70, 182, "News from Måsholmen, the smallest of the islands", "Serif-Italic", 20, ink)
    sheet.text(1050, 182, "No. 48 · May 2026", "Serif", 20, ink, "rs")
    sheet.draw.line((70, 200, 1050, 200), accent, 1)
    left, right, width = 70, 577, 473

    def heading(x: float, y: float, text: str) -> float:
        sheet.text(x, y, text, "Serif-Bold", 30, accent)
        return y + 44

    def story(x: float, y: float, *paragraphs: str) -> float:
        for paragraph in paragraphs:
            y = sheet.column(x, y, width, paragraph.replace("|", "\u00ad"), "Serif", 21.5, ink, 1.45) + 10
        return y

    y = heading(left, 262, "The ferry is back")
    y = story(
        left,
        y,
        "After eleven weeks in the dock|yard the old ferry Ärlan is run|ning again. She has a new en|gine, a fresh "
        "coat of paint and, for the first time in her long life, a cof|fee ma|chine.",
        "“It was the pas|sen|gers who asked for it,” says cap|tain Åsa Öberg. “I on|ly won|der why it took them six|ty "
        "years.” The time|table is un|changed: ev|ery hour on the hour, and when|ev|er some|body waves.",
    )
    y = heading(left, y + 28, "Bees above the school")
    y = story(
        left,
        y,
        "Twelve hives now stand on the roof of the school|house. The pu|pils count the bees that leave be|tween nine "
        "and ten, and com|pare the num|bers with the weath|er. So far the best morn|ing was the third of May, with "
        "1,284 bees in an hour.",
        "The first hon|ey is ex|pect|ed in Ju|ly. Half of it goes to the kitch|en, the oth|er half to Grand|ma Märta, "
        "who has lent the class her hat and all of her pa|tience.",
    )
    y = heading(left, y + 28, "Lost for words")
    story(
        left,
        y,
        "The li|brary boat is look|ing for a new name, since the neigh|bour|hood could nev|er agree on the spell|ing "
        "of the old one. Sug|ges|tions go in|to the bread box at the gro|cer’s.",
    )
    y = heading(right, 262, "A lamp for the pier")
    y = story(
        right,
        y,
        "The har|bour com|mit|tee has cho|sen, among nine|teen draw|ings, a lan|tern shaped like a lily of "
        "the val|ley, by the black|smith Göran Sjö|ström. It will be lit for the first time on mid|sum|mer’s eve.",
    )
    sheet.draw.rectangle((right, y, right + width, y + 168), (228, 240, 240))
    sheet.draw.rectangle((right, y, right + 6, y + 168), accent)
    for i, line in enumerate(("“Nobody gets lost", "on an island this small,", "but it is nice to be seen.”")):
        sheet.text(right + 34, y + 56 + 44 * i, line, "Serif-Italic", 32, accent)
    y = heading(right, y + 232, "What the tide brought")
    y = story(
        right,
        y,
        "Found on the north|ern beach since the last let|ter: one oar, blue; a bot|tle with a mes|sage that had been "
        "too wet to read; four left-hand gloves; and a very sur|prised hedge|hog, who has since moved in un|der the "
        "boat|house.",
        "Own|ers may col|lect their be|long|ings at the gro|cer’s. The hedge|hog has asked to re|main where it is.",
    )
    heading(right, y + 28, "Dates")
    for i, (day, what) in enumerate(
        (
            ("16 May", "Boat wash, bring a sponge"),
            ("23 May", "Choir, in the net loft"),
            ("6 June", "Flag day, soup at 12"),
        )
    ):
        sheet.text(right, y + 74 + 36 * i, day, "Serif-Bold", 22, ink)
        sheet.text(right + 120, y + 74 + 36 * i, what, "Serif", 22, ink)
    sheet.text(560, 1380, "– 1 –", "Serif", 18, ink, "ms")
    return sheet.rgb


CODE = '''\
"""Count the birds at the feeder, one line of the notebook each."""

from collections import Counter
from pathlib import Path

RARE = {"waxwing", "hoopoe", "snowy owl"}


def tally(notebook: Path, since: int = 2024) -> Counter[str]:
    birds = Counter()
    for line in notebook.read_text().splitlines():
        year, name, *rest = line.split(";")
        if int(year) < since:
            continue  # before the new feeder
        birds[name.strip().lower()] += 1
        if name in RARE:
            print(f"{year}: a {name}! {rest}")
    return birds


if __name__ == "__main__":
    total = tally(Path("birds.csv"))
    for name, n in total.most_common(5):
        print(f"{n:>4} × {name}")
'''

INKS = {"keyword": "#c792ea", "string": "#c3e88d", "comment": "#8a94ad", "number": "#f78c6c", "builtin": "#82aaff"}


def code() -> np.ndarray:
    sheet = Sheet(1080, 900, "#1e2230")
    sheet.draw.rectangle((0, 0, 1080, 48), "#151823")
    for i, colour in enumerate(("#ff6b63", "#f7c04f", "#5fcf65")):
        sheet.draw.ellipse((22 + 28 * i, 17, 36 + 28 * i, 31), colour)
    sheet.draw.rectangle((120, 8, 300, 48), "#1e2230")
    sheet.text(210, 34, "feeder.py", "Sans", 17, "#d7dcea", "ms")
    sheet.text(360, 34, "birds.csv", "Sans", 17, "#7a839c", "ms")
    size, top, left, pitch = 20, 86, 84, 32
    face = ImageFont.truetype(str(FONTS / "DejaVuSansMono.ttf"), size)
    advance = face.getlength("x")
    for number in range(1, len(CODE.splitlines()) + 1):
        y = top + pitch * (number - 1)
        sheet.text(58, y, str(number), "SansMono", 16, "#565f7a", "rs")
    for token in tokenize.generate_tokens(io.StringIO(CODE).readline):
        kind = {tokenize.STRING: "string", tokenize.COMMENT: "comment", tokenize.NUMBER: "number"}.get(token.type)
        if token.type == tokenize.NAME:
            kind = (
                "keyword" if keyword.iskeyword(token.string) else "builtin" if hasattr(builtins, token.string) else None
            )
        row, column = token.start
        if token.string.strip():
            y = top + pitch * (row - 1)
            sheet.text(left + advance * column, y, token.string, "SansMono", size, INKS.get(kind or "", "#d7dcea"))
    sheet.draw.rectangle((0, 868, 1080, 900), "#2b5c8a")
    sheet.text(20, 890, "Ln 15, Col 9    Spaces: 4    UTF-8    Python", "Sans", 15, "#ffffff")
    return sheet.rgb


def table() -> np.ndarray:
    ink: Colour = (38, 40, 48)
    sheet = Sheet(1000, 640)
    sheet.text(40, 66, "Garden stall, price list", "Sans-Bold", 32, (33, 84, 60))
    sheet.text(40, 102, "Prices in euro, from 1 April 2026", "Sans", 18, (95, 100, 108))
    rows = [
        ("Plant", "Pot", "Height", "In stock", "Each", "Ten for"),
        ("Lavender", "9 cm", "20 cm", "148", "3.20", "28.00"),
        ("Rosemary", "11 cm", "25 cm", "64", "4.10", "36.50"),
        ("Thyme, lemon", "9 cm", "12 cm", "210", "2.90", "25.00"),
        ("Sage, purple", "11 cm", "18 cm", "37", "4.10", "36.50"),
        ("Strawberry", "9 cm", "10 cm", "0", "2.50", "21.00"),
        ("Blackcurrant", "3 L", "60 cm", "19", "12.75", "115.00"),
        ("Apple, dwarf", "10 L", "140 cm", "8", "34.90", "–"),
        ("Fig", "5 L", "80 cm", "5", "22.00", "198.00"),
    ]
    columns = (60, 330, 500, 640, 790, 940)  # the first begins there, the others end there
    for n, row in enumerate(rows):
        y = 130 + 54 * n
        sheet.draw.rectangle((40, y, 960, y + 54), (33, 84, 60) if n == 0 else (240, 246, 242) if n % 2 else "white")
        for i, (x, cell) in enumerate(zip(columns, row, strict=True)):
            font = "Sans-Bold" if n == 0 else "Sans"
            sheet.text(x, y + 34, cell, font, 20, "white" if n == 0 else ink, "rs" if i else "ls")
    sheet.draw.rectangle((40, 130, 960, 130 + 54 * len(rows)), None, (200, 212, 205), 1)
    return sheet.rgb


def upside_down() -> np.ndarray:
    ink: Colour = (48, 38, 32)
    sheet = Sheet(900, 1180, (252, 246, 232))
    sheet.draw.rectangle((36, 36, 864, 1144), None, (190, 140, 80), 3)
    sheet.draw.rectangle((44, 44, 856, 1136), None, (190, 140, 80), 1)
    sheet.text(450, 140, "Upside-down cake", "Serif-Bold", 56, (150, 72, 36), "ms")
    sheet.text(450, 184, "for eight, or for four who are hungry", "Serif-Italic", 24, ink, "ms")
    sheet.text(100, 258, "You need", "Serif-Bold", 30, (150, 72, 36))
    things = (
        ("4", "pears, not too ripe"),
        ("120 g", "butter, soft"),
        ("150 g", "brown sugar"),
        ("3", "eggs"),
        ("200 g", "flour"),
        ("2 tsp", "baking powder"),
        ("1 dl", "milk"),
        ("½ tsp", "cardamom"),
    )
    for i, (amount, what) in enumerate(things):
        x, y = (100, 306 + 42 * i) if i < 4 else (480, 306 + 42 * (i - 4))
        sheet.text(x, y, amount, "Serif-Bold", 24, ink)
        sheet.text(x + 100, y, what, "Serif", 24, ink)
    y = 530.0
    sheet.text(100, y, "How to", "Serif-Bold", 30, (150, 72, 36))
    y += 48
    for i, step in enumerate(
        (
            "Heat the oven to 175 °C. Butter a round tin and strew a third of the sugar over the bottom.",
            "Peel the pears, cut them in slices and lay them in a ring on the sugar, as neatly as you like.",
            "Beat the butter with the rest of the sugar, then the eggs, one after another.",
            "Stir in flour, baking powder, cardamom and milk. Spread it over the pears.",
            "Bake for 40 minutes. Wait ten more, put a plate on top, take a deep breath and turn it all over.",
        ),
        1,
    ):
        sheet.text(100, y, f"{i}.", "Serif-Bold", 25, ink)
        y = sheet.column(150, y, 650, step, "Serif", 25, ink, 1.55) + 18
    sheet.text(450, 1090, "If this page is the wrong way up, so was the cake.", "Serif-Italic", 22, ink, "ms")
    return np.rot90(sheet.rgb, 2)


def poster() -> np.ndarray:
    rng = np.random.default_rng(6)
    height, width = 1200, 860
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    sky = np.array((12, 18, 48)) + (ys / height)[..., None] * np.array((20, 46, 62))
    for at, lean, colour in ((330, 0.20, (30, 200, 140)), (430, -0.12, (90, 120, 220)), (250, 0.05, (40, 220, 190))):
        wave = at + lean * xs + 46 * np.sin(xs / 110 + at) + 22 * np.sin(xs / 41)
        above = (wave + 120 - ys) / 190
        glow = np.where(above > 0, np.exp(-above * 2.4), np.exp(above * 26))
        sky = sky + (0.42 * glow)[..., None] * np.array(colour)
    sheet = Sheet(width, height)
    sheet.image.paste(Image.fromarray(np.clip(sky, 0, 255).astype(np.uint8)))
    for x, y, r in zip(rng.uniform(0, width, 110), rng.uniform(255, 800, 110), rng.uniform(0.4, 1.5, 110), strict=True):
        sheet.draw.ellipse((x - r, y - r, x + r, y + r), (226, 232, 255))
    hills = [(float(x), 858 + 50 * np.sin(x / 150) + 20 * np.sin(x / 53)) for x in range(0, width + 10, 10)]
    sheet.draw.polygon([(0, height), *hills, (width, height)], (7, 12, 26))
    sheet.text(430, 170, "NIGHT WALK", "Sans-Bold", 98, "white", "ms")
    sheet.text(430, 232, "under the northern lights", "Serif-Italic", 42, (206, 244, 232), "ms")
    code = zxingcpp.create_barcode("https://example.org/night-walk", zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    squares = Image.fromarray(np.asarray(code.to_image(scale=7, add_quiet_zones=True)))
    x, y = 60, height - 60 - squares.height
    sheet.draw.rounded_rectangle((x, y, x + squares.width, y + squares.height), 12, "white")
    sheet.image.paste(squares.crop((10, 10, squares.width - 10, squares.height - 10)), (x + 10, y + 10))
    left = x + squares.width + 44
    for dy, line, font, size, ink in (
        (56, "Saturday 17 October", "Sans-Bold", 36, "#ffffff"),
        (106, "19:30, at the old ski lift", "Sans", 30, "#ffffff"),
        (152, "Bring a warm hat. Tea is free.", "Sans", 24, "#a9d8cc"),
        (206, "example.org/night-walk", "SansMono", 24, "#ffd479"),
    ):
        sheet.text(left, y + dy, line, font, size, ink)
    return sheet.rgb


def card() -> np.ndarray:
    rng = np.random.default_rng(7)
    ink: Colour = (44, 46, 58)
    accent: Colour = (196, 62, 48)
    sheet = Sheet(1400, 800, (252, 251, 249))
    middle = (1210, 220)
    corners = [(1210, 110), (1300, 220), (1210, 400), (1120, 220)]
    for i, shade in enumerate(((226, 122, 84), accent, (240, 170, 110), ink)):
        sheet.draw.polygon([middle, corners[i], corners[(i + 1) % 4]], shade)
    tail = [(1210 + 34 * np.sin(t / 38) * min(t / 60, 1), 400.0 + t) for t in range(0, 290, 5)]
    sheet.draw.line(tail, ink, 5, "curve")
    for n in (18, 32, 46):
        x, y = tail[n]
        for side in (-26, 26):
            sheet.draw.polygon([(x, y), (x + side, y - 14), (x + side, y + 14)], accent)
    sheet.text(100, 190, "Märta Sjölund", "Sans-Bold", 68, ink)
    sheet.text(100, 248, "Kites, made and mended", "Serif-Italic", 40, accent)
    sheet.draw.line((100, 300, 620, 300), accent, 4)
    rows = (
        ("Phone", "+46 8 465 004 37"),
        ("E-mail", "marta@kites.example.org"),
        ("Web", "https://kites.example.org/repairs"),
        ("Visit", "Vindgränd 3, 123 45 Ödeby"),
    )
    for i, (what, value) in enumerate(rows):
        sheet.text(100, 384 + 66 * i, what, "Sans", 32, (128, 130, 142))
        sheet.text(260, 384 + 66 * i, value, "Sans", 38, ink)
    sheet.text(100, 700, "New tail from €12.50. Open again on 2 April 2026.", "Sans-Oblique", 34, accent)
    felt = np.array((96, 118, 124), np.float32) * (1 + 0.05 * smooth_noise(rng, 700, 1080, 2, 2))[..., None]
    scene = photographed(sheet.rgb, [(92, 96), (998, 62), (1004, 604), (110, 632)], felt, 0.4)
    return lit(scene, 0.4, 0.2, 0.22, rng, 1.5)


def hard() -> np.ndarray:
    rng = np.random.default_rng(8)
    height, width = 720, 1000
    ink: Colour = (120, 114, 104)
    sheet = Sheet(1300, 900, (176, 170, 158))
    sheet.text(90, 140, "Case 14: Pocket compass", "Serif-Italic", 56, (100, 94, 86))
    text = (
        "Brass and glass, about 1790. The needle still points north, or very nearly so: it was struck by lightning off "
        "the coast of an island that no map shows, and has been two degrees shy ever since. Lent by the family of the "
        "ship's cook, who used it as a paperweight, a mirror and, once, as a spoon."
    )
    y = sheet.column(90, 232, 1120, text, "Serif", 34, ink, 1.6)
    sheet.draw.line((90, y + 6, 1210, y + 6), ink, 2)
    for i, (line, size) in enumerate(
        (
            ("Inv. no. 1987.204.b. Please do not touch, breathe or whistle.", 27),
            ("Conservation: lacquer on the lid renewed 2019; hinge original.", 23),
            ("Light at most 50 lux. Humidity 45 to 55 %. Next check 2027-02.", 20),
            ("Photographs without flash are welcome, those with one look like this.", 17),
        )
    ):
        sheet.text(90, y + 70 + 54 * i, line, "Sans", size, (128, 122, 112))
    wall = (
        np.full((height, width, 3), (58, 54, 52), np.float32)
        * (1 + 0.03 * smooth_noise(rng, height, width, 40, 40))[..., None]
    )
    scene = photographed(sheet.rgb, [(40, 92), (930, 34), (972, 656), (76, 640)], wall)
    scene = cv2.GaussianBlur(scene, (0, 0), 0.8)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    for x, y, size, strength in ((690, 240, 46, 300), (710, 250, 120, 60), (260, 520, 110, 34)):
        scene += (
            strength * np.exp(-(((xs - x) / (2.1 * size)) ** 2) - ((ys - y + 0.35 * (xs - x)) / size) ** 2)[..., None]
        )
    return lit(scene, 0.6, 0.3, 0.3, rng, 4)


DRAWINGS: dict[str, Callable[[], np.ndarray]] = {
    "receipt": receipt,
    "newsletter": newsletter,
    "code": code,
    "table": table,
    "upside_down": upside_down,
    "poster": poster,
    "card": card,
    "hard": hard,
}

PHOTOS = {"receipt": 72, "poster": 88, "card": 80, "hard": 70}
"""Saved with this quality; screens and scans are saved without loss."""


def encoded(name: str, rgb: np.ndarray) -> bytes:
    """The bytes of the WebP file."""
    file = io.BytesIO()
    image = Image.fromarray(rgb)
    if name in PHOTOS:
        image.save(file, "WEBP", quality=PHOTOS[name], method=6)
    else:
        image.save(file, "WEBP", lossless=True, quality=100, method=6)
    return file.getvalue()


def main(folder: Path = FOLDER) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for name, draw in DRAWINGS.items():
        data = encoded(name, draw())
        (folder / f"{name}.webp").write_bytes(data)
        total += len(data)
        print(f"{name:12} {len(data) / 1e3:6.1f} kB")
    print(f"{'together':12} {total / 1e3:6.1f} kB")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
