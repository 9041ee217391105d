"""Reading bad copies of real pages by PP-OCR, beside plain rapidocr and Tesseract, picture by picture.

Each picture of shared/data/ocr as it is and as a bad copy of every kind in COPIES: paper grain, JPEG, a small receipt
on a large scan, skew, the back page showing through, low contrast. Everything random is seeded by the picture's number
and the kind, so that a run repeats. What counts are words, as in the bench `ocr`; our reader's and rapidocr's times
are taken in turns. The even pictures are those to tune on, the odd ones are `held` out. Prints one JSON line per
picture and figure.
"""

import argparse
import json
import shutil
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytesseract
from PIL import Image
from rapidocr import RapidOCR

from models.cache import ModelCache
from tests.bench.limits import judged, show
from tests.bench.ocr import FOLDER, text_of, words

MAX_BELOW = 1.0  # points of a picture's words that we may find fewer than plain rapidocr
MAX_TIMES = 1.3  # of rapidocr's time
A4_300_DPI = 3508, 2481  # height, width, pixels

Copy = Callable[[np.ndarray, np.random.Generator], np.ndarray]
Read = Callable[[np.ndarray], str]


@dataclass(frozen=True)
class Picture:
    """`rgb` uint8 (H, W, 3); `number` in the order of the truth file; `truth` its words."""

    number: int
    name: str
    rgb: np.ndarray
    truth: Counter[str]


