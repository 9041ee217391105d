"""Word clouds: a text's most frequent words, the more frequent the larger, set into a shape."""

import io
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import matplotlib
import numpy as np
from matplotlib.ft2font import FT2Font
from PIL import Image, ImageDraw
from wordcloud import STOPWORDS, WordCloud

from models.errors import BadInput

MAX_WORDS = 200
_MAX_WORD_LENGTH = 30  # characters; a longer one would only be a hair line
_LAYOUT_SIDE = 600  # pixels: words are placed on a canvas of at most this, then drawn at full size; bounds the time

# matplotlib, which wordcloud needs anyway, brings it: Latin, Greek, Cyrillic, Arabic, Hebrew and more, no Chinese
_FONT = str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans-Bold.ttf"))
_DRAWABLE = frozenset(map(chr, FT2Font(_FONT).get_charmap()))

_EARLY_MODERN = """
    thou thee thy thine thyself ye hath hast doth dost didst hadst art wast wert wilt shalt shouldst wouldst couldst
    canst mayst mightst must may might will upon unto hither thither whither hence thence whence wherefore therein
    thereof therefore whereof wherein 'tis tis 'twas twas 'twere twere 'twill twill 'twould twould is't was't isn't
    for't on't in't to't o't do't be't o'er e'er ne'er ere th' i' o' o oh ah ay aye nay yea hark lo methinks
    prithee pray sir 'em em whilst amongst betwixt 'gainst gainst till yet now us one shall thus tho though
"""

STOP_WORDS: frozenset[str] = frozenset(STOPWORDS) | frozenset(_EARLY_MODERN.split())
"""Words that say little of what a text is about: the wordcloud library's English list, and with it the function words
of Shakespeare's English (thou, hath, 'tis …). All lower case, with the straight apostrophe."""

# \w leaves out the marks that some scripts write over and under letters, and would cut words there
_MARKS = "".join(char for char in map(chr, range(0x300, 0x10000)) if unicodedata.category(char).startswith("M"))
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}]|'(?=[^\W_]))*")


def words_of(text: str, stop_words: Collection[str] = STOP_WORDS) -> dict[str, int]:
    """How often each word stands in a text, in lower case; without stop words, numbers and a possessive 's.

    A word is a run of letters of any script; Chinese and others that write no spaces have no words in this sense.
    """
    text = unicodedata.normalize("NFC", text).replace("’", "'").lower()  # casefold would misspell ß and a last ς
    stops = {word.lower().replace("’", "'").strip("'") for word in stop_words}
    counts: Counter[str] = Counter()
    for word, count in Counter(_WORD.findall(text)).items():
        stem = word.removesuffix("'s")
        if not (word in stops or stem in stops or stem.isnumeric()):
            counts[stem] += count
    return dict(counts)


@dataclass(frozen=True)
class Palette:
    """Colours for words, "#rrggbb"; each reaches 3:1 against its background (WCAG, large text)."""

    on_light: tuple[str, ...]
    on_dark: tuple[str, ...]


BACKGROUNDS = {"light": "#ffffff", "dark": "#0b0d08"}


def _palette(on_light: str, on_dark: str) -> Palette:
    return Palette(tuple(on_light.split()), tuple(on_dark.split()))


PALETTES: dict[str, Palette] = {
    "limelight": _palette("#2f5d0a #41720a #578308 #7a6a00 #1b2110", "#a8e05f #7ac70c #d9f99d #f2d64b #f3f7ea"),
    "ocean": _palette("#0b3c5d #1261a0 #0f7c8a #2a6f97 #3f4fb0", "#8ecae6 #48bfe3 #64dfdf #90a8ff #d7f3ff"),
    "sunset": _palette("#8f1d3f #c2333f #c4501b #7b2d8b #9c5a00", "#ffb703 #fb8500 #ff7b89 #e29bff #ffe3b0"),
    "forest": _palette("#1f4d2b #386641 #5b6b1e #7a4f2a #2c5f5d", "#a7c957 #74c69d #d8c99b #e0a96d #b7e4c7"),
    "stage curtain": _palette("#7a0c1e #a4161a #5c2a0a #8a6100 #2b2b2b", "#ff6b6b #f4c95d #ffd6a5 #ff9f9f #f7ede2"),
    "ink": _palette("#111111 #333333 #555555 #777777 #222f3e", "#ffffff #dddddd #bbbbbb #8f8f8f #c8d6e5"),
}

Points = list[tuple[float, float]]


def _heart(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    t = np.linspace(0, 2 * np.pi, 200)
    x = 16 * np.sin(t) ** 3
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)  # mathworld.wolfram.com/HeartCurve
    draw.polygon(_centred(np.stack((x, -y), 1), width, height), fill=0)


