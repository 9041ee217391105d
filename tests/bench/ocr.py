"""Reading text by PP-OCR: how much of it is right, beside Tesseract and plain rapidocr; how long it takes; memory.

Rendered pages give the character error rate (Levenshtein, runs of blanks as one) and the reading order; real pictures
(shared/data/ocr) the share of words found, as a multiset of case-folded runs of letters and figures. Plain rapidocr is
`RapidOCR()(bgr)`; Tesseract runs with its defaults and with `--psm 1`, and the better of the two counts. The times of
our reader and rapidocr's are taken in turns on one picture. Prints one JSON line per figure.
"""

import argparse
import json
import re
import shutil
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytesseract
from PIL import Image
from rapidocr import RapidOCR

from models.cache import ModelCache
from models.ocr.ppocr import PPOCR
from tests.bench.classifier import take_turns
from tests.bench.figures import percentile
from tests.bench.limits import judged, show
from tests.models.ocr.typeset import Page, page, wrapped

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "ocr"
MOST_ERRORS, MOST_TIMES, MOST_SECONDS = 1.0, 1.3, 6.0
MOST_GROWTH_MB = 400

PROSE = (
    "Printing is a process for mass reproducing text and images using a master form or template. The earliest "
    "non-paper products involving printing include cylinder seals and objects such as the Cyrus Cylinder. The earliest "
    "known form of printing as applied to paper was woodblock printing, which appeared in China before 220 AD."
)
SWEDISH = (
    "Språket på ön är lätt att förstå för den som åker dit på hösten. En biljett kostar 12,50 € eller 145 kr, och "
    "båten går 07:45 från Östra kajen. Ring 08-123 45 67 eller skriv till info@exempel.se. Ägg, mjölk och smör."
)
CODE = """\
def levenshtein(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, last + (x != y))
    return row[-1]
if __name__ == "__main__":
    print(levenshtein("kitten", "sitting"), f"{3.14159:.2f}")""".splitlines()

Read = Callable[[np.ndarray], str]