def grainy(rgb: np.ndarray, random: np.random.Generator, strength: float = 4.0) -> np.ndarray:
    """Paper grain and a sensor's noise: blotches of two sizes and single pixels, `strength` levels of 255 together."""
    height, width = rgb.shape[:2]
    noise = random.normal(0, 1, (height, width))
    for size in (3, 9):
        blotches = random.normal(0, 1, (height // size + 2, width // size + 2))
        noise += cv2.resize(blotches, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(rgb * 0.97 + strength / np.sqrt(3) * noise[..., None], 0, 255).astype(np.uint8)


def as_jpeg(rgb: np.ndarray, quality: int) -> np.ndarray:
    """As a JPEG file of that quality gives it back."""
    done, packed = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1]


def on_a4(rgb: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Laid on the glass of an A4 scanner at 300 dpi, twice as large as it is or as fits, with grain, as JPEG."""
    height, width = A4_300_DPI
    scale = min(2.0, 0.95 * height / rgb.shape[0], 0.95 * width / rgb.shape[1])
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=how)
    top, left = (
        random.integers(0, max(1, (size - own) // 2)) for size, own in zip((height, width), small.shape, strict=False)
    )
    sheet = np.full((height, width, 3), 250, np.uint8)
    sheet[top : top + small.shape[0], left : left + small.shape[1]] = small
    return as_jpeg(grainy(sheet, random, random.uniform(3, 6)), int(random.integers(60, 80)))


def skewed(rgb: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Turned by one to three degrees, either way, on white."""
    height, width = rgb.shape[:2]
    degrees = random.choice((-1, 1)) * random.uniform(1, 3)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    margin = int(0.03 * max(height, width))
    matrix[:, 2] += margin
    size = width + 2 * margin, height + 2 * margin
    return cv2.warpAffine(rgb, matrix, size, flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))


def seen_through(rgb: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The page's own print, mirrored and blurred, shows through from the back at a tenth to a fifth of its ink."""
    back = cv2.GaussianBlur(rgb[:, ::-1], (0, 0), 1.2)
    back = np.roll(back, [int(random.integers(5, 40)) for _ in range(2)], axis=(0, 1))
    ink = (255 - back.astype(np.float32)) * random.uniform(0.1, 0.2)
    return np.clip(rgb - ink, 0, 255).astype(np.uint8)


def pale(rgb: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A fifth to a third of its contrast, on grey paper, with a little noise."""
    share, paper = random.uniform(0.2, 0.35), random.uniform(190, 235)
    noise = random.normal(0, 1.5, (*rgb.shape[:2], 1))
    return np.clip(paper - (255 - rgb.astype(np.float32)) * share + noise, 0, 255).astype(np.uint8)


COPIES: dict[str, Copy] = {
    "as it is": lambda rgb, _: rgb,
    "grain": lambda rgb, random: grainy(rgb, random, random.uniform(4, 12)),
    "jpeg": lambda rgb, random: as_jpeg(rgb, int(random.integers(50, 76))),
    "on a large scan": on_a4,
    "skew": skewed,
    "see-through": seen_through,
    "low contrast": pale,
}


def pictures() -> list[Picture]:
    entries = json.loads((FOLDER / "ground_truth.json").read_text("utf-8"))
    return [
        Picture(number, entry["image"], _rgb(FOLDER / entry["image"]), words(entry["text"]))
        for number, entry in enumerate(entries)
    ]


def copies(picture: Picture, kinds: Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
    """The same ones each time, whichever kinds and pictures are asked for."""
    for kind in kinds:
        random = np.random.default_rng([picture.number, zlib.crc32(kind.encode())])
        yield kind, np.ascontiguousarray(COPIES[kind](picture.rgb, random))


def _rgb(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.array(image.convert("RGB"))


def measure(readers: dict[str, Read], chosen: Sequence[Picture], kinds: Sequence[str]) -> None:
    """One line per picture; then all of a kind together, and all held out."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    seconds: dict[str, Counter[str]] = defaultdict(Counter)
    below = []
    for picture in chosen:
        for kind, rgb in copies(picture, kinds):
            counts, spent = Counter(words=picture.truth.total()), Counter[str]()
            for who, read in readers.items():
                began = time.perf_counter()
                counts[who] = (picture.truth & words(read(rgb))).total()
                spent[who] = time.perf_counter() - began
            points = 100 * (counts["ours"] - counts["rapidocr"]) / counts["words"]
            half = "held out" if picture.number % 2 else "tuned on"
            if points < -MAX_BELOW:
                below.append(half)
            for group in (kind, half, "all"):
                sums[group].update(counts)
                seconds[group].update(spent)
            about = {who: round(s, 2) for who, s in spent.items()}
            line = {"bench": "scans", "picture": picture.name, "copy": kind, "half": half, **counts, "seconds": about}
            print(json.dumps(line | {"points": round(points, 2)}), flush=True)
    for group, counts in sums.items():
        shares = {who: round(100 * counts[who] / counts["words"], 2) for who in readers}
        figure = judged("scans", f"words found: {group}", shares["ours"], "%", at_least=shares["rapidocr"], **shares)
        show(figure | {"words": counts["words"]})
        times = seconds[group]["ours"] / seconds[group]["rapidocr"]
        show(judged("scans", f"time: {group}", times, "of rapidocr's time", at_most=MAX_TIMES))
    for half in ("tuned on", "held out"):
        show(judged("scans", f"more than a point below: {half}", below.count(half), "pictures", at_most=0))


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="four pictures only, without Tesseract")
    parser.add_argument("--pictures", nargs="+", default=[], help="parts of the file names; all by default")
    parser.add_argument("--copies", nargs="+", choices=list(COPIES), default=list(COPIES))
    parser.add_argument("--without-tesseract", action="store_true")
    options = parser.parse_args(argv)
    if not FOLDER.is_dir():
        print("SKIPPED: bad copies of real pages, because shared/data/ocr is not here", file=sys.stderr)
        return
    rapidocr = RapidOCR(params={"Global.log_level": "critical"})
    readers: dict[str, Read] = {
        "ours": text_of(ModelCache(10**9).get("ppocr")),
        "rapidocr": lambda rgb: "\n".join(rapidocr(np.ascontiguousarray(rgb[:, :, ::-1])).txts or ()),
    }
    for read in readers.values():
        read(np.full((64, 64, 3), 255, np.uint8))  # what is loaded at the first picture does not count
    if not shutil.which("tesseract"):
        print("SKIPPED: Tesseract's words, because it is not installed", file=sys.stderr)
    elif not (options.small or options.without_tesseract):
        readers["tesseract"] = lambda rgb: str(pytesseract.image_to_string(Image.fromarray(rgb)))
    named = [p for p in pictures() if not options.pictures or any(part in p.name for part in options.pictures)]
    measure(readers, named[:16:4] if options.small else named, options.copies)


if __name__ == "__main__":
    main(sys.argv[1:])
