"""Lines are found at every size of picture, each once, and in the picture's own pixels."""

import numpy as np
import pytest
from shapely.geometry import Polygon

from models.errors import Cancelled
from models.ocr.lines.detection import MAX_PASS_PIXELS, TextFinder, edge_colour
from tests.models.ocr.typeset import Page, page, wrapped

WORDS = "the quick brown fox jumps over the lazy dog "


def covered(given: Page, polygons: np.ndarray) -> list[float]:
    """The part of each line that the best of the polygons covers."""
    return [
        max((one.intersection(other).area / one.area for other in map(Polygon, polygons)), default=0.0)
        for one in map(Polygon, given.polygons)
    ]


@pytest.mark.parametrize(
    "given",
    [
        page(["Save"], size=11, margin=1),
        page(wrapped(WORDS * 3, 500, size=14), size=14),
        page([WORDS * 2], size=14, shape=(1600, 2400)),
        page(["From the photo"], size=20, shape=(1200, 1600)),
        page([WORDS], size=60, shape=(1600, 2400)),
        page(["Hello"], size=500, shape=(1600, 2400)),
        page([WORDS * 9], size=20, shape=(120, 5000)),
        page([WORDS], size=20).turned(1),
        page([WORDS], size=20).tilted(12),
    ],
    ids=["tiny", "paragraph", "small on large", "alone", "large on large", "huge", "strip", "on end", "tilted"],
)
def test_every_line_is_found_once_and_whole(finder: TextFinder, given: Page) -> None:
    found = finder.find(given.rgb)
    assert len(found.polygons) == len(found.scores) == len(given.lines)
    assert min(covered(given, found.polygons)) > 0.9


def test_a_dense_table_is_not_taken_for_large_letters(finder: TextFinder) -> None:
    figures = [[f"{row * 37 % 1000},{row * 91 % 1000:03}" for row in range(column, column + 36)] for column in range(9)]
    given = page(*figures, size=20, leading=1.5, gutter=50)
    found = finder.find(given.rgb)
    assert len(found.polygons) == len(given.lines) == 324
    assert min(covered(given, found.polygons)) > 0.8


def test_heat_covers_the_whole_picture_and_stays_small(finder: TextFinder) -> None:
    given = page([WORDS], size=40, shape=(2000, 3000))
    heat = finder.find(given.rgb).heat
    assert heat.shape[1] / heat.shape[0] == pytest.approx(1.5, rel=0.01)
    assert heat.size <= 2_000_000 * 1.01
    y, x = np.unravel_index(heat.argmax(), heat.shape)
    scale = 3000 / heat.shape[1]
    left, top, right, bottom = *given.polygons[0].min(axis=0), *given.polygons[0].max(axis=0)
    assert left <= x * scale <= right and top <= y * scale <= bottom


def test_a_cameras_frame_takes_one_pass(finder: TextFinder) -> None:
    passes: list[None] = []
    given = page([WORDS], size=60, shape=(2000, 3000))
    assert given.rgb.shape[0] * given.rgb.shape[1] > MAX_PASS_PIXELS
    found = finder.find(given.rgb, thorough=False, check=lambda: passes.append(None))
    assert len(passes) == 1 and min(covered(given, found.polygons)) > 0.9


@pytest.mark.parametrize(
    ("rgb", "searches"),
    [
        (np.random.default_rng(0).integers(0, 255, (900, 1200, 3), np.uint8), 1),
        (page(["From the photo"], size=20, shape=(1200, 1600)).rgb, 2),
    ],
    ids=["a photograph", "a line alone"],
)
def test_where_nothing_was_found_only_a_small_part_with_ink_is_searched_again(
    finder: TextFinder, monkeypatch: pytest.MonkeyPatch, rgb: np.ndarray, searches: int
) -> None:
    searched = []

    def finds_nothing(self: TextFinder, part: np.ndarray, *how: object) -> tuple[np.ndarray, ...]:
        searched.append(part.size)
        return np.zeros(part.shape[:2], np.uint8), np.zeros((0, 4, 2), np.float32), np.zeros(0)

    monkeypatch.setattr(TextFinder, "_search", finds_nothing)
    assert len(finder.find(rgb).polygons) == 0 and len(searched) == searches and searched[-1] <= searched[0]


def test_what_check_raises_ends_the_search(finder: TextFinder) -> None:
    passes: list[None] = []

    def check() -> None:
        passes.append(None)
        if len(passes) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        finder.find(page([WORDS], size=20, shape=(2000, 3000)).rgb, check=check)
    assert len(passes) == 2


def test_the_edge_colour_is_that_of_most_of_the_edge() -> None:
    rgb = np.full((9, 9, 3), (10, 20, 30), np.uint8)
    rgb[1:8, 1:8] = rgb[0, :3] = 200
    assert edge_colour(rgb) == (10, 20, 30)


def test_a_line_is_found_that_print_from_the_back_of_the_page_touches(monkeypatch: pytest.MonkeyPatch) -> None:
    def network(stage: None, batch: np.ndarray) -> np.ndarray:
        """Sure of a line, and half sure of three lines that show through below it and touch it."""
        heat = np.zeros((1, 1, *batch.shape[2:]), np.float32)
        if batch.shape[2] > 800:  # not in the pass for large letters
            heat[..., 200:220, 100:700], heat[..., 220:300, 100:700] = 1.0, 0.35
        return heat

    monkeypatch.setattr("models.ocr.lines.detection.run", network)
    paper = np.random.default_rng(0).integers(0, 255, (800, 800, 3), np.uint8)
    (polygon,) = TextFinder(None).find(paper).polygons  # type: ignore[arg-type]  # no network is needed
    assert polygon[:, 1].min() > 150 and polygon[:, 1].max() < 250 and np.ptp(polygon[:, 0]) > 550