def levenshtein(a: str, b: str) -> int:
    """The least number of letters to put in, take out or change."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def squashed(text: str) -> str:
    return " ".join(text.split())


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def rendered() -> Iterator[tuple[str, Page]]:
    """(kind, page): 12 px type and larger."""
    for face in ("sans", "serif", "mono", "bold"):
        for size in (12, 14, 16, 20, 28, 48):
            yield "faces and sizes", page(wrapped(PROSE, 30 * size, face, size), face=face, size=size)
    for size in (12, 16, 24):
        yield "åäö and €", page(wrapped(SWEDISH, 40 * size, "sans", size), size=size)
        yield "code", page(CODE, face="mono", size=size)
    for ink, paper in (((212, 212, 212), (30, 30, 30)), ((255, 255, 255), (0, 90, 200))):
        for size in (12, 16):
            yield "dark theme", page(wrapped(PROSE, 640, size=size), size=size, ink=ink, paper=paper)
            yield "dark theme", page(CODE, face="mono", size=size, ink=ink, paper=paper)
    for size in (12, 16):
        yield "light grey", page(wrapped(PROSE, 640, size=size), size=size, ink=(170, 170, 170))
    for degrees in (-5, -2, 2, 5, 10):
        yield "small angles", page(wrapped(PROSE, 640, size=18), size=18).tilted(degrees)
    for quarters in (1, 2, 3):
        yield "turned pages", page(wrapped(PROSE, 640, size=18), size=18).turned(quarters)
    for size in (12, 18):
        for text in ("Save as", "Open the file menu, then click Print", "42", "Cancel"):
            yield "small crops", page([text], size=size, margin=2)
    yield "large", page(wrapped(PROSE * 3, 4800, size=16), size=16, shape=(3500, 5500))


def columns() -> Iterator[Page]:
    for face, size, gutter in (("sans", 14, 40), ("serif", 12, 30), ("serif", 18, 60), ("sans", 24, 50)):
        yield page(*(wrapped(t, 20 * size, face, size) for t in (PROSE, SWEDISH)), face=face, size=size, gutter=gutter)
        yield page(*(wrapped(t, 26 * size, face, size) for t in (SWEDISH, PROSE)), face=face, size=size, gutter=gutter)


def screenshot() -> Page:
    """1920×1080 with 40 lines of 18 px type."""
    lines = wrapped(" ".join([PROSE, SWEDISH] * 16), 1600, size=18)[:40]
    return page(lines, size=18, shape=(1080, 1920), margin=30)


def text_of(model: PPOCR) -> Read:
    return lambda rgb: "\n".join(box.text for box in model.read(rgb).boxes)


def character_errors(read: Read, plain: Read) -> None:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for kind, one in rendered():
        truth = squashed(one.text)
        errors = [levenshtein(truth, squashed(by(one.rgb))) for by in (read, plain)]
        counts[kind] = [a + b for a, b in zip(counts[kind], [len(truth), *errors], strict=True)]
    counts["all"] = [sum(column) for column in zip(*counts.values(), strict=True)]
    for kind, (letters, ours, theirs) in counts.items():
        limit = {"at_most": MOST_ERRORS} if kind == "all" else {}
        rapidocr = round(100 * theirs / letters, 2)
        line = judged("ocr", f"character errors: {kind}", 100 * ours / letters, "%", rapidocr=rapidocr, **limit)
        show(line | {"letters": letters})


def reading_order(model: PPOCR) -> None:
    right = 0
    pages = list(columns())
    for one in pages:
        boxes = model.read(one.rgb).boxes
        nearest = [
            int(np.linalg.norm(one.polygons.mean(axis=1) - box.polygon.mean(axis=0), axis=1).argmin()) for box in boxes
        ]
        right += nearest == list(range(len(one.lines)))
    figure = 100 * right / len(pages)
    show(judged("ocr", "reading order of two columns", figure, "% of pages", at_least=100, pages=len(pages)))


def real_pictures(read: Read, plain: Read) -> None:
    if not FOLDER.is_dir():
        print("SKIPPED: real pictures, because shared/data/ocr is not here", file=sys.stderr)
        return
    readers: dict[str, Read] = {"ours": read, "rapidocr": plain}
    if shutil.which("tesseract"):
        readers["tesseract"] = lambda rgb: str(pytesseract.image_to_string(Image.fromarray(rgb)))
        readers["tesseract_psm1"] = lambda rgb: str(pytesseract.image_to_string(Image.fromarray(rgb), config="--psm 1"))
    else:
        print("SKIPPED: Tesseract's words, because it is not installed", file=sys.stderr)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in json.loads((FOLDER / "ground_truth.json").read_text("utf-8")):
        rgb = np.array(Image.open(FOLDER / entry["image"]).convert("RGB"))
        truth = words(entry["text"])
        counts = {who: (truth & words(by(rgb))).total() for who, by in readers.items()}
        found[entry["kind"]].update(counts | {"all": truth.total()})
        print(json.dumps({"bench": "ocr", "picture": entry["image"], "words": truth.total(), **counts}), flush=True)
    for kind, counts in found.items():
        share = {who: 100 * counts[who] / counts["all"] for who in readers}
        best = max((share[who] for who in share if who.startswith("tesseract")), default=None)
        line = judged(
            "ocr",
            f"words found: {kind}",
            round(share["ours"], 2),
            "%",
            **({} if best is None else {"at_least": round(best, 2)}),
        )
        show(line | {who: round(value, 1) for who, value in share.items()} | {"words": counts["all"]})


def speed(model: PPOCR, rapidocr: RapidOCR, rounds: int) -> None:
    shot = screenshot()
    bgr = np.ascontiguousarray(shot.rgb[:, :, ::-1])
    take_turns({"ours": lambda: model.read(shot.rgb), "rapidocr": lambda: rapidocr(bgr)}, 1)
    spent = take_turns({"ours": lambda: model.read(shot.rgb), "rapidocr": lambda: rapidocr(bgr)}, rounds)
    ours, theirs = (percentile(spent[who], 0.5) for who in ("ours", "rapidocr"))
    assert ours is not None and theirs is not None
    show(judged("ocr", "screenshot of 40 lines", ours, "s", at_most=MOST_SECONDS, rapidocr=round(theirs, 2)))
    # of each round's two, because whatever else the machine does hits both
    ratio = statistics.median(a / b for a, b in zip(spent["ours"], spent["rapidocr"], strict=True))
    show(judged("ocr", "screenshot of 40 lines", ratio, "of rapidocr's time", at_most=MOST_TIMES, rounds=rounds))
    small = shot.rgb[:480, :640]
    frames = take_turns({"live": lambda: model.read(small, thorough=False)}, rounds)["live"]
    show(judged("ocr", "camera frame 640×480", percentile(frames, 0.5), "s"))


def memory(model: PPOCR, pictures: int = 30) -> None:
    """Growth of the process over pictures of very different sizes, each read once; after one of each size."""
    process, sizes = psutil.Process(), [(80, 200), (480, 640), (1080, 1920), (300, 9000), (5000, 8000)]
    shots = [
        page(wrapped(PROSE, width - 40, size=20)[: height // 28], shape=(height, width)) for height, width in sizes
    ]
    grown, before = [], 0
    for number in range(pictures + len(shots)):
        model.read(shots[number % len(shots)].rgb)
        rss = process.memory_info().rss
        before = rss if number == len(shots) - 1 else before
        grown += [rss - before] if number >= len(shots) else []
    about = {"pictures": pictures, "process_mb": round(process.memory_info().rss / 1e6)}
    show(judged("ocr", "growth over pictures of mixed sizes", max(grown) / 1e6, "MB", at_most=MOST_GROWTH_MB, **about))


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["errors", "order", "real", "speed", "memory"])
    options = parser.parse_args(argv)
    before = psutil.Process().memory_info().rss
    model: PPOCR = ModelCache(10**9).get("ppocr")
    loaded = (psutil.Process().memory_info().rss - before) / 1e6
    show(judged("ocr", "memory once loaded", loaded, "MB", nbytes_mb=round(model.nbytes / 1e6)))
    if options.only in (None, "memory"):
        memory(model)  # first: whoever comes later uses the pages that others have left
    rapidocr = RapidOCR(params={"Global.log_level": "critical"})

    def plain(rgb: np.ndarray) -> str:
        return "\n".join(rapidocr(np.ascontiguousarray(rgb[:, :, ::-1])).txts or ())

    if options.only in (None, "errors"):
        character_errors(text_of(model), plain)
    if options.only in (None, "order"):
        reading_order(model)
    if options.only in (None, "speed"):
        speed(model, rapidocr, options.rounds)
    if options.only in (None, "real"):
        real_pictures(text_of(model), plain)


if __name__ == "__main__":
    main(sys.argv[1:])
