"""Pages with known text, set by Pillow in the DejaVu fonts: the ground truth for reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

FACES = {
    "sans": "DejaVuSans.ttf",
    "serif": "DejaVuSerif.ttf",
    "mono": "DejaVuSansMono.ttf",
    "bold": "DejaVuSans-Bold.ttf",
}
BLACK, WHITE = (0, 0, 0), (255, 255, 255)

Colour = tuple[int, int, int]


@cache
def font(face: str = "sans", size: int = 20) -> ImageFont.FreeTypeFont:
    """A DejaVu font: sans, serif, mono or bold, `size` pixels to the em. From Debian's package or from matplotlib's."""
    folder = Path("/usr/share/fonts/truetype/dejavu")
    if not (folder / FACES[face]).exists():
        import matplotlib

        folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return ImageFont.truetype(folder / FACES[face], size)


@dataclass(frozen=True, eq=False)
class Page:
    """A picture uint8 (H, W, 3) and what stands in it: the lines in reading order, and around the letters of each
    its polygon, float32 (n, 4, 2), from the top left of the letters clockwise."""

    rgb: np.ndarray
    lines: tuple[str, ...]
    polygons: np.ndarray

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def turned(self, quarters: int) -> "Page":
        """The same page, turned by that many quarters clockwise; the polygons turn with their letters."""
        rgb, polygons = self.rgb, self.polygons
        for _ in range(quarters % 4):
            height = rgb.shape[0]
            polygons = np.stack([height - polygons[..., 1], polygons[..., 0]], axis=-1)
            rgb = np.rot90(rgb, -1)
        return Page(np.ascontiguousarray(rgb), self.lines, polygons.astype(np.float32))

    def tilted(self, degrees: float) -> "Page":
        """The same page tilted clockwise by an angle; the picture grows, its corners take the colour of the paper."""
        height, width = self.rgb.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
        cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
        size = round(width * cos + height * sin), round(width * sin + height * cos)
        matrix[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
        paper = tuple(int(level) for level in self.rgb[0, 0])
        rgb = cv2.warpAffine(self.rgb, matrix, size, flags=cv2.INTER_CUBIC, borderValue=paper)
        polygons = self.polygons @ matrix[:, :2].T + matrix[:, 2]
        return Page(rgb, self.lines, polygons.astype(np.float32))


def wrapped(text: str, width: int, face: str = "sans", size: int = 20) -> list[str]:
    """Broken between words into lines of at most `width` pixels."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font(face, size).getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def page(
    *columns: Sequence[str],
    face: str = "sans",
    size: int = 20,
    ink: Colour = BLACK,
    paper: Colour = WHITE,
    leading: float = 1.4,
    margin: int | None = None,
    gutter: int | None = None,
    shape: tuple[int, int] | None = None,
) -> Page:
    """A page of one or several columns of lines, each set as it is; leading blanks indent, empty lines leave a gap.

    `leading` is from line to line, in ems; `margin` (default: one em) and `gutter` (between columns, default: three)
    in pixels; `shape` is (H, W) of the picture, by default as large as needed.
    """
    margin = size if margin is None else margin
    gutter = 3 * size if gutter is None else gutter
    type_ = font(face, size)
    step = round(leading * size)
    placed: list[tuple[float, float, str]] = []
    x = float(margin)
    for lines in columns:
        placed += [(x, margin + step * row, line) for row, line in enumerate(lines) if line.strip()]
        x += max((type_.getlength(line) for line in lines), default=0) + gutter
    needed = 2 * margin + step * max((len(lines) for lines in columns), default=0), round(x - gutter) + margin
    height, width = shape or needed
    picture = Image.new("RGB", (width, height), paper)
    draw = ImageDraw.Draw(picture)
    polygons = np.empty((len(placed), 4, 2), np.float32)
    for index, (left, top, line) in enumerate(placed):
        draw.text((left, top), line, font=type_, fill=ink)
        indent = type_.getlength(line[: len(line) - len(line.lstrip())])
        x0, y0, x1, y1 = draw.textbbox((left + indent, top), line.strip(), font=type_)
        polygons[index] = (x0, y0), (x1, y0), (x1, y1), (x0, y1)
    return Page(np.array(picture), tuple(line.strip() for _, _, line in placed), polygons)