def _star(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    angles = np.pi * (np.arange(10) / 5 - 0.5)
    radii = np.where(np.arange(10) % 2, 0.5, 1)  # fatter than a drawn star's 0.38: the words need the room
    draw.polygon(_centred(radii[:, None] * np.stack((np.cos(angles), np.sin(angles)), 1), width, height), fill=0)


def _circle(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    angles = np.linspace(0, 2 * np.pi, 120)
    draw.polygon(_centred(np.stack((np.cos(angles), np.sin(angles)), 1), width, height), fill=0)


def _speech_bubble(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    draw.rounded_rectangle((0, 0, width - 1, 0.82 * height), radius=0.2 * min(width, height), fill=0)
    draw.polygon([(0.18 * width, 0.8 * height), (0.16 * width, height - 1), (0.36 * width, 0.8 * height)], fill=0)


_PUFFS = ((0.2, 0.66, 0.2, 0.33), (0.42, 0.38, 0.22, 0.38), (0.68, 0.45, 0.19, 0.36), (0.83, 0.7, 0.17, 0.29))
# centre and radii (x, y, rx, ry) of each, as parts of width and height


def _cloud(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    for x, y, rx, ry in _PUFFS:
        draw.ellipse(((x - rx) * width, (y - ry) * height, (x + rx) * width, (y + ry) * height), fill=0)
    draw.rectangle((0.2 * width, 0.6 * height, 0.83 * width, 0.99 * height), fill=0)


def _rectangle(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    draw.rectangle((0, 0, width, height), fill=0)


def _centred(points: np.ndarray, width: int, height: int) -> Points:
    """Points (N, 2) moved and scaled, in proportion, to fill the canvas."""
    low, high = points.min(0), points.max(0)
    scale = min((width - 1) / (high[0] - low[0]), (height - 1) / (high[1] - low[1]))
    placed = (points - (low + high) / 2) * scale + ((width - 1) / 2, (height - 1) / 2)
    return [(float(x), float(y)) for x, y in placed]


SHAPES: dict[str, Callable[[ImageDraw.ImageDraw, int, int], None]] = {
    "rectangle": _rectangle,
    "circle": _circle,
    "heart": _heart,
    "star": _star,
    "speech bubble": _speech_bubble,
    "cloud": _cloud,
}


def mask(shape: str, width: int, height: int) -> np.ndarray:
    """Where words may not stand: uint8 (height, width), 255 outside the shape and 0 inside."""
    image = Image.new("L", (width, height), 255)
    SHAPES[shape](ImageDraw.Draw(image), width, height)
    return np.array(image)


def word_cloud(
    frequencies: Mapping[str, float],
    *,
    shape: str = "rectangle",
    colours: str = "limelight",
    background: str = "light",
    width: int = 800,
    height: int = 500,
    seed: int = 0,
) -> np.ndarray:
    """The cloud of the 200 most frequent words as RGB uint8 (height, width, 3); the same seed draws the same.

    `shape`, `colours` and `background` are keys of SHAPES, PALETTES and BACKGROUNDS; KeyError for others. Raises
    BadInput if there is no word, or none that our font has the letters for. Laid out by the wordcloud library.
    """
    scale = max(1.0, max(width, height) / _LAYOUT_SIDE)
    small = math.ceil(width / scale), math.ceil(height / scale)
    paper = BACKGROUNDS[background]
    palette = PALETTES[colours].on_dark if background == "dark" else PALETTES[colours].on_light

    def colour(*_: Any, random_state: Random, **__: Any) -> str:
        return random_state.choice(palette)

    cloud = WordCloud(
        font_path=_FONT,
        mask=None if shape == "rectangle" else mask(shape, *small),
        width=small[0],
        height=small[1],
        scale=scale,
        max_words=MAX_WORDS,
        background_color=paper,
        color_func=colour,
        random_state=seed,
        prefer_horizontal=0.85,
        font_step=2,
        margin=3,
        min_font_size=6,
    )
    try:
        cloud.generate_from_frequencies(_drawable(frequencies))
    except ValueError as error:  # the library's own words for a shape without room for a letter
        raise BadInput(
            f"{width}×{height} pixels have no room for a word in this shape. Choose a larger one."
        ) from error
    whole = Image.new("RGB", (width, height), paper)
    whole.paste(cloud.to_image())
    return np.array(whole)


def to_png(rgb: np.ndarray) -> bytes:
    """RGB uint8 (H, W, 3) as the bytes of a PNG file."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG", optimize=True)
    return file.getvalue()


def _drawable(frequencies: Mapping[str, float]) -> dict[str, float]:
    """The largest frequencies, of words that the font has all letters of, cut to a length that fits."""
    largest = sorted(frequencies.items(), key=lambda item: (-item[1], item[0]))
    drawable: dict[str, float] = {}
    for word, count in largest:
        word = " ".join(word[: 2 * _MAX_WORD_LENGTH].split())
        if word and math.isfinite(count) and count > 0 and _DRAWABLE.issuperset(word):
            short = word if len(word) <= _MAX_WORD_LENGTH else word[: _MAX_WORD_LENGTH - 1] + "…"
            drawable[short] = drawable.get(short, 0) + count
        if len(drawable) == MAX_WORDS:
            break
    if drawable:
        return drawable
    if frequencies:
        raise BadInput(
            "None of these words can be drawn: the font here has Latin, Greek, Cyrillic, Arabic and Hebrew letters, "
            "among others, but no Chinese, Japanese or Korean ones. Try a text in another script."
        )
    raise BadInput(
        "There is no word to draw: the text is empty or only stop words. Write more, or keep the stop words."
    )
